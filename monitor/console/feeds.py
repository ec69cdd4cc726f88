"""The page of feeds: how each one comes in, and what the alerts about them say of each division."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from alert_sinks.work_orders.tables import StoredAlert
from detectors.alerts import Alert, Text
from detectors.alerts import decode as decode_alert


@dataclass(frozen=True)
class FeedAlert:
    """An alert about a feed of a division."""

    stored: StoredAlert
    alert: Alert

    @property
    def is_over(self) -> bool:
        """A burst has come and gone; a silence or a shift says when it ended."""
        return not self.stored.stands or self.alert.source == "feed-burst" or "until" in self.alert.evidence


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


def in_doubt(alerts: Sequence[FeedAlert]) -> Mapping[tuple[str, str | None], Sequence[Text]]:
    """The titles of the alerts that are not over by feed and division; those of a whole feed have the division None."""
    found: dict[tuple[str, str | None], list[Text]] = {}
    for one in alerts:
        if not one.is_over:
            for place in ((feed, division) for feed in one.stored.feeds for division in (one.stored.region, None)):
                titles = found.setdefault(place, [])
                if one.alert.title not in titles:
                    titles.append(one.alert.title)
    return found
