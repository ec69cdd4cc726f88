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


def surge(sums: Sums, month: int) -> Surge | None:
    """The months up to `month` against the year before them; None in the first six months."""
    if month - sums.first < WARM_UP or month < sums.start:
        return None
    values = sums.unpack()[: month - sums.start + 1][-_LONGEST - _YEAR :]
    expected = usual(values[:-_LONGEST])
    compared = [math.log((value / 100 + _OFFSET) / (expected + _OFFSET)) * _PER_LOG for value in values[-_LONGEST:]]
    scores = tuple([min(compared[-run:]) for run in RUNS])
    return Surge(month, expected, values[-1] / 100, bisect_right(BANDS, expected), scores)


def usual(fen: list[int]) -> float:
    """What a month usually costs, in yuan: the mean of the last year without its most expensive month."""
    year = sorted(fen[-_YEAR:])
    kept = year[:-1] if len(year) > 2 else year
    return sum(kept) / (100 * len(kept)) if kept else 0.0
