"""What a screened batch tells of its feed as a whole: counts by cell and hour, and how far each county has come."""

from collections.abc import Iterable, Sequence
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from detectors.cells import VALUES, CellCounter
from detectors.progress import ENOUGH
from streams.batches import Batch
from streams.checking import read_moment
from streams.moments import DAY, HOUR

_SPREAD = np.uint64(0x9E3779B97F4A7C15)
"""Multiplying by it spreads 32 bits over 64."""
_SHANGHAI = 8 * HOUR
_CANDIDATES = 4 * ENOUGH
"""Records of a batch that may be among the earliest, some of them sent twice."""
_NO_VALUE = float("nan")

Reached = dict[tuple[str, int], list[tuple[int, int]]]
"""By county and day of report the earliest records: when each was reported, and its mark."""


class FeedCounter:
    """Counts batches of one feed, strangers' records included; keeps numbers and keyed hashes, no record."""

    def __init__(self, feed: str) -> None:
        self.cells = CellCounter()
        self.reached: Reached = {}
        self._feed = feed

    def count(self, batch: Batch, matched: Iterable[int]) -> None:
        """Count a batch; `matched` are the numbers of its records that concern the roster."""
        size = len(batch)
        if not size:
            return
        refused = np.zeros(size, dtype=np.bool_)
        reported = batch.reported_at.copy()
        for record, _ in batch.refused:
            refused[record] = True
            reported[record] = self._moment(batch, record)
        known = np.zeros(size, dtype=np.bool_)
        known[list(matched)] = True
        regions = [(region or "")[:6] for region in self._column(batch, "region")]
        marks = self._marks(batch)
        timed = reported > 0
        if timed.all():
            self.cells.add(
                self._feed, regions, reported, marks, values=self._values(batch), matched=known, refused=refused
            )
        else:
            self.cells.add(
                self._feed,
                [region for region, keep in zip(regions, timed.tolist(), strict=True) if keep],
                reported[timed],
                marks[timed],
                values=self._values(batch)[timed],
                matched=known[timed],
                refused=refused[timed],
            )
        self._note(regions, reported, marks, timed & ~refused)

    def _column(self, batch: Batch, name: str) -> Sequence[str | None]:
        return batch.columns.get(name) or [None] * len(batch)

    def _moment(self, batch: Batch, record: int) -> int:
        """When a refused record was reported, as far as it says so; 0 if it does not."""
        for name in ("reported_at", "occurred_at"):
            text = self._column(batch, name)[record]
            moment = read_moment(text.strip()) if isinstance(text, str) else None
            if moment is not None:
                return moment
        return 0

    def _marks(self, batch: Batch) -> NDArray[np.uint64]:
        """Numbers that stand for the records: of the person's keyed hash and what tells the person's records apart."""
        persons = np.zeros(len(batch), dtype=np.uint64)
        persons[batch.owners[::-1]] = batch.digests[::-1, 0]
        ids, moments = self._column(batch, "event_id"), self._column(batch, "occurred_at")
        codes = [
            crc32(str(event or moment or "").encode("utf-8", "replace"))
            for event, moment in zip(ids, moments, strict=True)
        ]
        return persons ^ (np.array(codes, dtype=np.uint64) * _SPREAD)

    def _values(self, batch: Batch) -> NDArray[np.float64]:
        field = VALUES.get(self._feed)
        if field is None:
            return np.full(len(batch), _NO_VALUE)
        column = self._column(batch, field)
        try:
            return np.array(column, dtype=np.float64)
        except (TypeError, ValueError):
            return np.array([_number(value) for value in column])

    def _note(
        self, regions: Sequence[str], reported: NDArray[np.int64], marks: NDArray[np.uint64], good: NDArray[np.bool_]
    ) -> None:
        """Keep the earliest records of each county and day: they tell when enough had come."""
        numbers: dict[str, int] = {}
        coded = np.array([numbers.setdefault(region, len(numbers)) for region in regions], dtype=np.int64)
        names = list(numbers)
        days = (reported + _SHANGHAI) // DAY
        order = np.flatnonzero(good)
        order = order[np.lexsort((reported[order], days[order], coded[order]))]
        changes = (np.diff(days[order]) != 0) | (np.diff(coded[order]) != 0)
        for group in np.split(order, np.flatnonzero(changes) + 1):
            if not len(group):
                continue
            key = names[coded[group[0]]], int(days[group[0]])
            places = group[:_CANDIDATES].tolist()
            earliest = self.reached.get(key, [])
            if len(earliest) >= ENOUGH and reported[places[0]] >= earliest[-1][0]:
                continue
            first: dict[int, int] = {}
            for at, mark in sorted([*earliest, *((int(reported[place]), int(marks[place])) for place in places)]):
                first.setdefault(mark, at)
            self.reached[key] = [(at, mark) for mark, at in first.items()][:ENOUGH]


def _number(value: object) -> float:
    try:
        return float(value)  # type: ignore[arg-type]  # whatever a source wrote; what is no number has no value
    except (TypeError, ValueError):
        return _NO_VALUE
