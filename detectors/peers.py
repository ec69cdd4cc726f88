"""How the peers moved from one period to the next: what moves everybody is nobody's news."""

from bisect import bisect_right

import msgspec

from detectors.series import Values

LEAST = 20
"""So few peers say nothing about a movement."""
_STEP = 0.01
_REACH = 60
_KEPT = 40
_LATEST = 6


class Movement(msgspec.Struct, array_like=True):
    """Steps of all persons of a feed from one period to the next, counted per period in hundredths.

    `offset` adds up the medians, so that a value less its period's offset is comparable over the years: the July
    adjustment of the base is in the offset and not in the person.
    """

    counts: dict[int, dict[int, int]] = msgspec.field(default_factory=dict)
    sizes: dict[int, int] = msgspec.field(default_factory=dict)
    known: dict[int, int] = msgspec.field(default_factory=dict)
    """How many steps the period had when its median was taken."""
    medians: dict[int, float] = msgspec.field(default_factory=dict)
    spreads: dict[int, float] = msgspec.field(default_factory=dict)
    offsets: dict[int, float] = msgspec.field(default_factory=dict)
    spread: float = 0.02
    """How far a usual person strays from the median in a usual period."""
    top: int = 0
    """The latest period with an offset."""

    def learn_one(self, period: int, step: float) -> None:
        """Count a person's step into this period from the one before."""
        steps = self.counts.setdefault(period, {})
        place = max(-_REACH, min(_REACH, round(step / _STEP)))
        steps[place] = steps.get(place, 0) + 1
        size = self.sizes[period] = self.sizes.get(period, 0) + 1
        if size >= LEAST and size * 10 >= self.known.get(period, 0) * 11:
            self._refresh(period, size)

    def offset(self, period: int) -> float:
        """The peers' movement up to this period, since one that stays the same while it matters."""
        found = self.offsets.get(period)
        if found is not None:
            return found
        return self.offsets[self.top] if period > self.top > 0 else 0.0

    def without(self, values: Values) -> Values:
        """Values less the peers' movement."""
        periods, levels, known = values.periods, values.levels, self.offsets.get
        late = bisect_right(periods, self.top)
        less = [level - known(period, 0.0) for period, level in zip(periods[:late], levels, strict=False)]
        if late < len(periods):
            since = known(self.top, 0.0)
            less += [level - since for level in levels[late:]]
        return Values(periods, less)

    def peers(self, period: int) -> int:
        """How many persons' steps into this period are known."""
        return self.sizes.get(period, 0)

    def _refresh(self, period: int, size: int) -> None:
        self.known[period] = size
        ordered = sorted(self.counts[period].items())
        self.medians[period] = _quantile(ordered, size, 0.5) * _STEP
        self.spreads[period] = (_quantile(ordered, size, 0.84) - _quantile(ordered, size, 0.16)) / 2 * _STEP
        if len(self.medians) > _KEPT:
            self._forget(min(self.medians))
        periods = sorted(self.medians)
        usual = sorted(self.spreads[p] for p in periods[-_LATEST:])
        self.spread = min(0.15, max(0.01, usual[len(usual) // 2]))
        total = 0.0
        self.offsets = {}
        for at in range(periods[0], periods[-1] + 1):
            total += self.medians.get(at, 0.0)
            self.offsets[at] = total
        self.top = periods[-1]

    def _forget(self, period: int) -> None:
        for table in (self.counts, self.sizes, self.known, self.medians, self.spreads):
            table.pop(period, None)


def _quantile(ordered: list[tuple[int, int]], size: int, share: float) -> float:
    """The bin at this share; halfway between bins nothing is interpolated, for bins are finer than what matters."""
    left = share * size
    for place, count in ordered:
        left -= count
        if left <= 0:
            return float(place)
    return float(ordered[-1][0])
