"""household-outlier: several kinds of a household's records have left own history and peers, none of them alone."""

import msgspec

from detectors.own_past import OwnPast, fifths
from detectors.peers import Movement
from detectors.population import WAGES
from detectors.series import WARM_UP, log_amount

_STRONGEST = 3
_PEERS_SCALE = 0.15
"""What a household's sums use to stray while its own are few."""
_CAP = 20.0


class Kind(msgspec.Struct, frozen=True):
    """One kind of a household's records in two months in a row. Levels are logarithmic."""

    name: str
    expected: float
    came: float
    deviation: float
    """The lesser of the two months' distances from the past's bounds, in scales, with its sign."""


class Outlier(msgspec.Struct, frozen=True):
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


class Sheet(msgspec.Struct, frozen=True):
    """A kind's monthly sums in yuan from a month on, the last one being judged, and how its peers moved meanwhile."""

    name: str
    first: int
    sums: list[float]
    movement: Movement | None = None

    def moved(self, index: int) -> float:
        """What the peers moved up to a month, on the logarithmic scale."""
        return self.movement.offset(self.first + index) if self.movement is not None else 0.0

    def level(self, index: int) -> float:
        """A month's sum on the logarithmic scale, less the peers' movement."""
        return log_amount(self.sums[index]) - self.moved(index)


def latest_first(month: int) -> int:
    """A kind that is known since this month or longer can be judged: it has six months before the last two."""
    return month - WARM_UP - 1


def outlier(sheets: list[Sheet], month: int, least: float, deviations: float) -> Outlier:
    """The last two months up to `month` against the months before, for each kind: see `latest_first`.

    `least` is the smallest change on the logarithmic scale that counts, `deviations` how many scales away from the
    past's bounds is out of range.
    """
    strayed = [kind for sheet in sheets if (kind := _kind(sheet, least)) is not None]
    if not strayed:
        return Outlier(month, (), 0.0, len(sheets))
    strengths: dict[str, float] = {}
    for kind in strayed:
        name = group_of(kind.name)
        strengths[name] = max(strengths.get(name, 0.0), min(abs(kind.deviation), _CAP))
    others = sorted(strengths.values(), reverse=True)[1:_STRONGEST]
    score = sum(strength**2 for strength in others) ** 0.5
    out = tuple(kind for kind in strayed if abs(kind.deviation) >= deviations)
    return Outlier(month, out, score, len(sheets))


def _kind(sheet: Sheet, least: float) -> Kind | None:
    """None for a kind within its range. Far most are, which the sums themselves tell."""
    low_sum, high_sum = fifths(sheet.sums[:-2])
    lesser, greater = sorted(sheet.sums[-2:])
    latest = len(sheet.sums) - 1
    moved = sheet.moved(latest) - sheet.moved(0) if sheet.movement is not None else 0.0
    if lesser <= high_sum and greater >= low_sum and moved <= 0:
        return None
    above = log_amount(lesser) - log_amount(high_sum) >= least
    below = log_amount(low_sum) - log_amount(greater) + max(0.0, moved) >= least
    if not above and not below:
        return None
    levels = [sheet.level(index) for index in range(len(sheet.sums))]
    own = OwnPast(_PEERS_SCALE)
    for level in levels[:-2]:
        own.learn_one(level)
    low, high = own.bounds()
    rise, fall = min(levels[-2:]) - high, low - max(levels[-2:])
    if not (above if rise > fall else log_amount(low_sum) - log_amount(greater) >= least):
        rise = fall = 0.0  # only in comparison with the peers' movement, which may not be known yet
    deviation = rise / own.scale if rise >= least else -fall / own.scale if fall >= least else 0.0
    return Kind(sheet.name, own.level + sheet.moved(latest), levels[-1] + sheet.moved(latest), deviation)
