"""income-jump and income-drop: a person's income of one kind leaves its own past and stays outside.

Two periods in a row must lie outside, so that a single one that returns to the former level says nothing.
"""

from collections.abc import Collection
from typing import NamedTuple

from detectors.own_past import OwnPast, fifths
from detectors.series import WARM_UP

Values = list[tuple[int, float]]
"""Periods in order, each with its value on the logarithmic scale, less the peers' movement."""
_KNOWN = 3
_FORGOTTEN = 12
"""What lies so many values back no longer weighs in the level."""


class Shift(NamedTuple):
    """Two periods in a row seen against the past before them.

    `rise` is how far the lesser of them lies above the past's upper bound, `fall` how far the greater lies below its
    lower bound; both on the logarithmic scale and negative if they do not. `spread` is the past's range between its
    fifths, `scale` how far values use to stray; it is worked out only where something rises or falls.
    """

    onset: int
    confirmed: int
    rise: float
    fall: float
    spread: float
    scale: float
    expected: float
    came: float


class Step(NamedTuple):
    """One period against the past before it, before it is known whether it stays: what peers are compared by."""

    rise: float
    fall: float


_WITHIN = Step(0.0, 0.0)


def shifts(
    values: Values, onsets: Collection[int], resets: Collection[int], peers_scale: float, first: int
) -> tuple[list[Shift], Step | None]:
    """The shifts that begin at `onsets`, and the step of the last value, in scales.

    At `resets` the level is known to have changed, and the past begins anew. Nothing is judged in the first six
    months since `first`, nor by fewer than three values.
    """
    found: list[Shift] = []
    step: Step | None = None
    last = len(values) - 1
    for index in range(last + 1):
        period, value = values[index]
        if (index != last and period not in onsets) or period - first < WARM_UP:
            continue
        reset = max((at for at in resets if at <= period), default=0)
        past = [level for at, level in values[max(0, index - _FORGOTTEN) : index] if at >= reset]
        if len(past) < _KNOWN or period == reset:
            continue
        low, high = fifths(past)
        if index == last:
            step = _step(past, value, low, high, peers_scale)
        else:
            found.append(_shift(past, values[index], values[index + 1], low, high, peers_scale))
    return found, step


def _shift(
    past: list[float], onset: tuple[int, float], next_: tuple[int, float], low: float, high: float, peers: float
) -> Shift:
    lesser, greater = min(onset[1], next_[1]), max(onset[1], next_[1])
    if lesser <= high and greater >= low:
        return Shift(onset[0], next_[0], 0.0, 0.0, high - low, 1.0, high, lesser)
    own = _learned(past, peers)
    rise, fall = lesser - max(high, own.level), min(low, own.level) - greater
    came = lesser if rise > 0 else greater
    return Shift(onset[0], next_[0], rise, fall, high - low, own.scale, own.level, came)


def _step(past: list[float], value: float, low: float, high: float, peers: float) -> Step:
    if low <= value <= high:
        return _WITHIN
    own = _learned(past, peers)
    return Step((value - max(high, own.level)) / own.scale, (min(low, own.level) - value) / own.scale)


def _learned(past: list[float], peers_scale: float) -> OwnPast:
    own = OwnPast(peers_scale)
    for level in past:
        own.learn_one(level)
    return own
