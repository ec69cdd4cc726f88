"""What is known and accepted now, of the households that a viewer may see."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from alert_sinks.work_orders.tables import Suppression, WorkOrder

from .access import Viewer


def holding(session: Session, viewer: Viewer, now: int) -> Sequence[Suppression]:
    """The suppressions that hold, the next to end first."""
    seen = sa.select(WorkOrder.household_id).where(viewer.condition())
    wanted = sa.select(Suppression).where(
        Suppression.lifted_at.is_(None), Suppression.until > now, Suppression.household_id.in_(seen)
    )
    return session.scalars(wanted.order_by(Suppression.until)).all()
