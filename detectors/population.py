"""What the detectors know of a county: its peer groups, calibration windows, and when to look for stopped pay."""

from collections.abc import Iterable

import msgspec

from detectors.calibration import Budget, Window
from detectors.doubts import Doubts
from detectors.peers import Movement
from detectors.progress import CellProgress
from streams.moments import date_of, day_of, month_start

VERSION = 2
WAGES = ("social-insurance", "housing-fund", "taxes")
"""The feeds in which wages show."""
_SEASONS_KEPT = 5
_LAGS = 62
_LAG_SHARE = 0.95


class Population(msgspec.Struct, array_like=True):
    """A county's models. The host saves it with the offset up to which it has learned."""

    version: int = VERSION
    movement: dict[str, Movement] = {}
    windows: dict[str, Window] = {}
    """By detector and peer group."""
    seasons: dict[str, dict[int, Window]] = {}
    """By feed and direction, the scores of each period's steps."""
    budgets: dict[str, Budget] = {}
    household_months: dict[int, int] = {}
    progress: dict[str, int] = {}
    lags: dict[str, list[int]] = {}
    """By wage feed, how many days after a period's end its records were reported."""
    began: dict[str, int] = {}
    """The month in which a feed first reported something about a followed person."""
    paid: dict[int, int] = {}
    """Persons with a wage in each period, and how many of them had another within three periods."""
    went_on: dict[int, int] = {}
    due: dict[int, dict[str, None]] = {}
    """By the period whose absence would be the third, the households to look at."""
    unknown: dict[str, int] = {}
    """By detector, how often too little was known to judge."""
    reached: dict[str, CellProgress] = {}
    """By wage feed, the latest days that its records have reached."""
    doubts: Doubts = msgspec.field(default_factory=Doubts)
    """Feeds in doubt. They are every county's, and so kept by the host, not with the county."""

    def encode(self) -> bytes:
        """The county as bytes; the same content gives the same bytes."""
        return _encode(msgspec.structs.replace(self, doubts=Doubts()))

    @classmethod
    def decode(cls, packed: bytes | None, doubts: Doubts | None = None) -> "Population":
        """The county of these bytes; a new one for none and for another version, which is learned anew."""
        found = _decode(packed) if packed and packed[0] in (0x9C, 0x9D, 0x9E, 0x9F) and packed[1] == VERSION else cls()
        if doubts is not None:
            found.doubts = doubts
        return found

    def window(self, name: str) -> Window:
        """The calibration window of a peer group."""
        found = self.windows.get(name)
        if found is None:
            found = self.windows[name] = Window()
        return found

    def season(self, name: str, period: int) -> Window:
        """The window of one period; only the latest few are kept."""
        windows = self.seasons.setdefault(name, {})
        found = windows.get(period)
        if found is None:
            found = windows[period] = Window()
            while len(windows) > _SEASONS_KEPT:
                del windows[min(windows)]
        return found

    def share_in_other_seasons(self, name: str, period: int, score: float) -> float:
        """The share of such scores in the kept periods but this one."""
        others = [window for at, window in self.seasons.get(name, {}).items() if at != period]
        total = sum(window.total for window in others)
        return sum(window.above(score) for window in others) / total if total else 0.0

    def budget(self, source: str) -> Budget:
        """What a detector has spent and over how many household-months."""
        found = self.budgets.get(source)
        if found is None:
            found = self.budgets[source] = Budget()
        return found

    def moved(self, feed: str) -> Movement:
        """The peers' movement in a feed."""
        found = self.movement.get(feed)
        if found is None:
            found = self.movement[feed] = Movement()
        return found

    def count_household(self, month: int) -> None:
        """One household more was seen in this month."""
        self.household_months[month] = self.household_months.get(month, 0) + 1
        for budget in self.budgets.values():
            budget.household_months += 1

    def note_reached(self, feed: str, marks: Iterable[tuple[int, int]]) -> int | None:
        """Records of a wage feed have reached these days, each with what tells it from others.

        Gives the day that enough of them have reached, if it is another now.
        """
        cell = self.reached.setdefault(feed, CellProgress())
        before = cell.reached()
        for day, mark in marks:
            cell.note(day, mark)
        after = cell.reached()
        return after if after != before else None

    def note_feed(self, feed: str, month: int) -> None:
        """A record of the feed was reported in this month; its first one tells when the feed began."""
        self.began.setdefault(feed, month)

    def schedule(self, period: int, household_id: str) -> None:
        """Look at the household when the wages of this period have come."""
        self.due.setdefault(period, {})[household_id] = None

    def learn_lag(self, feed: str, period: int, reported_at: int) -> None:
        """How long after its end a period's wage was reported."""
        lags = self.lags.get(feed)
        if lags is None:
            lags = self.lags[feed] = [0] * _LAGS
        lags[max(0, min(_LAGS - 1, day_of(reported_at) - day_of(month_start(period + 1))))] += 1

    def lag(self, feed: str) -> int:
        """The days within which nearly all records of a period came."""
        lags = self.lags.get(feed, [])
        left = _LAG_SHARE * sum(lags)
        for days, count in enumerate(lags):
            left -= count
            if left <= 0:
                return days
        return _LAGS

    def known_until(self) -> int | None:
        """The latest period whose wages have come, by the progress of every wage feed that this county has.

        None while no wage feed has made any progress.
        """
        feeds = [feed for feed in WAGES if feed in self.progress]
        if not feeds:
            return None
        return min(self._period_known(feed) for feed in feeds)

    def _period_known(self, feed: str) -> int:
        day = self.progress[feed] - self.lag(feed)
        return _month_of_day(day) - 1

    def doubtful(self, feed: str, cell: str, reported_at: int) -> bool:
        """The cell's values were on another scale at this moment."""
        return self.doubts.of(feed, cell, reported_at) is not None


def _month_of_day(day: int) -> int:
    date = date_of(day)
    return date.year * 12 + date.month - 1


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Population).decode
