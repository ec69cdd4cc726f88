"""What a person's own past lets expect: a level and how far values use to stray from it."""

from collections import deque
from collections.abc import Collection, Sequence

from river import stats

FADING = 0.3
FLOOR = 0.02
"""On the logarithmic scale: two in a hundred are never remarkable."""
_RANGE = 12


class OwnPast:
    """Exponentially weighted mean and variance of values on the logarithmic scale.

    A value far outside is learned only as far as three scales away, so that a single spike does not spoil the level;
    a level that stays is learned within a few values. The scale is drawn toward the peers' while values are few.

    >>> past = OwnPast(peers_scale=0.05)
    >>> for value in (8.0, 8.01, 7.99, 8.0):
    ...     past.learn_one(value)
    >>> round(past.score_one(8.5), 1) > 10
    True
    """

    __slots__ = ("_mean", "_recent", "_var", "count", "level", "peers_scale", "scale")

    def __init__(self, peers_scale: float) -> None:
        self.peers_scale = peers_scale
        self.count = 0
        self.level = 0.0
        """The expected value."""
        self.scale = peers_scale
        """How far values use to stray, drawn toward the peers' and never below the floor."""
        self._mean = stats.EWMean(FADING)
        self._var = stats.EWVar(FADING)
        self._recent: deque[float] = deque(maxlen=_RANGE)

    def bounds(self) -> tuple[float, float]:
        """What counts as within the past: from the lower to the upper fifth of the last year, and the level."""
        low, high = fifths(self._recent)
        return min(self.level, low), max(self.level, high)

    def score_one(self, value: float) -> float:
        """How many scales the value lies from the level, with its sign."""
        return (value - self.level) / self.scale

    def learn_one(self, value: float) -> None:
        """Take the value into the past."""
        self._recent.append(value)
        count = self.count
        if count >= 3:
            reach = 3 * self.scale
            if value > self.level + reach:
                value = self.level + reach
            elif value < self.level - reach:
                value = self.level - reach
        self._mean.update(value)
        self._var.update(value)
        self.count = count = count + 1
        self.level = self._mean.get()
        own = self._var.get()
        weight = count / (count + 4)
        peers = self.peers_scale
        self.scale = (weight * (own if own > 0 else 0.0) + (1 - weight) * peers * peers + FLOOR * FLOOR) ** 0.5


def fifths(values: Collection[float]) -> tuple[float, float]:
    """The value at the lower and at the upper fifth; a single spike among five is beyond."""
    return fifths_of_sorted(sorted(values))


def fifths_of_sorted(ordered: Sequence[float]) -> tuple[float, float]:
    """The same of values that are sorted already."""
    if not ordered:
        return 0.0, 0.0
    fifth = len(ordered) // 5
    return ordered[fifth], ordered[-1 - fifth]
