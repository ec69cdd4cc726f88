"""The figures of the work orders: the same from every process, for they come from the database."""

from collections.abc import Mapping
from importlib.metadata import version

from prometheus_client import CollectorRegistry, Gauge
from sqlalchemy.orm import Session

from alert_sinks.work_orders.listing import count_by_state, count_overdue, oldest_open
from alert_sinks.work_orders.steps import STATES
from streams.moments import SECOND


class OrderMetrics:
    """Orders by state, overdue ones, the oldest; and the version that runs."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._orders = Gauge("monitor_work_orders", "Work orders by state", ["state"], registry=registry)
        self._overdue = Gauge("monitor_work_orders_overdue", "Open work orders past their due date", registry=registry)
        self._oldest = Gauge(
            "monitor_oldest_open_order_timestamp_seconds",
            "When the oldest open order was opened; 0: none is open",
            registry=registry,
        )
        build = Gauge("monitor_build_info", "The version that runs", ["version"], registry=registry)
        build.labels(version("safety-net-monitor")).set(1)

    def read(self, session: Session, now: int) -> None:
        """Ask the database; `now` is the present instant. Raises SQLAlchemy's errors where it is away."""
        self.show(count_by_state(session), count_overdue(session, now), oldest_open(session))

    def show(self, by_state: Mapping[str, int], overdue: int, oldest: int | None) -> None:
        """Show what the database says."""
        for state in {*STATES, *by_state}:
            self._orders.labels(state).set(by_state.get(state, 0))
        self._overdue.set(overdue)
        self._oldest.set((oldest or 0) / SECOND)
