"""income-drop, its other half: wages that stop without notice. Nobody reports it; it shows when others' came."""

from collections.abc import Collection
from typing import NamedTuple

from detectors.series import WARM_UP

MISSING = 3
"""So many periods in which the person used to be paid must be without a record."""
_YEAR = 12


class Stop(NamedTuple):
    """`last` is the last paid period, `known` the third missing one. `p_own` is how usual such absences were."""

    last: int
    known: int
    missing: tuple[int, ...]
    p_own: float


def third_missing(paid: Collection[int], last: int) -> tuple[int, ...]:
    """The three periods after `last` whose absence together is a stop: an absence of the last year's season is none.

    Empty where the season explains everything for a year to come.
    """
    missing: list[int] = []
    for period in range(last + 1, last + _YEAR + 1):
        seasonal = period - _YEAR not in paid and min(paid) < period - _YEAR
        if not seasonal:
            missing.append(period)
            if len(missing) == MISSING:
                return tuple(missing)
    return ()


def stop(paid: Collection[int], stopped: Collection[int], first: int) -> Stop | None:
    """Whether pay has stopped after the latest paid period, were nothing to come up to `known`.

    None if a notice says so, in the first six months, or if gaps as long as this were there before.
    """
    last = max(paid)
    missing = third_missing(paid, last)
    if not missing or last - first < WARM_UP - 1:
        return None
    if any(period in stopped for period in range(last, missing[-1] + 1)):
        return None
    begin = max(min(paid), last - _YEAR)
    absent, gap, longest = 0, 0, 0
    for period in range(begin, last + 1):
        gap = 0 if period in paid else gap + 1
        seasonal = period - _YEAR not in paid and min(paid) < period - _YEAR
        absent += gap > 0 and not seasonal
        longest = max(longest, 0 if seasonal else gap)
    if longest >= MISSING:
        return None
    share = (absent + 0.3) / (last - begin + 2)
    return Stop(last, missing[-1], missing, share**MISSING)
