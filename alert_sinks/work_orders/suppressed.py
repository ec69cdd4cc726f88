"""Which suppressions hold."""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from .tables import Suppression


def suppressed_until(session: Session, household_ids: Iterable[str], now: int) -> dict[tuple[str, str], int]:
    """By household and source, until when its alerts are accepted; only what holds now."""
    holding = sa.select(Suppression.household_id, Suppression.source, sa.func.max(Suppression.until)).where(
        Suppression.household_id.in_(list(household_ids)), Suppression.until > now, Suppression.lifted_at.is_(None)
    )
    rows = session.execute(holding.group_by(Suppression.household_id, Suppression.source))
    return {(household_id, source): until for household_id, source, until in rows}
