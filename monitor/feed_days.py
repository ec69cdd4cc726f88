"""What came in each feed from each division on each day, kept in the database: the workers add to it, the console's
page reads it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from alert_sinks.database import Base
from streams.feeds import FEEDS
from streams.moments import day_of

WINDOW = 14
"""Days before the present one that the page looks back on."""


class FeedDay(Base):
    """Records of a feed that were read on a day, or those of them refused for a reason (`reason` "" is all of them).

    `division` is the first six digits of the region that they name, "" where they name none. `day` is that of the
    worker's clock; `newest` is Kafka's latest timestamp, an instant, 0 for a reason's row.
    """

    __tablename__ = "feed_days"

    feed: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    division: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    day: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=False)
    reason: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    records: Mapped[int] = mapped_column(sa.BigInteger)
    newest: Mapped[int] = mapped_column(sa.BigInteger)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A feed, or one division of it, over the window and today. `newest` is its last record ever, None where none is
    known; `days` are the records of each day, today last, None where nothing was read.

    `unknown` are runs of days, first and last, on which nothing was read: of those nothing can be said. Today is not
    among them: it is not over.
    """

    division: str
    newest: int | None
    days: Sequence[int | None]
    refused: Mapping[str, int]
    unknown: Sequence[tuple[int, int]]

    @property
    def records(self) -> int:
        return sum(count or 0 for count in self.days)

    @property
    def days_with_records(self) -> int:
        """Full days, so today is not counted."""
        return sum(count is not None for count in self.days[:-1])

    @property
    def usual(self) -> float | None:
        """The rhythm: the median of the full days on which something came."""
        came = [count for count in self.days[:-1] if count]
        return median(came) if came else None


@dataclass(frozen=True, kw_only=True)
class FeedStanding:
    """A feed as a whole, and by division."""

    feed: str
    whole: Standing
    divisions: Sequence[Standing]


def add(
    session: Session, counts: Mapping[tuple[str, str, str], int], newest: Mapping[tuple[str, str], int], day: int
) -> None:
    """Add counts by feed, division and reason to a day.

    Two workers may both begin a day: one then fails with an IntegrityError, and has to add its counts again.
    """
    # In one order, so that two workers wait for each other instead of both.
    for (feed, division, reason), count in sorted(counts.items()):
        latest = 0 if reason else newest.get((feed, division), 0)
        row = session.get(FeedDay, (feed, division, day, reason), with_for_update=True)
        if row is None:
            session.add(FeedDay(feed=feed, division=division, day=day, reason=reason, records=count, newest=latest))
        else:
            row.records += count
            row.newest = max(row.newest, latest)


def standings(session: Session, now: int) -> list[FeedStanding]:
    """Every feed that there is, in the contract's order, with the divisions from which anything ever came."""
    today = day_of(now)
    last = (
        sa.select(FeedDay.feed, FeedDay.division, sa.func.max(FeedDay.newest))
        .where(FeedDay.reason == "")
        .group_by(FeedDay.feed, FeedDay.division)
    )
    newest: dict[str, dict[str, int]] = defaultdict(dict)
    for feed, division, at in session.execute(last):
        newest[feed][division] = at
    rows: dict[str, list[FeedDay]] = defaultdict(list)
    for row in session.scalars(sa.select(FeedDay).where(FeedDay.day >= today - WINDOW)):
        rows[row.feed].append(row)
    return [
        FeedStanding(
            feed=feed,
            whole=_standing("", newest[feed].values(), rows[feed], today),
            divisions=[
                _standing(division, [at], [row for row in rows[feed] if row.division == division], today)
                for division, at in sorted(newest[feed].items())
            ],
        )
        for feed in FEEDS
    ]


def _standing(division: str, newest: Iterable[int], rows: Sequence[FeedDay], today: int) -> Standing:
    refused: dict[str, int] = defaultdict(int)
    read: dict[int, int] = defaultdict(int)
    for row in rows:
        if row.reason:
            refused[row.reason] += row.records
        else:
            read[row.day] += row.records
    window = range(today - WINDOW, today + 1)
    return Standing(
        division=division,
        newest=max(newest, default=None),
        days=[read.get(day) for day in window],
        refused=dict(sorted(refused.items())),
        unknown=_runs([day for day in window[:-1] if day not in read]),
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
