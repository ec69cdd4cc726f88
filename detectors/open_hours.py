"""The hours of the feeds that are not over: counts come in from several workers, and an hour closes for all at once.

What closes it is the clock, as far as everything has been counted: a worker that lags behind, or a broker that was
away, makes the hour wait instead of making feeds look silent. Time comes in with the counts; nothing here reads it.
"""

from collections.abc import Iterable, Iterator

import msgspec

from detectors.cells import CellCounts
from streams.messages import Counted
from streams.moments import HOUR, SECOND

VERSION = 1
_GRACE = HOUR // 4
"""How long after an hour's end what was reported in it may take until it is counted."""
_RECENT = 26
"""Hours; of what lies further back somebody is loading a history, further ahead nothing can have been reported."""
_REST, _LONGEST_LOAD = 30 * SECOND, 6 * HOUR
"""A history is judged when nothing more of it has come for so long, or when it has taken too long."""
_MOST_HELD = 50_000
_AT_ONCE = 2000
_LATE = 45 * 24


class Closed(msgspec.Struct, array_like=True):
    """What may be judged now: counts by hour, in order; all hours before `before` are over, counts or none."""

    hours: list[tuple[int, list[CellCounts]]]
    before: int


class OpenHours(msgspec.Struct, array_like=True):
    """Counts that wait. Its host keeps it: `encode` with the offset, `decode` after a restart."""

    version: int = VERSION
    hours: dict[int, dict[str, CellCounts]] = {}
    clock: int = 0
    """The latest clock of those who count."""
    closed: int = 0
    """All hours before this one are closed."""
    until: dict[str, int] = {}
    """By feed and partition the instant up to which all records have been counted."""
    history_at: int = 0
    """The clock when counts of a history came last,"""
    history_since: int = 0
    """and when the first of those came that still wait."""

    def encode(self) -> bytes:
        """The open hours as bytes; the same content gives the same bytes."""
        return _encode(self)

    @classmethod
    def decode(cls, packed: bytes | None) -> "OpenHours":
        """The open hours of these bytes; none for no bytes and for another version."""
        if packed and packed[0] & 0xF0 == 0x90 and packed[1] == VERSION:
            return _decode(packed)
        return cls()

    def take(self, cells: Iterable[CellCounts], counted: Counted) -> Closed:
        """Take counts in that came with a message; gives the hours that are over by what it says."""
        self.clock = max(self.clock, counted.at)
        for feed, places in counted.done.items():
            for partition in _bits(places):
                name = f"{feed}/{partition}"
                self.until[name] = max(counted.until, self.until.get(name, 0))
        for cell in cells:
            self._add(cell)
        if not self.closed and not self.hours:
            return Closed([], 0)  # whoever begins with a history must not be too late with it
        everywhere = min(self.until.values()) if len(self.until) >= counted.partitions else 0
        return self._close((everywhere - _GRACE) // HOUR)

    def _add(self, cell: CellCounts) -> None:
        now = self.clock // HOUR
        if cell.hour > now + _RECENT:
            return
        if cell.hour < self.closed:
            # Too late to say anything about its hour: but it came, so that the feed is not silent now.
            if cell.hour < self.closed - _LATE:
                return
            cell = msgspec.structs.replace(cell, hour=self.closed, sketch=b"")
        elif cell.hour < now - _RECENT:
            self.history_at = self.clock
            self.history_since = self.history_since or self.clock
        found = self.hours.setdefault(cell.hour, {})
        key = f"{cell.feed}/{cell.region}"
        if key in found:
            found[key].merge(cell)
        else:
            # A copy: it grows, and is not the sender's any more.
            found[key] = msgspec.structs.replace(cell)

    def _close(self, before: int) -> Closed:
        """The hours before `before`, unless more of a history may come; the oldest also where too many wait."""
        recent = self.clock // HOUR - _RECENT
        first = min(self.hours, default=before)
        if first < recent and self.clock < min(self.history_at + _REST, self.history_since + _LONGEST_LOAD):
            before = self.closed
        before = max(before, self._crowded_out())
        before = max(self.closed, min(before, max(first, self.closed) + _AT_ONCE))
        due = sorted(hour for hour in self.hours if hour < before)
        found = [(hour, [cell for _, cell in sorted(self.hours.pop(hour).items())]) for hour in due]
        self.closed = before
        if min(self.hours, default=recent) >= recent:
            self.history_since = 0
        return Closed(found, before)

    def _crowded_out(self) -> int:
        """Before which hour the oldest must go, for there are too many."""
        held = sum(map(len, self.hours.values()))
        before = 0
        for hour in sorted(self.hours):
            if held <= _MOST_HELD:
                break
            held -= len(self.hours[hour])
            before = hour + 1
        return before


def _bits(places: int) -> Iterator[int]:
    return (bit for bit in range(places.bit_length()) if places >> bit & 1)


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(OpenHours).decode
