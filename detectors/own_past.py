"""What a person's own past lets expect: a level and how far values use to stray from it."""

from collections import deque

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

    __slots__ = ("_mean", "_recent", "_var", "count", "peers_scale")

    def __init__(self, peers_scale: float) -> None:
        self.peers_scale = peers_scale
        self.count = 0
        self._mean = stats.EWMean(FADING)
        self._var = stats.EWVar(FADING)
        self._recent: deque[float] = deque(maxlen=_RANGE)

    @property
    def level(self) -> float:
        """The expected value."""
        mean: float = self._mean.get()
        return mean

    @property
    def scale(self) -> float:
        """How far values use to stray, drawn toward the peers' and never below the floor."""
        own: float = max(self._var.get(), 0.0)
        weight = self.count / (self.count + 4)
        peers = self.peers_scale
        return float((weight * own + (1 - weight) * peers * peers + FLOOR * FLOOR) ** 0.5)

    def bounds(self) -> tuple[float, float]:
        """What counts as within the past: from the lower to the upper fifth of the last year, and the level."""
        level = self.level
        recent = sorted(self._recent)
        if not recent:
            return level, level
        fifth = len(recent) // 5
        return min(level, recent[fifth]), max(level, recent[-1 - fifth])

    def score_one(self, value: float) -> float:
        """How many scales the value lies from the level, with its sign."""
        return (value - self.level) / self.scale

    def learn_one(self, value: float) -> None:
        """Take the value into the past."""
        self._recent.append(value)
        if self.count >= 3:
            level, reach = self.level, 3 * self.scale
            value = min(max(value, level - reach), level + reach)
        self._mean.update(value)
        self._var.update(value)
        self.count += 1
