"""income-jump and income-drop: a person's income of one kind leaves its own past and stays outside.

Two periods in a row must lie outside, so that a single one that returns to the former level says nothing.
"""

from collections.abc import Collection
from typing import NamedTuple

from detectors.own_past import OwnPast
from detectors.series import WARM_UP

Values = list[tuple[int, float]]
"""Periods in order, each with its value on the logarithmic scale, less the peers' movement."""
_KNOWN = 3


class Shift(NamedTuple):
    """Two periods in a row seen against the past before them.

    `rise` is how far the lesser of them lies above the past's upper bound, `fall` how far the greater lies below its
    lower bound; both on the logarithmic scale and negative if they do not. `scale` is how far values use to stray.
    """

    onset: int
    confirmed: int
    rise: float
    fall: float
    scale: float
    expected: float
    came: float


class Step(NamedTuple):
    """One period against the past before it, before it is known whether it stays: what peers are compared by."""

    rise: float
    fall: float
    scale: float


def shifts(
    values: Values, onsets: Collection[int], resets: Collection[int], peers_scale: float, first: int
) -> tuple[list[Shift], Step | None]:
    """The shifts that begin at `onsets`, and the step of the last value.

    At `resets` the level is known to have changed, and the past begins anew. Nothing is judged in the first six
    months since `first`, nor by fewer than three values.
    """
    found: list[Shift] = []
    step: Step | None = None
    past = OwnPast(peers_scale)
    last = len(values) - 1
    for index, (period, value) in enumerate(values):
        if period in resets:
            past = OwnPast(peers_scale)
        if period - first >= WARM_UP and past.count >= _KNOWN:
            if index == last:
                low, high = past.bounds()
                step = Step(value - high, low - value, past.scale)
            elif period in onsets:
                confirmed, following = values[index + 1]
                low, high = past.bounds()
                rise, fall = min(value, following) - high, low - max(value, following)
                came = min(value, following) if rise > 0 else max(value, following)
                found.append(Shift(period, confirmed, rise, fall, past.scale, past.level, came))
        past.learn_one(value)
    return found, step
