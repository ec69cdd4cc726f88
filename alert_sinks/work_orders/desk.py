"""The desk: where alerts come in and officers take orders up, over one database and one routing."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.exc import DataError, IntegrityError, StatementError

from alert_sinks.database import Database
from alert_sinks.routing import Routing
from detectors.alerts import Alert

from .attaching import Attached, attach_batch
from .case import Case, take_up

MOST_AT_ONCE = 1000


@dataclass(frozen=True)
class Desk:
    """Work orders in a database. What is away (OperationalError) leaves every method; nothing is done by halves."""

    database: Database
    routing: Routing

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
            yield take_up(session, self.routing, order_id, version=version, actor=actor, now=now)

    def _attach_together(self, alerts: Sequence[Alert], now: int) -> list[Attached]:
        with self.database.writing() as session:
            return attach_batch(session, alerts, self.routing, now)

    def _attach_alone(self, alert: Alert, now: int) -> Attached:
        try:
            return self._attach_together([alert], now)[0]
        except (ValueError, DataError, IntegrityError) as error:
            reason = type(error.orig).__name__ if isinstance(error, StatementError) else str(error)
            return Attached(alert_id=alert.alert_id, revision=alert.revision, effect="refused", reason=reason)
