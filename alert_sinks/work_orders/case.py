"""A case: an order in an officer's hands, locked, and of the version that the officer saw."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from alert_sinks.routing import Routing

from .attaching import lock_households
from .errors import ConflictError, UnknownOrderError
from .standing import settle
from .suppressed import suppressed_until
from .tables import Evidence, OrderEvent, StoredAlert, WorkOrder


@dataclass
class Case:
    """What the steps of one officer at one moment work on. `actor` is the officer's account name."""

    session: Session
    routing: Routing
    order: WorkOrder
    actor: str
    now: int

    @property
    def alerts(self) -> Sequence[StoredAlert]:
        """The order's alerts."""
        return self.session.scalars(sa.select(StoredAlert).where(StoredAlert.order_id == self.order.id)).all()

    @property
    def evidence(self) -> Sequence[Evidence]:
        """What officers attached."""
        return self.session.scalars(sa.select(Evidence).where(Evidence.order_id == self.order.id)).all()

    @property
    def objection_days(self) -> int:
        """How long the applicant may object at the order's centre."""
        centre = self.routing.centres.get(self.order.centre)
        return (
            centre.objection_days
            if centre is not None
            else max(c.objection_days for c in self.routing.centres.values())
        )

    def record(self, kind: str, note: str = "", /, **data: Any) -> None:
        """Add an event to the order's history; the order gets a new version."""
        self.order.version += 1
        if self.order.first_step_at is None:
            self.order.first_step_at = self.now
        self.session.add(
            OrderEvent(
                order_id=self.order.id,
                version=self.order.version,
                at=self.now,
                actor=self.actor,
                kind=kind,
                note=note,
                data=data,
            )
        )

    def settle(self) -> None:
        """Work out anew what follows from the order's alerts."""
        suppressed = suppressed_until(self.session, [self.order.household_id], self.now)
        settle(self.order, self.alerts, self.routing, suppressed)


def take_up(session: Session, routing: Routing, order_id: int, *, version: int, actor: str, now: int) -> Case:
    """Lock an order for a step. Raises UnknownOrderError, and ConflictError if it is no longer the `version` seen."""
    household_id = session.scalar(sa.select(WorkOrder.household_id).where(WorkOrder.id == order_id))
    if household_id is None:
        raise UnknownOrderError(order_id)
    lock_households(session, [household_id])
    order = session.get_one(WorkOrder, order_id, populate_existing=True)
    if order.version != version:
        raise ConflictError(version, order.version)
    return Case(session, routing, order, actor, now)
