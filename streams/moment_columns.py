"""Many texts read as moments at once: in the shapes that departments write, each of which its length tells.

A day, or a day and a time to the minute, the second, or fractions of it; without a zone, with ``Z`` or ``+08:00``.
Only days since 1992 are read so: from then on Shanghai's offset never changes.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streams.letters import letters_of
from streams.moments import DAY, HOUR, SECOND

NO_MOMENT = -(2**62)
"""What stands for a text that is no moment in one of these shapes; it may be one in another."""

_DAY = "YYYY-MM-DD"
_TIMES = ("hh:mm", "hh:mm:ss", "hh:mm:ss.fff", "hh:mm:ss.ffffff")
_SHANGHAI, _UTC = "+08:00", "Z"
_SHAPES = [_DAY, *(f"{_DAY}T{time}{zone}" for time in _TIMES for zone in ("", _UTC, _SHANGHAI))]
_PARTS = "YMDhmsf"
_FIRST_YEAR, _YEARS = 1992, 208
_STARTS = (
    np.arange(f"{_FIRST_YEAR}-01", f"{_FIRST_YEAR + _YEARS}-02", dtype="datetime64[M]")
    .astype("datetime64[D]")
    .astype(np.int64)
)
"""The first day of each month, as a day number; one more than there are months."""
_T, _SPACE = b"T "


class _Shape:
    """Reads texts of one shape: letters stand for digits, all else for itself."""

    def __init__(self, shape: str) -> None:
        self._length = len(shape)
        self._alone = len(shape) == len(_DAY)
        self._offset = 0 if shape.endswith(_UTC) else 8 * HOUR
        self._digits = [place for place, letter in enumerate(shape) if letter in _PARTS]
        self._fixed = [place for place, letter in enumerate(shape) if letter not in _PARTS + "T"]
        self._signs = np.frombuffer(shape.encode(), dtype=np.uint8)[self._fixed]
        self._weights = np.zeros((len(self._digits), len(_PARTS)), dtype=np.float32)
        for row, place in enumerate(self._digits):
            letter = shape[place]
            self._weights[row, _PARTS.index(letter)] = 10 ** (shape.rindex(letter) - place)
        self._fraction = SECOND // 10 ** shape.count("f")

    def read(self, texts: Sequence[str], *, end_of_day: bool) -> NDArray[np.int64]:
        """The instants of texts of this shape's length."""
        letters = letters_of(texts, self._length)
        digits = letters[:, self._digits] - np.uint8(48)
        year, month, day, hour, minute, second, part = (digits.astype(np.float32) @ self._weights).astype(np.int64).T
        index = (year - _FIRST_YEAR) * 12 + month - 1
        known = (digits <= 9).all(axis=1) & (letters[:, self._fixed] == self._signs).all(axis=1)
        known &= (year >= _FIRST_YEAR) & (year < _FIRST_YEAR + _YEARS) & (month >= 1) & (month <= 12)
        index[~known] = 0
        known &= (day >= 1) & (day <= _STARTS[index + 1] - _STARTS[index])
        at: NDArray[np.int64] = (_STARTS[index] + day - 1) * DAY - self._offset
        if self._alone:
            at += DAY - 1 if end_of_day else 0
        else:
            between = letters[:, len(_DAY)]
            known &= (hour < 24) & (minute < 60) & (second < 60) & ((between == _T) | (between == _SPACE))
            at += ((hour * 60 + minute) * 60 + second) * SECOND + part * self._fraction
        at[~known] = NO_MOMENT
        return at


_BY_LENGTH = {len(shape): _Shape(shape) for shape in _SHAPES}


def instants(texts: Sequence[Any], *, end_of_day: bool) -> NDArray[np.int64]:
    """The instant of each text, NO_MOMENT where it has none of the shapes or is no text.

    A date alone is its first instant, or its last one if `end_of_day`.
    """
    lengths = [len(text) if text.__class__ is str else 0 for text in texts]
    found = np.full(len(texts), NO_MOMENT, dtype=np.int64)
    shapes = set(lengths)
    for length in shapes & _BY_LENGTH.keys():
        shape = _BY_LENGTH[length]
        if len(shapes) == 1:
            return shape.read(texts, end_of_day=end_of_day)
        rows = [row for row, this in enumerate(lengths) if this == length]
        found[rows] = shape.read([texts[row] for row in rows], end_of_day=end_of_day)
    return found
