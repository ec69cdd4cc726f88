"""Which records of each county and day came first: they tell, in a replay, when enough of them had come."""

from collections.abc import Iterator

import numpy as np

from detectors.progress import ENOUGH
from monitor.feed_counting import Noted

_CANDIDATES = 4 * ENOUGH
"""Records of a batch that may be among the earliest, some of them sent twice."""


class Earliest:
    """By county and day of report the earliest twenty distinct records, whatever the order in which they come."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], list[tuple[int, int]]] = {}

    def __iter__(self) -> Iterator[tuple[str, int, int, int]]:
        """County, day, when the record was reported, and what tells it from others."""
        for (county, day), earliest in self._known.items():
            for at, mark in earliest:
                yield county, day, at, mark

    def note(self, noted: Noted) -> None:
        """Look at a batch."""
        order = np.lexsort((noted.reported, noted.days, noted.codes))
        changes = (np.diff(noted.days[order]) != 0) | (np.diff(noted.codes[order]) != 0)
        for group in np.split(order, np.flatnonzero(changes) + 1):
            if not len(group):
                continue
            key = noted.counties[int(noted.codes[group[0]])], int(noted.days[group[0]])
            places = group[:_CANDIDATES].tolist()
            earliest = self._known.get(key, [])
            if len(earliest) >= ENOUGH and noted.reported[places[0]] >= earliest[-1][0]:
                continue
            first: dict[int, int] = {}
            news = [(int(noted.reported[place]), int(noted.marks[place])) for place in places]
            for at, mark in sorted([*earliest, *news]):
                first.setdefault(mark, at)
            self._known[key] = [(at, mark) for mark, at in first.items()][:ENOUGH]
