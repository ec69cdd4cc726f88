"""Which records may move the progress of a county's wage feeds: the latest days, and twenty records are enough."""

import numpy as np

from detectors.progress import CellProgress
from monitor.feed_counting import Noted
from streams.messages import Reached


class LatestDays:
    """Follows one feed; of what a batch brings, `take` gives what the counties' owners do not know yet."""

    def __init__(self, feed: str) -> None:
        self._feed = feed
        self._cells: dict[str, CellProgress] = {}
        self._news: dict[str, list[tuple[int, int]]] = {}

    def note(self, noted: Noted) -> None:
        """Look at a batch; nearly all of its records reach days that enough have reached."""
        least = np.array([self._least(county) for county in noted.counties], dtype=np.int64)
        if not len(least):
            return
        places = np.flatnonzero(noted.days > least[noted.codes])
        order = places[np.argsort(-noted.days[places], kind="stable")]
        for place in order.tolist():
            county, mark = noted.counties[int(noted.codes[place])], (int(noted.days[place]), int(noted.marks[place]))
            cell = self._cells.setdefault(county, CellProgress())
            before = list(cell.latest)
            cell.note(*mark)
            if county and cell.latest != before:
                self._news.setdefault(county, []).append(mark)

    def _least(self, county: str) -> int:
        """The day that a record must go beyond to tell something new."""
        cell = self._cells.get(county)
        reached = cell.reached() if cell is not None else None
        return -1 if reached is None else reached

    def take(self) -> list[Reached]:
        """What is new since the last time."""
        news, self._news = self._news, {}
        return [Reached(county=county, feed=self._feed, marks=tuple(marks)) for county, marks in sorted(news.items())]
