"""The general detector of a feed's number: any series of values, with or without a rhythm of the day.

It looks at a value from six sides: the value itself, its change, the level of the last 20 and of the last 50 values,
how great the last 20 changes were, and the value among those of the same hour. Each side's deviation is measured by
what this series exceeds once in a hundred values, so that one threshold serves all series; the score is their mean.
Whatever leaves the range of all that was seen is remarkable by itself. Of one event only what exceeds the last 200
scores speaks.
"""

import math
from collections.abc import Iterator

import msgspec

from detectors.calibration import Window
from detectors.faded import Faded

VERSION = 1
_FADING = 0.002
_HOUR_FADING = 0.01
_LEVELS = (20, 50)
_SIDES = 6
_KNOWN = 20
"""After so many values a side says something; the hours of the day after a few more,"""
_KNOWN_HOUR = 30
_CALIBRATED = 100
"""and after so many deviations it is known what is rare."""
_RARE = 0.01
_CAP = 6.0
_MARGIN = 0.05
_BEYOND = 1.5
_MEMORY = 200
_SMALL, _TINY = 1e-6, 1e-9
"""Changes below a millionth of the usual value have no size."""


class Univariate(msgspec.Struct, array_like=True):
    """A univariate anomaly detector in River's style: `score_one`, then `learn_one`. 0 is usual, 1 rare, no upper end.

    The score does not change when all values are multiplied.
    """

    version: int = VERSION
    sides: list[Faded] = msgspec.field(default_factory=lambda: [Faded() for _ in range(_SIDES - 1)])
    hours: list[Faded] = msgspec.field(default_factory=lambda: [Faded() for _ in range(24)])
    usual: list[Window] = msgspec.field(default_factory=lambda: [Window() for _ in range(_SIDES)])
    rare: list[float] = msgspec.field(default_factory=lambda: [0.0] * _SIDES)
    """By side the deviation that is exceeded once in a hundred values; 0 while too few are known."""
    recent: list[float] = []
    sizes: list[float] = []
    """The logarithms of the latest changes' sizes."""
    low: float = math.inf
    high: float = -math.inf
    rows: int = 0
    records: list[tuple[int, float]] = []
    """Row and score of those among the last scores that no later one exceeds."""

    def score_one(self, value: float, hour: int | None = None) -> float:
        """How unusual the value is. `hour` is that of the day, 0 to 23, where the series has such a rhythm.

        Raises ValueError for what is no finite number.
        """
        score = self._score(value, list(self._deviations(value, hour)))
        former = next((score for row, score in self.records if row > self.rows - _MEMORY), 0.0)
        return score if score > former else 0.0

    def learn_one(self, value: float, hour: int | None = None) -> None:
        """Take the value in. Raises ValueError for what is no finite number."""
        deviations = list(self._deviations(value, hour))
        score = self._score(value, deviations)
        self.rows = row = self.rows + 1
        while self.records and self.records[-1][1] <= score:
            self.records.pop()
        self.records.append((row, score))
        while self.records[0][0] <= row - _MEMORY:
            self.records.pop(0)
        for side, deviation in enumerate(deviations):
            window = self.usual[side]
            window.learn_one(deviation)
            if window.total >= _CALIBRATED and window.total % _CALIBRATED == 0:
                self.rare[side] = max(_TINY, window.upper(_RARE))
        size = self._size(value)
        for known, seen in zip(self.sides, list(self._sides(value)), strict=True):
            known.learn_one(seen, _FADING)
        if hour is not None:
            self.hours[hour].learn_one(value, _HOUR_FADING)
        self.recent = [*self.recent, value][1 - _LEVELS[-1] :]
        self.sizes = [*self.sizes, size][1 - _LEVELS[0] :]
        self.low, self.high = min(self.low, value), max(self.high, value)

    def encode(self) -> bytes:
        """The detector as bytes; the same content gives the same bytes."""
        return _encode(self)

    @classmethod
    def decode(cls, packed: bytes | None) -> "Univariate":
        """The detector of these bytes; a new one for none and for another version, which is learned anew."""
        if packed and packed[0] & 0xF0 == 0x90 and packed[1] == VERSION:
            return _decode(packed)
        return cls()

    def _sides(self, value: float) -> Iterator[float]:
        """The value from all sides but the hour's."""
        if not math.isfinite(value):
            raise ValueError("no finite number")
        recent = self.recent
        change = value - recent[-1] if recent else 0.0
        yield value
        yield change
        for length in _LEVELS:
            latest = recent[1 - length :]
            yield (sum(latest) + value) / (len(latest) + 1)
        yield (sum(self.sizes) + self._size(value)) / (len(self.sizes) + 1)

    def _size(self, value: float) -> float:
        change = abs(value - self.recent[-1]) if self.recent else 0.0
        return math.log(max(change, _SMALL * max(abs(self.sides[0].mean), abs(value))) or _TINY)

    def _deviations(self, value: float, hour: int | None) -> Iterator[float]:
        *others, size = zip(self.sides, self._sides(value), strict=True)
        for known, seen in others:
            yield abs(known.score_one(seen)) if known.count > _KNOWN else 0.0
        yield abs(size[0].score_one(size[1], _SMALL)) if size[0].count > _KNOWN else 0.0
        daily = self.hours[hour] if hour is not None else None
        yield abs(daily.score_one(value)) if daily is not None and daily.count > _KNOWN_HOUR else 0.0

    def _score(self, value: float, deviations: list[float]) -> float:
        sides = [min(_CAP, seen / rare) for seen, rare in zip(deviations, self.rare, strict=True) if rare]
        score = sum(sides) / _SIDES
        margin = _MARGIN * (self.high - self.low)
        if self.rows > _KNOWN and not self.low - margin <= value <= self.high + margin:
            score += _BEYOND
        return score


_encode = msgspec.msgpack.Encoder(order="deterministic").encode
_decode = msgspec.msgpack.Decoder(Univariate).decode
