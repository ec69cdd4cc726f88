"""medical-surge: a person's bills climb far above what they use to be, before they are catastrophic."""

import math
from bisect import bisect_right

import msgspec

from detectors.series import WARM_UP
from detectors.sums import Sums

RUNS = {1: 2, 2: 4, 3: 4}
"""Months in a row that must all be high: one that is extraordinary, or three that are remarkable.

Each takes its part of the budget, one in so many: a single month half of it, for it tells earliest.
"""
_LONGEST = max(RUNS)
_YEAR = 12
_OFFSET = 100.0
_PER_LOG = 4.0
"""Scores per unit of the logarithm, so that the calibration's quarter steps are fine enough."""
BANDS = (150.0, 250.0, 450.0, 900.0)


class Surge(msgspec.Struct, frozen=True):
    """The last months against the months before. `scores` holds one for each length of run."""

    month: int
    expected: float
    came: float
    band: int
    """The peer group: persons with bills of about this height."""
    scores: tuple[float, ...]


def surge(sums: Sums, fen: list[int], month: int) -> Surge | None:
    """The months up to `month` against the year before them; None in the first six months.

    `fen` are the sums unpacked: whoever looks at several months does it once.
    """
    if month - sums.first < WARM_UP or month < sums.start:
        return None
    end = month - sums.start + 1
    begin = max(0, end - _LONGEST)
    expected = _usual(fen[max(0, begin - _YEAR) : begin])
    least = expected + _OFFSET
    compared = [math.log((value / 100 + _OFFSET) / least) * _PER_LOG for value in fen[begin:end]]
    scores = tuple([min(compared[-run:]) for run in RUNS])
    return Surge(month, expected, fen[end - 1] / 100, bisect_right(BANDS, expected), scores)


def _usual(year: list[int]) -> float:
    """What a month usually costs, in yuan: the mean of a year's without the most expensive one."""
    total, count = sum(year), len(year)
    if count > 2:
        total -= max(year)
        count -= 1
    return total / (100 * count) if count else 0.0
