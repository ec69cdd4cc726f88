"""The feeds' own course through a replay: cells' counts and what counties have reached, in the order of time."""

import heapq
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from detectors.cells import CellCounts
from monitor.feed_counting import FeedCounter
from monitor.replaying.earliest import Earliest
from streams.feed_files import FeedFile
from streams.messages import Reached
from streams.moments import HOUR


class _Mark(msgspec.Struct, frozen=True, array_like=True, order=True):
    """One of the earliest records of a day: when it was reported, of which feed and county, and what stands for it."""

    at: int
    feed: str
    county: str
    day: int
    mark: int


class _Pulse(msgspec.Struct, array_like=True):
    cells: list[CellCounts]
    marks: list[_Mark]


_Known = tuple[int, int, CellCounts | Reached]
"""The instant from which something is known; its place among what is known at once; and what it is."""


def keep(counter: FeedCounter, earliest: Earliest, file: FeedFile, path: Path) -> None:
    """Write what was counted of a file."""
    marks = [_Mark(at, file.feed, county, day, mark) for county, day, at, mark in earliest]
    path.write_bytes(_encode(_Pulse(counter.cells.take(), sorted(marks))))


def pulse(paths: Sequence[Path]) -> Iterator[tuple[int, CellCounts | Reached]]:
    """What the counters of several files kept, each with the instant at which it is known; in the order of these.

    Counts of an hour are known at its end.
    """
    kept = [_decode(path.read_bytes()) for path in paths]
    counts: Iterator[_Known] = (((cell.hour + 1) * HOUR, 1, cell) for cell in _by_hour(kept))
    progress: Iterator[_Known] = ((at, 0, message) for at, message in _reached(kept))
    for at, _, message in heapq.merge(counts, progress, key=lambda known: known[:2]):
        yield at, message


def _by_hour(kept: Sequence[_Pulse]) -> Iterator[CellCounts]:
    return heapq.merge(*(one.cells for one in kept), key=lambda cell: (cell.hour, cell.feed, cell.region))


def _reached(kept: Sequence[_Pulse]) -> Iterator[tuple[int, Reached]]:
    """The earliest records of each day, each when it was reported."""
    for mark in heapq.merge(*(one.marks for one in kept)):
        if mark.county:
            yield mark.at, Reached(county=mark.county, feed=mark.feed, marks=((mark.day, mark.mark),))


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Pulse).decode
