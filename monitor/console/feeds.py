"""The page of feeds: what is known of each feed and division from the alerts about them."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from alert_sinks.work_orders.tables import StoredAlert
from detectors.alerts import Alert
from detectors.alerts import decode as decode_alert


@dataclass(frozen=True)
class FeedAlert:
    """An alert about a feed of a division."""

    stored: StoredAlert
    alert: Alert


def feed_alerts(session: Session, limit: int = 200) -> Sequence[FeedAlert]:
    """The alerts about feeds: standing ones first, then the newest."""
    rows = session.scalars(
        sa.select(StoredAlert)
        .options(undefer(StoredAlert.content))
        .where(StoredAlert.household_id.is_(None))
        .order_by(StoredAlert.status, StoredAlert.occurred_at.desc())
        .limit(limit)
    )
    return [FeedAlert(row, decode_alert(row.content)) for row in rows]
