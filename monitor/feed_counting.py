"""What a screened batch tells of its feed as a whole: counts by cell and hour, and how far each county has come."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from detectors.cells import VALUES, CellCounter, county_of
from detectors.population import WAGES
from streams.batches import Batch
from streams.checking import read_moment
from streams.moments import DAY, HOUR

_SPREAD = np.uint64(0x9E3779B97F4A7C15)
"""Multiplying by it spreads 32 bits over 64."""
_SHANGHAI = 8 * HOUR
_encoded = str.encode
_NO_VALUE = float("nan")

_MARK_SHIFT = np.uint64(44)
"""Of a record's mark 20 bits tell whether records are distinct where twenty of them are enough."""
_REGIONS_KNOWN = 100_000


class Noted(NamedTuple):
    """Accepted records as whoever follows the feed's progress sees them: county (its number among `counties`), instant
    and day of report, and 20 bits that tell records apart."""

    counties: Sequence[str]
    codes: NDArray[np.int64]
    reported: NDArray[np.int64]
    days: NDArray[np.int64]
    marks: NDArray[np.int64]


class _Numbers(dict[str | None, int]):
    """Gives a region the number of its county among `names`."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []
        self._known: dict[str, int] = {}

    def __missing__(self, region: str | None) -> int:
        name = county_of(region)
        number = self._known.setdefault(name, len(self.names))
        if number == len(self.names):
            self.names.append(name)
        self[region] = number
        return number


class FeedCounter:
    """Counts batches of one feed, strangers' records included; keeps numbers and keyed hashes, no record.

    Whoever follows the progress of a wage feed is told of its records as `noted`.
    """

    def __init__(self, feed: str, noted: Callable[[Noted], None]) -> None:
        self.cells = CellCounter()
        self._feed = feed
        self._noted = noted
        self._numbers = _Numbers()

    def count(self, batch: Batch, matched: Iterable[int]) -> None:
        """Count a batch; `matched` are the numbers of its records that concern the roster."""
        size = len(batch)
        if not size:
            return
        refused = np.zeros(size, dtype=np.bool_)
        reported = batch.reported_at.copy()
        if batch.refused:
            said = [self._column(batch, name) for name in ("reported_at", "occurred_at")]
            for record, _ in batch.refused:
                refused[record] = True
                reported[record] = _moment(column[record] for column in said)
        known = np.zeros(size, dtype=np.bool_)
        known[list(matched)] = True
        codes, counties = self._codes(batch)
        marks = self._marks(batch)
        timed = reported > 0
        self.cells.add(
            self._feed, counties, codes[timed], reported[timed], marks[timed],
            values=self._values(batch)[timed], matched=known[timed], refused=refused[timed],
        )  # fmt: skip
        if self._feed in WAGES:
            good = timed & ~refused
            at = reported[good]
            short = (marks[good] >> _MARK_SHIFT).astype(np.int64)
            self._noted(Noted(counties, codes[good], at, (at + _SHANGHAI) // DAY, short))

    def _codes(self, batch: Batch) -> tuple[NDArray[np.int64], Sequence[str]]:
        if len(self._numbers) > _REGIONS_KNOWN:
            self._numbers = _Numbers()
        regions = self._column(batch, "region")
        codes = np.fromiter(map(self._numbers.__getitem__, regions), dtype=np.int64, count=len(regions))
        return codes, self._numbers.names

    def _column(self, batch: Batch, name: str) -> Sequence[str | None]:
        return batch.columns.get(name) or [None] * len(batch)

    def _marks(self, batch: Batch) -> NDArray[np.uint64]:
        """Numbers that stand for the records: of the person's keyed hash and what tells the person's records apart."""
        persons = np.zeros(len(batch), dtype=np.uint64)
        persons[batch.owners[::-1]] = batch.digests[::-1, 0]
        ids = self._column(batch, "event_id")
        try:
            codes = list(map(crc32, map(_encoded, ids)))  # type: ignore[arg-type]  # of one without an id it raises
        except (TypeError, UnicodeEncodeError):
            moments = self._column(batch, "occurred_at")
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


def _moment(said: Iterable[object]) -> int:
    """When a refused record was reported, as far as it says so; 0 if it does not."""
    for text in said:
        moment = read_moment(text.strip()) if isinstance(text, str) else None
        if moment is not None:
            return moment
    return 0


def _number(value: object) -> float:
    try:
        return float(value)  # type: ignore[arg-type]  # whatever a source wrote; what is no number has no value
    except (TypeError, ValueError):
        return _NO_VALUE
