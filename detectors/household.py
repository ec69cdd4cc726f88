"""household-outlier: several kinds of a household's records have left own history and peers, none of them alone."""

from collections.abc import Mapping
from typing import NamedTuple

from detectors.own_past import OwnPast
from detectors.population import WAGES
from detectors.series import WARM_UP, log_amount

_STRONGEST = 3
NOTHING = log_amount(0.0)
"""The level of a month without records."""
_CAP = 20.0


class Kind(NamedTuple):
    """One kind of a household's records in two months in a row. Levels are logarithmic."""

    name: str
    expected: float
    came: float
    deviation: float
    """The lesser of the two months' distances from the past's bounds, in scales, with its sign."""


class Outlier(NamedTuple):
    """The household in two months in a row: the kinds that left their range.

    `score` is how far it strayed without its strongest kind: what one kind does, that kind's own detector says.
    """

    month: int
    out: tuple[Kind, ...]
    score: float
    watched: int


def group_of(name: str) -> str:
    """The three wage feeds are one group: they tell of the same job."""
    return "wages" if name in WAGES else name


def outlier(kinds: Mapping[str, Mapping[int, float]], month: int, least: float, deviations: float) -> Outlier | None:
    """The two months up to `month` against the months before, for each kind's levels by month.

    Levels are sums on the logarithmic scale, less the peers' movement. `least` is the smallest change that counts,
    `deviations` how many scales away from the past's bounds is out of range. None in the first six months.
    """
    found = [kind for name, levels in kinds.items() if (kind := _kind(name, levels, month, least)) is not None]
    if not found:
        return None
    strengths: dict[str, float] = {}
    for kind in found:
        name = group_of(kind.name)
        strengths[name] = max(strengths.get(name, 0.0), min(abs(kind.deviation), _CAP))
    others = sorted(strengths.values(), reverse=True)[1:_STRONGEST]
    score = sum(strength**2 for strength in others) ** 0.5
    out = tuple(kind for kind in found if abs(kind.deviation) >= deviations)
    return Outlier(month, out, score, len(found))


def _kind(name: str, sums: Mapping[int, float], month: int, least: float) -> Kind | None:
    begin = min(sums, default=month)
    if month - 1 - begin < WARM_UP:
        return None
    past = OwnPast(0.15)
    for at in range(max(begin, month - 15), month - 1):
        past.learn_one(sums.get(at, NOTHING))
    low, high = past.bounds()
    before, now = sums.get(month - 1, NOTHING), sums.get(month, NOTHING)
    above, below = min(before, now) - high, low - max(before, now)
    if above >= least:
        return Kind(name, past.level, now, above / past.scale)
    if below >= least:
        return Kind(name, past.level, now, -below / past.scale)
    return Kind(name, past.level, now, 0.0)
