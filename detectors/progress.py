"""How far a county's feeds have come: the latest day of `reported_at` that enough distinct records have reached."""

import heapq
from collections.abc import Iterable

import msgspec

ENOUGH = 20
"""Distinct records; a single one with a wrong date never moves the progress."""


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a county's feeds have come; detectors of stopped pay wait for it.

    `days` maps a feed to the latest day of `reported_at` that enough distinct records have reached.
    """

    county: str
    days: dict[str, int]


class CellProgress(msgspec.Struct, array_like=True):
    """The greatest days of a cell's records, at most twenty, each of a distinct record: (day, record's mark)."""

    latest: list[tuple[int, int]] = []

    def reached(self) -> int | None:
        """The day that twenty distinct records have reached; None before there were as many."""
        return self.latest[0][0] if len(self.latest) >= ENOUGH else None

    def note(self, day: int, mark: int) -> None:
        """One record was reported on this day. The same record counts once, with its latest day."""
        heap = self.latest
        if len(heap) >= ENOUGH and day <= heap[0][0]:
            return
        for index, (known, other) in enumerate(heap):
            if other == mark:
                if day > known:
                    heap[index] = (day, mark)
                    heapq.heapify(heap)
                return
        if len(heap) < ENOUGH:
            heapq.heappush(heap, (day, mark))
        else:
            heapq.heapreplace(heap, (day, mark))


class ProgressTracker(msgspec.Struct, array_like=True):
    """The progress of every county's feeds. Belongs to whoever sees all records; kept by its host."""

    version: int = 1
    cells: dict[str, dict[str, CellProgress]] = {}
    """By county and feed."""
    told: dict[str, dict[str, int]] = {}

    def note(self, feed: str, county: str, day: int, mark: int) -> None:
        """One accepted record of the feed from this county. `mark` is a number that stands for the record."""
        feeds = self.cells.get(county)
        if feeds is None:
            feeds = self.cells[county] = {}
        cell = feeds.get(feed)
        if cell is None:
            cell = feeds[feed] = CellProgress()
        cell.note(day, mark)

    def note_all(self, feed: str, county: str, records: Iterable[tuple[int, int]]) -> None:
        """Many records at once: (day, mark). Only those that could move the progress are looked at."""
        cell = self.cells.setdefault(county, {}).setdefault(feed, CellProgress())
        for day, mark in heapq.nlargest(4 * ENOUGH, records):
            cell.note(day, mark)

    def news(self) -> list[Progress]:
        """A message for every county in which a feed has come further since the last call."""
        found: list[Progress] = []
        for county in sorted(self.cells):
            told = self.told.setdefault(county, {})
            moved: dict[str, int] = {}
            for feed in sorted(self.cells[county]):
                day = self.cells[county][feed].reached()
                if day is not None and day > told.get(feed, day - 1):
                    told[feed] = moved[feed] = day
            if moved:
                found.append(Progress(county=county, days=moved))
        return found

    def encode(self) -> bytes:
        """The tracker as bytes."""
        return _encode(self)

    @classmethod
    def decode(cls, packed: bytes | None) -> "ProgressTracker":
        """The tracker of these bytes; a new one for none. Raises msgspec.ValidationError for what is not one."""
        return _decode(packed) if packed else cls()


_encode = msgspec.msgpack.Encoder(order="deterministic").encode
_decode = msgspec.msgpack.Decoder(ProgressTracker).decode
