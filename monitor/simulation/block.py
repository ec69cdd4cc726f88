"""A block of households: which of them carry a truth or a near miss, and how each is made."""

from random import Random

from monitor.simulation import background, delivery, families, pay, reading
from monitor.simulation.almanac import Span, first_day
from monitor.simulation.model import SIZES, Household, Size
from monitor.simulation.pairs import PAIRS, share
from monitor.simulation.profile import Profile
from monitor.simulation.scene import Scene, worker_at_home
from monitor.simulation.tales import DETECTORS, NEAR_MISSES, RULES, Tale
from monitor.simulation.tales_exit import listed_line

BLOCK = 300
"""Households made together; each truth and near miss of a rule occurs once in a block."""


def households_of(first: int, size: int, seed: int, codes: list[str], span: Span, profile: Profile) -> list[Household]:
    """The households from `first` on, `size` of them, with everything that happens to them."""
    dice = Random(f"block {seed} {first}")
    tales = _tales(size, dice, span, profile)
    homes = []
    for n, tale in enumerate(tales):
        rng = Random(f"household {seed} {first + n}")
        county = int(codes[rng.randrange(len(codes))])
        told = SIZES[(first // BLOCK + n) % 3]
        homes.append(_household(first + n, county, tale, told, rng, span, profile))
    _pair(homes, dice, span, first // BLOCK)
    for home in homes:
        _finish(home, Random(f"finish {seed} {home.index}"), span, profile)
    return homes


def _tales(size: int, dice: Random, span: Span, profile: Profile) -> list[Tale | None]:
    """What each household carries, in a random order. A small county has the rules' truths before anything else."""
    detectors = [tale for tale in DETECTORS for _ in range(profile.detector_truths)]
    others = [tale for tale in (*NEAR_MISSES, *detectors) if len(span.months) >= tale.months]
    rules = [tale for tale in RULES if len(span.months) >= tale.months]
    dice.shuffle(others)
    if size < BLOCK:
        others = others[: len(others) * size // BLOCK]
        rules = rules if size >= 4 * len(rules) else dice.sample(rules, len(rules) * size // BLOCK)
    tales: list[Tale | None] = [*rules, *others]
    tales += [None] * (size - len(tales))
    dice.shuffle(tales)
    return tales


def _household(
    index: int, county: int, tale: Tale | None, size: Size, rng: Random, span: Span, profile: Profile
) -> Household:
    roles = rng.choice(tale.roles) if tale and tale.roles else families.any_family(rng)
    home = families.family(index, county, rng, span, roles, supporter=bool(tale and tale.supporter))
    pay.earn(home, rng, span, profile)
    while tale and tale.worker and not worker_at_home(home):
        home.series.clear()
        pay.wage(home, home.members[0], 2600 * pay.noise(profile, 0.2, rng), pay.employer(rng), rng, span, profile)
        pay.declare(home, rng)
    families.settle(home, rng, span, profile)
    background.live(home, rng, span)
    if tale:
        home.untouched = False
        home.line.consent_until = span.end + rng.randint(30, 700)
        tale.story(Scene(home, span, rng, profile, size, tale.kind))
    return home


def _pair(homes: list[Household], dice: Random, span: Span, number: int) -> None:
    """Let some of the households that carry nothing share a person with another."""
    free = [home for home in homes if home.untouched and home.line.consent_until]
    for n, kind in enumerate(PAIRS):
        if len(free) >= 2:
            share(kind, free.pop(), free.pop(), dice, span, SIZES[(number + n) % 3])


def _finish(home: Household, rng: Random, span: Span, profile: Profile) -> None:
    """Let the rest of life happen, send everything, and read what follows from it."""
    years, draw = span.days / 365, rng.random()
    if home.untouched and draw < profile.leaving * years:
        home.lines.append(listed_line(home.line, span.some_day(rng), ()))
    elif home.untouched and draw < (profile.leaving + profile.reviewed) * years:
        home.lines.append(listed_line(home.line, span.some_day(rng), home.line.programs))
    _change_jobs(home, rng, span, profile)
    _bury(home)
    background.paid(home, rng, span, profile)
    home.records = [r for r in home.records if not (r.natural and r.person.died and r.day > r.person.died)]
    delivery.send(home, rng, span, profile)
    reading.read(home)


def _change_jobs(home: Household, rng: Random, span: Span, profile: Profile) -> None:
    """Some change the employer in good faith; for half of them the old one still pays in the new one's first month."""
    if not home.untouched or len(span.months) < 6:
        return
    for series in [s for s in home.series if s.kind == "employee"]:
        if rng.random() < profile.job_changes:
            month = rng.randint(span.months.start + 3, span.months.stop - 2)
            overlap = rng.random() < 0.5
            payer = pay.employer(rng)
            for one in [s for s in home.series if s.person is series.person and s.payer == series.payer]:
                later = {m: value for m, value in one.values.items() if m >= month}
                one.values = {m: value for m, value in one.values.items() if m < month + overlap}
                home.series.append(pay.continued(one, payer, later))


def _bury(home: Household) -> None:
    """Nobody is paid after death; the employer says so."""
    for series in home.series:
        died = series.person.died
        if died is not None:
            after = [m for m in series.values if first_day(m + (series.feed == "taxes")) + series.pay_day - 1 > died]
            if after and series.feed in ("social-insurance", "housing-fund") and series.kind != "flexible":
                series.stopped = min(after)
            series.values = {m: value for m, value in series.values.items() if m not in after}
