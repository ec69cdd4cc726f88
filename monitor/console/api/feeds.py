"""How the feeds come in, and what the alerts about them say."""

import json
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from monitor import feed_days
from streams.moments import date_of, iso

from ..feeds import feed_alerts
from .tokens import Program, require

router = APIRouter()


class Days(BaseModel):
    """A run of days, both included, as ISO dates."""

    first: str
    last: str


class Standing(BaseModel):
    """How something came in over the last days and today. Of the days in `unknown` nothing was read: they say
    nothing. `usual` is the median of the days on which something came."""

    last_record_at: str | None
    records: int
    usual: float | None
    refused: dict[str, int]
    days_with_records: int
    unknown: list[Days]


class DivisionStanding(Standing):
    """One division of a feed, by six digits; empty for records that name none."""

    division: str


class FeedStanding(Standing):
    """A feed as a whole and by division."""

    feed: str
    divisions: list[DivisionStanding]


@router.get("/feeds")
def how_feeds_come_in(visit: Program) -> list[FeedStanding]:
    """How each feed came in over the last fourteen days and today."""
    require(visit, "feeds:read")
    visit.require("feeds")
    with visit.console.desk.database.reading() as session:
        return [
            FeedStanding(
                feed=standing.feed,
                divisions=[DivisionStanding(division=one.division, **_fields(one)) for one in standing.divisions],
                **_fields(standing.whole),
            )
            for standing in feed_days.standings(session, visit.now)
        ]


@router.get("/feeds/alerts")
def alerts_about_feeds(visit: Program) -> list[dict[str, Any]]:
    """Alerts about feeds, standing ones first."""
    require(visit, "feeds:read")
    visit.require("feeds")
    with visit.console.desk.database.reading() as session:
        return [json.loads(found.stored.content) for found in feed_alerts(session)]


def _fields(one: feed_days.Standing) -> dict[str, Any]:
    return {
        "last_record_at": iso(one.newest) if one.newest else None,
        "records": one.records,
        "usual": one.usual,
        "refused": dict(one.refused),
        "days_with_records": one.days_with_records,
        "unknown": [Days(first=str(date_of(first)), last=str(date_of(last))) for first, last in one.unknown],
    }
