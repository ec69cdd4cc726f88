"""A block of households: which of them carry a truth or a near miss, and how each is made."""

from random import Random

from monitor.simulation import background, delivery, families, pay
from monitor.simulation.almanac import Span
from monitor.simulation.families import SLOTS
from monitor.simulation.model import SIZES, Household, Size
from monitor.simulation.profile import Profile
from monitor.simulation.scene import Scene, worker_at_home
from monitor.simulation.shocks import MONTHS, NEEDS_WORKER, SHOCKS

BLOCK = 300
"""Households made together; each truth of a rule occurs once in a block."""
_EMPLOYED = ((("head", "adult"), ("spouse", "adult"), ("child", "child")), (("head", "adult"), ("parent", "elder")))


def households_of(first: int, size: int, seed: int, codes: list[str], span: Span, profile: Profile) -> list[Household]:
    """The households from `first` on, `size` of them, with everything that happens to them."""
    shuffled = _slots(profile)
    Random(f"slots {seed} {first}").shuffle(shuffled)
    homes = []
    for n in range(size):
        index = first + n
        rng = Random(f"household {seed} {index}")
        county = int(codes[rng.randrange(len(codes))])
        kind = shuffled[n]
        homes.append(_household(index, county, kind, SIZES[(first // BLOCK + n) % 3], rng, span, profile))
    return homes


def _slots(profile: Profile) -> list[str]:
    """What the households of a block carry; empty: nothing."""
    slots = [kind for kind in SHOCKS for _ in range(profile.detector_truths)]
    return slots + [""] * (BLOCK - len(slots))


def _household(index: int, county: int, kind: str, size: Size, rng: Random, span: Span, profile: Profile) -> Household:
    if kind and len(span.months) < MONTHS[kind]:
        kind = ""
    roles = rng.choice(_EMPLOYED) if kind in NEEDS_WORKER else families.any_family(rng)
    home = families.family(index, county, rng, span, profile, roles)
    pay.earn(home, rng, span, profile)
    if kind in NEEDS_WORKER:
        while not worker_at_home(home):
            home.series.clear()
            pay.wage(home, home.members[0], 2600 * pay.noise(profile, 0.2, rng), pay.employer(rng), rng, span, profile)
        pay.declare(home, rng)
    families.settle(home, rng, span, profile)
    background.live(home, rng, span)
    if kind:
        home.line.consent_until = span.end + 200
        SHOCKS[kind](Scene(home, span, rng, profile, size, kind))
    background.paid(home, rng, span, profile)
    delivery.send(home, rng, span, profile)
    assert len(home.line.members) <= SLOTS
    return home
