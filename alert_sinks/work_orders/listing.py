"""Work orders as other programs read them (contract.md §7), and their counts for the metrics."""

from collections.abc import Iterator

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from streams.moments import iso

from .steps import STATES
from .tables import StoredAlert, WorkOrder

_CHUNK = 500


class ListedOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A work order with the ids of its alerts, sorted. Times are ISO 8601 text."""

    order_id: str
    household_id: str
    region: str
    state: str
    outcome: str | None
    opened_at: str
    due_at: str
    alerts: tuple[str, ...]


def list_orders(session: Session, state: str | None = None) -> Iterator[ListedOrder]:
    """The orders in the order of their opening, in memory that does not grow with their number."""
    last = 0
    while True:
        wanted = sa.select(WorkOrder).where(WorkOrder.id > last).order_by(WorkOrder.id).limit(_CHUNK)
        if state is not None:
            wanted = wanted.where(WorkOrder.state == state)
        orders = session.scalars(wanted).all()
        if not orders:
            return
        ids: dict[int, list[str]] = {order.id: [] for order in orders}
        held = sa.select(StoredAlert.order_id, StoredAlert.alert_id).where(StoredAlert.order_id.in_(ids))
        for order_id, alert_id in session.execute(held):
            if order_id is not None:
                ids[order_id].append(alert_id)
        for order in orders:
            yield _listed(order, ids[order.id])
        last = orders[-1].id
        session.expunge_all()


def count_by_state(session: Session) -> dict[str, int]:
    """How many orders are in each state; every state is named."""
    counted = sa.select(WorkOrder.state, sa.func.count()).group_by(WorkOrder.state)
    counts = dict.fromkeys(STATES, 0)
    for state, count in session.execute(counted):
        counts[state] = count
    return counts


def count_overdue(session: Session, now: int) -> int:
    """How many open orders that call for action are past their due date."""
    late = sa.select(sa.func.count()).where(
        WorkOrder.state != "closed", WorkOrder.due_at < now, WorkOrder.quiet_until <= now
    )
    return session.scalar(late) or 0


def oldest_open(session: Session) -> int | None:
    """The instant at which the oldest open order was opened; None where none is open."""
    return session.scalar(sa.select(sa.func.min(WorkOrder.opened_at)).where(WorkOrder.state != "closed"))


def _listed(order: WorkOrder, alerts: list[str]) -> ListedOrder:
    return ListedOrder(
        order_id=order.order_id,
        household_id=order.household_id,
        region=order.region,
        state=order.state,
        outcome=order.outcome,
        opened_at=iso(order.opened_at),
        due_at=iso(order.due_at),
        alerts=tuple(sorted(alerts)),
    )
