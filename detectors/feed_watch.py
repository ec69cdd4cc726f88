"""Watches the feeds: takes counts of cells in the order of time, closes hour after hour, and says what is wrong.

An hour is closed when a count of a later hour comes, or when the host says that it is over. All feeds silent at once
say nothing about any of them: that is Prometheus's to see.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping

import msgspec

from detectors.cells import CellCounts
from detectors.doubts import Doubt
from detectors.feed_hour import CellHour, CellState
from detectors.settings import Detector
from detectors.signals import Signal
from streams.moments import HOUR, date_of, day_of

VERSION = 1
_LATELY, _JUST_NOW = 0.92, 0.6
"""What remains of an hour's weight in the next one: about half a day is looked at, and the last two hours."""


_RHYTHMIC = ("feed-silence", "feed-burst")
_LONGEST = 24 * 31
"""Hours without any count that are looked at; after a longer pause time goes on from its end."""


class FeedWatch(msgspec.Struct, array_like=True):
    """All cells. Its host keeps it like a county's models: `encode` with the offset, `decode` after a restart."""

    version: int = VERSION
    hour: int = 0
    cells: dict[str, CellState] = {}
    open: dict[str, CellCounts] = {}
    """The counts of the hour that is not closed yet."""
    doubts: list[Doubt] = []
    activity: dict[str, list[float]] = {}
    """By feed, what came lately and what was awaited, the older the less; then the same of the last two hours."""
    day: int = 0
    """The day of the month of the hour that was closed last."""

    def encode(self) -> bytes:
        """The watch as bytes; the same content gives the same bytes."""
        return _encode(self)

    @classmethod
    def decode(cls, packed: bytes | None) -> "FeedWatch":
        """The watch of these bytes; a new one for none and for another version, which is learned anew."""
        if packed and packed[0] & 0xF0 == 0x90 and packed[1] == VERSION:
            return _decode(packed)
        return cls()

    def take(self, detectors: Mapping[str, Detector], counts: Iterable[CellCounts]) -> list[Signal]:
        """Take counts in, in the order of their hours; what the hours that they close have to say.

        Counts of an hour that is closed already are too late to be judged and left out.
        """
        said: list[Signal] = []
        for cell in counts:
            said += self.close_before(detectors, cell.hour)
            if cell.hour == self.hour:
                key = f"{cell.feed}/{cell.region}"
                if key in self.open:
                    self.open[key].merge(cell)
                else:
                    self.open[key] = msgspec.structs.replace(cell)
        return said

    def close_before(self, detectors: Mapping[str, Detector], hour: int) -> list[Signal]:
        """All that will come of the hours before this one has come; what they have to say."""
        said: list[Signal] = []
        if hour > self.hour:
            if self.hour:
                for over in range(max(self.hour, hour - _LONGEST), hour):
                    said += self._close(detectors, over)
            self.hour = hour
        return said

    def _close(self, detectors: Mapping[str, Detector], hour: int) -> list[Signal]:
        day = date_of(day_of(hour * HOUR)).day
        came, self.open = self.open, {}
        for key in came:
            if key not in self.cells:
                self.cells[key] = CellState(first=hour)
        rhythmic = not detectors.keys().isdisjoint(_RHYTHMIC)
        if rhythmic:
            self._note_activity(came, hour, day)
        activity = self._others() if came else {}
        # Whoever watches scales alone looks at cells without counts once a day only.
        quiet = not rhythmic and self.day == day
        self.day = day
        said: list[Signal] = []
        for key in sorted(came if quiet else self.cells):
            state = self.cells[key]
            feed, region = key.split("/", 1)
            counts = came.get(key, _NOTHING)
            judged = CellHour(feed, region, hour, day, state, counts, activity.get(feed, 0.0))
            if "feed-silence" in detectors:
                said += judged.silence(detectors["feed-silence"])
            if "feed-burst" in detectors:
                said += judged.burst(detectors["feed-burst"])
            if "feed-shift" in detectors:
                said += judged.shift(detectors["feed-shift"], self.doubts)
            judged.learn(rhythm=rhythmic)
        return said

    def _note_activity(self, came: Mapping[str, CellCounts], hour: int, day: int) -> None:
        """How much of their usual the feeds brought lately: on a holiday most bring nothing."""
        for pair in self.activity.values():
            pair[:] = [pair[0] * _LATELY, pair[1] * _LATELY, pair[2] * _JUST_NOW, pair[3] * _JUST_NOW]
        for key, state in self.cells.items():
            pair = self.activity.setdefault(key.split("/", 1)[0], [0.0] * 4)
            expected = state.rhythm.expected(hour, day)
            counts = came.get(key)
            real = min(counts.deliveries, 3 * expected + 1) if counts is not None else 0
            pair[:] = [pair[0] + real, pair[1] + expected, pair[2] + real, pair[3] + expected]

    def _others(self) -> Mapping[str, float]:
        """Of each feed the middle one of the other feeds' shares of their usual, from 0 to 1."""
        lately = _middles({feed: (pair[0], pair[1]) for feed, pair in self.activity.items()})
        just_now = _middles({feed: (pair[2], pair[3]) for feed, pair in self.activity.items()})
        return {feed: min(lately[feed], just_now[feed]) for feed in self.activity}


def _middles(feeds: Mapping[str, tuple[float, float]]) -> Mapping[str, float]:
    """Of each feed the middle one of the others' shares; those of whom little is awaited have none."""
    shares = {feed: min(1.0, real / awaited) for feed, (real, awaited) in feeds.items() if awaited > 1}
    ordered = sorted(shares.values())

    def middle(feed: str) -> float:
        others = len(ordered) - (feed in shares)
        if not others:
            return 0.0
        place = (others - 1) // 2
        # Without the feed's own share, those behind it move up by one.
        return ordered[place + (feed in shares and bisect_left(ordered, shares[feed]) <= place)]

    return {feed: middle(feed) for feed in feeds}


_NOTHING = CellCounts("", "", 0)
_encode = msgspec.msgpack.Encoder(order="deterministic").encode
_decode = msgspec.msgpack.Decoder(FeedWatch).decode
