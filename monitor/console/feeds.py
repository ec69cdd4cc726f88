"""The page of feeds: how each one comes in, and what the alerts about them say of each division."""

from collections.abc import Mapping, Sequence
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


def divisions_in_doubt(alerts: Sequence[FeedAlert]) -> Mapping[str, Sequence[str]]:
    """By feed, the divisions that a standing alert is about."""
    found: dict[str, set[str]] = {}
    for one in alerts:
        if one.stored.stands:
            for feed in one.stored.feeds:
                found.setdefault(feed, set()).add(one.stored.region)
    return {feed: sorted(regions) for feed, regions in found.items()}
