"""feed-silence: nothing comes, hour after hour, where the cell's own rhythm let expect something."""

import math

import msgspec

_DISPERSION = 0.35
_AWAITED = 3.0
"""From so many expected records on an hour without any is remarkable."""
_MEMORY = 2000
_BATCH = 30.0
_OVERDUE = 12
"""So many hours after a batch was awaited it is no longer late but missing, and half the evidence is enough."""


def evidence(expected: float, activity: float, missing_share: float) -> float:
    """-log10 of the probability that an hour with this expected count brings nothing.

    Counts come in bunches, so that the tail is a negative binomial's; `activity` is how much of their usual the other
    feeds brought, from 0 to 1: when all are quiet, one's silence says nothing.
    """
    if expected <= 0:
        return 0.0
    nothing = (1 + expected * _DISPERSION) ** (-1 / _DISPERSION)
    return -math.log10(max(nothing, missing_share)) * min(1.0, max(0.0, activity))


class Gap(msgspec.Struct, array_like=True):
    """The silence since the last delivery. `longest` remembers the past's strongest, slowly fading."""

    since: int = 0
    hours: int = 0
    expected: float = 0.0
    strength: float = 0.0
    longest: float = 0.0
    told: bool = False
    awaited: float = 0.0
    missed: float = 0.0
    overdue: int = 0
    """Hours of this silence since a batch was awaited for the first time."""

    def evident(self, evidence: float, least_hours: float) -> bool:
        """The silence is more than what this cell may do: much has been missed, or a batch for long."""
        enough = evidence if self.overdue < _OVERDUE else evidence / 2
        return self.strength >= max(enough, 1.2 * self.longest) and self.hours >= least_hours

    @property
    def missing_share(self) -> float:
        """How often nothing came where much was expected; never less than was seen allows to say."""
        return (self.missed + 1) / (self.awaited + 2)

    def learn_one(self, expected: float, activity: float, came: bool) -> None:
        """Count an hour in which much was expected and the other feeds went on, unless the silence was told."""
        if expected >= _AWAITED and not self.told:
            self.awaited += activity
            self.missed += 0.0 if came else activity
            if self.awaited > _MEMORY:
                self.awaited, self.missed = self.awaited / 2, self.missed / 2

    def extend(self, hour: int, expected: float, strength: float) -> None:
        """Another hour without a delivery."""
        if not self.hours:
            self.since = hour
        self.hours += 1
        self.expected += expected
        self.strength += strength
        if self.overdue or expected >= _BATCH:
            self.overdue += 1

    def end(self) -> None:
        """Something came. What was not told is what this cell may do."""
        if self.hours:
            if not self.told:
                self.longest = max(self.longest * 0.998, self.strength)
            self.since = self.hours = self.overdue = 0
            self.expected = self.strength = 0.0
            self.told = False
