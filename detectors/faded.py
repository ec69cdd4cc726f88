"""An exponentially fading mean and variance that begins as a plain one, and can be packed."""

import math

import msgspec

MOST = 1000.0
"""No score is greater: after a constant stretch any change would be infinitely far."""
RELATIVE = 0.001
_ROUNDING = 1e-12


class Faded(msgspec.Struct, array_like=True):
    """Mean and variance of a stream, as River's `EWMean` and `EWVar` keep them, with two differences.

    Those begin at the first value and keep a third of its weight for `1 / fading` values; here all values weigh the
    same until there are as many. And those are native objects that only pickle saves; these are three numbers.

    >>> level = Faded()
    >>> for value in (4.0, 6.0):
    ...     level.learn_one(value, 0.1)
    >>> (level.mean, level.score_one(8.0))
    (5.0, 3.0)
    """

    count: int = 0
    mean: float = 0.0
    variance: float = 0.0

    def learn_one(self, value: float, fading: float) -> None:
        """Take a value in; from `1 / fading` values on the older ones fade."""
        self.count = count = self.count + 1
        weight = max(fading, 1 / count)
        step = value - self.mean
        self.mean += weight * step
        self.variance = (1 - weight) * (self.variance + weight * step * step)

    def score_one(self, value: float, relative: float = RELATIVE) -> float:
        """How many standard deviations the value lies from the mean, with its sign.

        A deviation below this share of the mean is rounding and counts as this share.
        """
        step = value - self.mean
        if abs(step) <= _ROUNDING * abs(self.mean):
            return 0.0
        deviation = math.sqrt(self.variance + (relative * self.mean) ** 2)
        return math.copysign(MOST, step) if abs(step) >= MOST * deviation else step / deviation
