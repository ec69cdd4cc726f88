"""What people earn: contributions, housing fund, taxed wages and pensions, month by month, and what they declare."""

import math
from random import Random

from monitor.simulation.almanac import Span, is_july
from monitor.simulation.families import is_urban
from monitor.simulation.model import Household, Person, Series
from monitor.simulation.profile import Profile

_TRADES = ("纺织厂", "食品厂", "物业公司", "超市", "环卫所", "建材厂", "酒店", "农场", "快递站", "电子厂")
_WORKS = {True: 0.40, False: 0.16}  # adults of larger households, and those who live alone


def employer(rng: Random) -> str:
    """A name of an employer that does not exist."""
    return f"样例{rng.choice(_TRADES)}（第{rng.randint(1, 60)}）"


def noise(profile: Profile, deviation: float, rng: Random) -> float:
    """A factor around 1."""
    draw = rng.gauss(0.0, 1.0)
    if profile.tail is not None:
        draw /= math.sqrt(max(rng.gammavariate(profile.tail / 2, 2.0), 0.2) / profile.tail)
    return math.exp(deviation * max(-6.0, min(6.0, draw)))


def earn(household: Household, rng: Random, span: Span, profile: Profile) -> None:
    """Give everybody the pay that they have, and let them declare it."""
    for person in household.members:
        if person.role == "adult" and (person.disability or 4) > 2:
            if rng.random() < _WORKS[len(household.members) > 1]:
                work(household, person, rng, span, profile)
        elif person.role == "elder":
            retire(household, person, rng, span, profile)
    for person in household.supporters:
        if rng.random() < 0.12:
            wage(household, person, min(6500.0, 2900 * noise(profile, 0.3, rng)), employer(rng), rng, span, profile)
    declare(household, rng)


def work(household: Household, person: Person, rng: Random, span: Span, profile: Profile) -> None:
    """Make an adult a worker: employed, or paying contributions of their own."""
    if rng.random() < 0.7:
        base = max(2000.0, 2500 * math.exp(rng.gauss(0.0, 0.2)))
        wage(household, person, base, employer(rng), rng, span, profile)
    else:
        values = _adjusted(2000.0 + 100 * rng.randint(0, 10), rng, span, profile, 0.0)
        household.series.append(Series(person, "social-insurance", "灵活就业", "flexible", values, rng.randint(5, 20)))
        person.declared = int(rng.uniform(600, 1800))


def wage(
    household: Household, person: Person, base: float, payer: str, rng: Random, span: Span, profile: Profile
) -> None:
    """An employment: contributions always, housing fund and taxed wages for some."""
    irregular = rng.random() < profile.day_labour
    values = _adjusted(base, rng, span, profile, profile.day_labour_noise if irregular else profile.base_noise)
    if rng.random() < profile.quarterly:
        values = {month: value for month, value in values.items() if month % 3 == 2}
    elif rng.random() < profile.seasonal:
        values = {month: value for month, value in values.items() if month % 12 > 1}
    pay_day = rng.randint(5, 20)
    household.series.append(Series(person, "social-insurance", payer, "employee", values, pay_day))
    if rng.random() < 0.25:
        household.series.append(Series(person, "housing-fund", payer, "", dict(values), pay_day))
    if rng.random() < 0.35:
        deviation = profile.day_labour_noise if irregular else profile.wage_noise
        taxed = {month: value * noise(profile, deviation, rng) for month, value in values.items()}
        if rng.random() < profile.tax_spikes:
            for month in taxed:
                if month % 12 == 11:
                    taxed[month] *= 1.8
        household.series.append(Series(person, "taxes", "wages", "", taxed, rng.randint(2, 15)))


def retire(household: Household, person: Person, rng: Random, span: Span, profile: Profile) -> None:
    """An elder's pension: a former employee's, which is declared, or the residents', or none that is reported."""
    draw = rng.random()
    if draw < (0.2 if is_urban(household.region) else 0.05):
        pension(household, person, 1500 * noise(profile, 0.25, rng), rng, span, profile)
    elif draw < 0.4:
        pension(household, person, rng.uniform(130, 260), rng, span, profile)


def pension(household: Household, person: Person, amount: float, rng: Random, span: Span, profile: Profile) -> None:
    """A pension that rises in July, for some with the arrears since January."""
    values = _adjusted(amount, rng, span, profile, 0.0)
    if rng.random() < profile.back_pay:
        for month in [month for month in values if is_july(month)]:
            values[month] += 6 * max(0.0, values[month] - values.get(month - 1, values[month]))
    household.series.append(Series(person, "pensions", "", "", values, rng.randint(10, 15)))


def _adjusted(base: float, rng: Random, span: Span, profile: Profile, deviation: float) -> dict[int, float]:
    """A value for each month: constant but for noise and July's adjustment."""
    values: dict[int, float] = {}
    for month in range(span.months.start - 1, span.months.stop):
        if is_july(month):
            base *= 1 + max(0.0, rng.gauss(*profile.july))
        values[month] = base * noise(profile, deviation, rng) if deviation else base
    return values


def declare(household: Household, rng: Random) -> None:
    """Let everybody declare what the year will show: a household in good faith breaks no rule by its own pay."""
    for person in household.line.members:
        seen = peak(household, person)
        if seen:
            person.declared = max(person.declared, int(seen * rng.uniform(1.03, 1.2)) // 10 * 10 + 10)
        elif person.role == "elder" and rng.random() < 0.3:
            person.declared = rng.randrange(50, 300, 10)
    own = sum(person.declared for person in household.members)
    household.line.declared = own + (rng.randrange(50, 400, 10) if rng.random() < 0.3 else 0)


def peak(household: Household, person: Person) -> float:
    """The greatest income of a month that the records will show for a person."""
    months: dict[int, dict[str, float]] = {}
    for series in household.series:
        if series.person is person and series.kind != "flexible":
            for month, value in series.values.items():
                sources = months.setdefault(month, {})
                sources[series.feed] = sources.get(series.feed, 0.0) + value
    return max(
        (
            max(s.get("social-insurance", 0.0), s.get("housing-fund", 0.0), s.get("taxes", 0.0))
            + s.get("pensions", 0.0)
            for s in months.values()
        ),
        default=0.0,
    )


def continued(series: Series, payer: str, values: dict[int, float]) -> Series:
    """The same pay from another employer."""
    return Series(series.person, series.feed, payer, series.kind, values, series.pay_day)
