"""income-jump and income-drop: a person's income of one kind leaves its own past and stays outside.

At least two periods must lie outside, so that a single one that returns to the former level says nothing. Up to four
periods are looked at together: of three or four, one may lie within, for unsteady pay is told from its noise only by
more than two.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection

import msgspec

from detectors.own_past import FLOOR, fifths_of_sorted
from detectors.series import WARM_UP, Values

_KNOWN = 3
_FORGOTTEN = 12
"""What lies so many values back no longer weighs in the level."""
FOREIGN = 4
"""So many true shifts may be among the first scores of a small county's peers."""
SHORTEST = 2
"""Periods of a shift."""
_WEIGHTS = {SHORTEST: 1.0, 3: 0.9, 4: 1.2}
"""By the number of periods: normal noise exceeds the same score about equally often in each."""
_LONGEST = max(_WEIGHTS)
_PEERS_WEIGHT = 3
"""So many values of a usual peer's are added to the own ones, for few values say little of how far they stray."""
_TO_DEVIATION = 1.5
"""Makes the mean square without the greatest one a variance."""


class Shift(msgspec.Struct, frozen=True):
    """The latest two to four periods seen against the past before them.

    `change` is how far they lie above the past's level, below it if negative, on the logarithmic scale; `score` the
    same in scales, weighted by the number of periods. `confirmed` is the last of them; both are 0 where the periods
    lie within the past. `spread` is the past's range between its fifths.
    """

    onset: int
    confirmed: int
    periods: int
    change: float
    score: float
    spread: float
    expected: float
    came: float


def shift_at(values: Values, period: int, resets: Collection[int], peers_scale: float, first: int) -> Shift | None:
    """The most remarkable shift of which the value of `period` is a part; None where nothing can be judged.

    Values are on the logarithmic scale, less the peers' movement.
    At `resets` the level is known to have changed, and the past begins anew. Nothing is judged in the first six
    months since `first`, nor by fewer than three values.
    """
    periods, levels = values.periods, values.levels
    place = bisect_right(periods, period) - 1
    best: Shift | None = None
    for end in range(max(1, place), min(len(periods), place + _LONGEST)):
        latest = levels[end]
        for count, weight in _WEIGHTS.items():
            start = end - count + 1
            if start > place:
                continue
            if start < _KNOWN:
                break
            past = _before(values, start, resets, first)
            if past is None:
                continue
            low, high = fifths_of_sorted(past)
            earliest = levels[start]
            change, score, expected, came = 0.0, 0.0, high, latest
            if (earliest > high and latest > high) or (earliest < low and latest < low):
                window = levels[start : end + 1]
                change, score, expected, came = _compared(past, low, high, window, weight, peers_scale)
            if best is None or abs(score) > abs(best.score):
                best = Shift(periods[start], periods[end], count, change, score, high - low, expected, came)
    return best


def step_of(values: Values, resets: Collection[int], peers_scale: float, first: int) -> float | None:
    """The step of the last value, in scales, negative if it falls; None where nothing can be judged.

    It is one period against the past before it, before it is known whether it stays: what peers are compared by.
    """
    past = _before(values, len(values.periods) - 1, resets, first)
    if past is None:
        return None
    value = values.levels[-1]
    low, high = fifths_of_sorted(past)
    if low <= value <= high:
        return 0.0
    level, scale = _learned(past, peers_scale)
    return (value - level) / scale


def _before(values: Values, start: int, resets: Collection[int], first: int) -> list[float] | None:
    """The levels before one, sorted, as far back as they weigh; None if that one cannot be judged by them."""
    period = values.periods[start]
    if period - first < WARM_UP or start < _KNOWN:
        return None
    begin = start - _FORGOTTEN if start > _FORGOTTEN else 0
    if resets:
        reset = max((at for at in resets if at <= period), default=0)
        begin = bisect_left(values.periods, reset, begin, start)
        if start - begin < _KNOWN or period == reset:
            return None
    past = values.levels[begin:start]
    past.sort()
    return past


def _compared(
    past: list[float], low: float, high: float, window: list[float], weight: float, peers_scale: float
) -> tuple[float, float, float, float]:
    """Change, score, expected and come of a window against the sorted past before it, beyond whose fifths it begins
    and ends; no change if what it agrees on lies within them.
    """
    latest = window[-1]
    rises = latest > high
    dissent = len(window) > 2
    came = sorted(window)[dissent if rises else -1 - dissent]
    if not (came > high if rises else came < low):
        return 0.0, 0.0, high, latest
    level, scale = _learned(past, peers_scale)
    change = came - level
    return change, weight * change / scale, level, came


def _learned(past: list[float], peers_scale: float) -> tuple[float, float]:
    """What sorted values let expect: the level, and how far values stray from it.

    The greatest deviation does not count: a single spike does not widen the range.
    """
    count = len(past)
    level = (past[(count - 1) // 2] + past[count // 2]) / 2
    squares = sorted([(value - level) ** 2 for value in past])
    own = sum(squares[:-1]) * _TO_DEVIATION
    variance = (own + _PEERS_WEIGHT * peers_scale**2) / (count - 1 + _PEERS_WEIGHT) + FLOOR**2
    return level, variance**0.5
