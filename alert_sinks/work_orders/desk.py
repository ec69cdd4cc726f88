"""The desk: where alerts come in and officers take orders up, over one database and one routing."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy.exc import DataError, IntegrityError, StatementError

from alert_sinks.centres import CurrentRouting
from alert_sinks.database import Database
from alert_sinks.routing import Routing
from detectors.alerts import Alert

from .attaching import Attached, attach_batch
from .case import Case, take_up
from .rerouting import reroute

MOST_AT_ONCE = 1000
REROUTED_AT_ONCE = 200


class Desk:
    """Work orders in a database, routed as `filed` says until an administrator changes it.

    What is away (OperationalError) leaves every method; nothing is done by halves.
    """

    def __init__(self, database: Database, filed: Routing) -> None:
        self.database = database
        self.current = CurrentRouting(filed)

    @property
    def routing(self) -> Routing:
        """The routing in force, as it was when somebody last looked."""
        return self.current.latest

    def attach(self, alerts: Sequence[Alert], now: int) -> list[Attached]:
        """Attach alerts in order, in transactions of up to a thousand; what came before changes nothing.

        Where a batch holds an alert that cannot be stored, its alerts are attached one by one and that one is
        `refused`, with the reason.
        """
        done: list[Attached] = []
        for start in range(0, len(alerts), MOST_AT_ONCE):
            batch = alerts[start : start + MOST_AT_ONCE]
            try:
                done += self._attach_together(batch, now)
            except (ValueError, DataError, IntegrityError):
                for alert in batch:
                    done.append(self._attach_alone(alert, now))
        return done

    @contextmanager
    def case(self, order_id: int, *, version: int, actor: str, now: int) -> Iterator[Case]:
        """An order for an officer's steps; they are all saved at the end, or none of them."""
        with self.database.writing() as session:
            routing = self.current.of(session)
            yield take_up(session, routing, order_id, version=version, actor=actor, now=now)

    def reroute(self, actor: str, now: int) -> None:
        """Let orders that nobody has taken go where the routing in force sends them."""
        after: int | None = 0
        while after is not None:
            with self.database.writing() as session:
                routing = self.current.of(session)
                after = reroute(session, routing, after, REROUTED_AT_ONCE, actor=actor, now=now)

    def _attach_together(self, alerts: Sequence[Alert], now: int) -> list[Attached]:
        with self.database.writing() as session:
            return attach_batch(session, alerts, self.current.of(session), now)

    def _attach_alone(self, alert: Alert, now: int) -> Attached:
        try:
            return self._attach_together([alert], now)[0]
        except (ValueError, DataError, IntegrityError) as error:
            reason = type(error.orig).__name__ if isinstance(error, StatementError) else str(error)
            return Attached(alert_id=alert.alert_id, revision=alert.revision, effect="refused", reason=reason)
