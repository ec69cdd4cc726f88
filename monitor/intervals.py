"""How sure are shares and medians? Intervals that hold for few cases too."""

from collections.abc import Sequence
from math import floor, sqrt

_Z = 1.959963984540054
"""Of a normal distribution, 95 % lie within so many standard deviations."""


def wilson(part: int, whole: int) -> tuple[float, float] | None:
    """Wilson's interval of 95 % for a share; None where there is no case.

    >>> wilson(9, 10)
    (0.5958, 0.9821)
    """
    if not whole:
        return None
    share = part / whole
    spread = _Z * sqrt(share * (1 - share) / whole + _Z**2 / (4 * whole**2))
    middle = share + _Z**2 / (2 * whole)
    scale = 1 + _Z**2 / whole
    return round(max(0.0, (middle - spread) / scale), 4), round(min(1.0, (middle + spread) / scale), 4)


def median_interval(values: Sequence[float]) -> tuple[float, float] | None:
    """An interval of at least 95 % for the median, by ranks; None for fewer than six values, which cannot tell."""
    count = len(values)
    if count < 6:
        return None
    rank = max(1, floor((count - _Z * sqrt(count)) / 2))
    ordered = sorted(values)
    return round(ordered[rank - 1], 2), round(ordered[count - rank], 2)
