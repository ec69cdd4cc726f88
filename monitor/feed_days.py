"""What came in each feed on each day, kept in the database: the workers add to it, the console's page reads it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from alert_sinks.database import Base
from streams.feeds import FEEDS
from streams.moments import day_of

WINDOW = 14
"""Days before the present one that the page looks back on."""


class FeedDay(Base):
    """Records of a feed that were read on a day, or those of them refused for a reason (`reason` "" is all of them).

    `day` is that of the worker's clock; `newest` is Kafka's latest timestamp, an instant, 0 for a reason's row.
    """

    __tablename__ = "feed_days"

    feed: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    day: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=False)
    reason: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    records: Mapped[int] = mapped_column(sa.BigInteger)
    newest: Mapped[int] = mapped_column(sa.BigInteger)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A feed over the window and today. `newest` is its last record ever, None where none is known.

    `unknown` are runs of days, first and last, on which nothing was read: of those nothing can be said. Today is not
    among them: it is not over.
    """

    feed: str
    newest: int | None
    records: int
    refused: Mapping[str, int]
    days_with_records: int
    unknown: Sequence[tuple[int, int]]


def add(session: Session, counts: Mapping[tuple[str, str], int], newest: Mapping[str, int], day: int) -> None:
    """Add counts by feed and reason to a day.

    Two workers may both begin a day: one then fails with an IntegrityError, and has to add its counts again.
    """
    # In one order, so that two workers wait for each other instead of both.
    for (feed, reason), count in sorted(counts.items()):
        latest = 0 if reason else newest.get(feed, 0)
        row = session.get(FeedDay, (feed, day, reason), with_for_update=True)
        if row is None:
            session.add(FeedDay(feed=feed, day=day, reason=reason, records=count, newest=latest))
        else:
            row.records += count
            row.newest = max(row.newest, latest)


def standings(session: Session, now: int) -> list[Standing]:
    """Every feed that there is, in the contract's order."""
    today = day_of(now)
    last = sa.select(FeedDay.feed, sa.func.max(FeedDay.newest)).where(FeedDay.reason == "").group_by(FeedDay.feed)
    newest = dict(session.execute(last).all())
    rows: dict[str, list[FeedDay]] = defaultdict(list)
    for row in session.scalars(sa.select(FeedDay).where(FeedDay.day >= today - WINDOW).order_by(FeedDay.day)):
        rows[row.feed].append(row)
    return [_standing(feed, newest.get(feed), rows[feed], today) for feed in FEEDS]


def _standing(feed: str, newest: int | None, rows: Sequence[FeedDay], today: int) -> Standing:
    refused: dict[str, int] = defaultdict(int)
    for row in rows:
        if row.reason:
            refused[row.reason] += row.records
    read = [row for row in rows if not row.reason]
    days = {row.day for row in read}
    return Standing(
        feed=feed,
        newest=newest,
        records=sum(row.records for row in read),
        refused=dict(sorted(refused.items())),
        days_with_records=len(days - {today}),
        unknown=_runs([day for day in range(today - WINDOW, today) if day not in days]),
    )


def _runs(days: Sequence[int]) -> list[tuple[int, int]]:
    """Ascending days as runs of days that follow each other."""
    runs: list[tuple[int, int]] = []
    for day in days:
        if runs and runs[-1][1] == day - 1:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return runs
