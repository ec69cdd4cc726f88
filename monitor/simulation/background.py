"""What ordinary life leaves in the feeds: pay month by month, doctors' bills, subsidies, a tricycle."""

from random import Random

from monitor.simulation.almanac import (
    HOSPITAL_HOURS,
    Span,
    first_day,
    hour_of_day,
    last_day,
    month_number,
    next_workday,
)
from monitor.simulation.model import Household, Person, Record, Series
from monitor.simulation.profile import Profile

_VISITS = {"elder": 1.4, "adult": 0.8, "child": 0.5}  # a year, of those who are not chronically ill
_MODEST = ("motorcycle", "agricultural", "tricycle")


def live(household: Household, rng: Random, span: Span) -> None:
    """Records that have nothing to do with pay."""
    for person in household.members:
        _fall_ill(household, person, rng, span)
        if rng.random() < 0.25 and span.days > 60:
            day = span.some_day(rng)
            household.record(
                "social-insurance", person, day,
                employer="城乡居民", base=rng.randrange(380, 410, 10), period=month_number(day), kind="resident",
                status="paid",
            )  # fmt: skip
    adult = household.members[0]
    years = span.days / 365
    for _ in range(_count(0.35 * years, rng)):
        kind = rng.choice(("farm_machinery", "forestry", "other", "forestry"))
        household.record("subsidies", adult, span.some_day(rng), kind=kind, amount=rng.randrange(120, 1200, 10))
    if rng.random() < 0.05 * years:
        household.record(
            "vehicles", adult, span.some_day(rng),
            plate=f"鄂S{household.index:05d}", vehicle_type=rng.choice(_MODEST), value=rng.randrange(900, 9000, 100),
            action="registered",
        )  # fmt: skip
    for person in household.members:
        if person.disability and rng.random() < 0.1 * years:
            household.record("disabilities", person, span.some_day(rng), grade=person.disability, action="certified")


def _fall_ill(household: Household, person: Person, rng: Random, span: Span) -> None:
    """Now and then a visit; for the chronically ill a regular bill every month."""
    if rng.random() < (0.11 if person.role == "elder" else 0.05):
        monthly = rng.uniform(50, 120)
        for month in span.months:
            if rng.random() < 0.93:
                day = first_day(month) + rng.randrange(28)
                bill(household, person, day, monthly * rng.uniform(0.85, 1.15), rng)
    for _ in range(_count(_VISITS[person.role] * span.days / 365, rng)):
        bill(household, person, span.some_day(rng, 2, 0), rng.lognormvariate(4.2, 0.7), rng)


def bill(household: Household, person: Person, day: int, own: float, rng: Random) -> Record:
    """A hospital's record: total cost, and what the patient pays."""
    own = round(min(own, 600.0), 2)
    record = household.record(
        "medical", person, day, total_cost=round(own * rng.uniform(1.8, 4.0), 2), out_of_pocket=own
    )
    record.second = hour_of_day(HOSPITAL_HOURS, rng)
    return record


def paid(household: Household, rng: Random, span: Span, profile: Profile) -> None:
    """Turn every series into records, a few of which never come."""
    for series in household.series:
        for month, value in series.values.items():
            if rng.random() >= profile.gap:
                _period_record(household, series, month, value, "paid")
        if series.stopped is not None:
            _period_record(household, series, series.stopped, 0.0, "stopped").natural = False


def _period_record(household: Household, series: Series, month: int, value: float, status: str) -> Record:
    paid_in = month + 1 if series.feed == "taxes" else month
    day = min(next_workday(first_day(paid_in) + series.pay_day - 1), last_day(paid_in))
    amount = round(value, 2)
    values: dict[str, str | int | float]
    if series.feed == "social-insurance":
        values = {"employer": series.payer, "base": amount, "period": month, "kind": series.kind, "status": status}
    elif series.feed == "housing-fund":
        values = {"employer": series.payer, "base": amount, "period": month, "status": status}
    elif series.feed == "taxes":
        values = {"income_kind": series.payer, "amount": amount, "period": month}
    else:
        values = {"amount": amount, "period": month}
    record = household.record(series.feed, series.person, day, **values)
    record.hold = series.late.get(month, 0)
    return record


def _count(mean: float, rng: Random) -> int:
    """How often something rare happens: a draw of Poisson's distribution."""
    count, product, limit = 0, rng.random(), 2.718281828459045**-mean
    while product > limit:
        count += 1
        product *= rng.random()
    return count
