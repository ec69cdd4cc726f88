"""A small simulated county for measuring detectors: changes in the order of arrival, roster lines and truths.

It is a second making, apart from `monitor simulate`, with profiles that vary what the detectors lean on: noise, tails,
gaps, pay rhythms. All people are made up.
"""

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from detectors.doubts import Doubt
from streams.changes import Change, Value
from streams.moments import DAY, HOUR, day_number, day_start, iso_month, local, month_start
from streams.roster import Grant, Line, Member

FIRST = 2023 * 12
"""January 2023."""
COUNTIES = ("420525", "420529")
_BETWEEN_GAPS = 2
"""Months with a record after a gap of one or two."""
SIZES = ("plain", "medium", "faint")


@dataclass(frozen=True)
class Profile:
    """What varies from county to county. Noises are relative standard deviations, the rest probabilities."""

    name: str
    noise: float = 0.004
    tax_noise: float = 0.04
    heavy: bool = False
    gap: float = 0.012
    late: float = 0.03
    twice: float = 0.02
    labourers: float = 0.06
    seasonal: float = 0.03
    spikes: float = 0.01
    back_pay: float = 0.15
    job_changes: float = 0.008
    overlap: float = 0.5
    hospital: float = 0.004
    adjusted: float = 0.9


PROFILES = {
    profile.name: profile
    for profile in (
        Profile("calm"),
        Profile("heavy", noise=0.012, tax_noise=0.08, heavy=True, gap=0.05, late=0.08, labourers=0.15, spikes=0.03),
        Profile("moving", job_changes=0.03, overlap=0.8, seasonal=0.10, adjusted=0.6, back_pay=0.4, hospital=0.008),
    )
}


class Truth(NamedTuple):
    """An injected change. Months are those of the onset."""

    household_id: str
    person: str
    kind: str
    size: str
    month: int


@dataclass
class Person:
    id: str
    age: int
    sex: str
    job: str
    employer: str
    pay: float
    funded: bool
    taxed: bool
    pension: float
    chronic: float
    sick_rate: float
    level: dict[int, float] = field(default_factory=dict)


@dataclass
class Household:
    line: Line
    persons: list[Person]
    subsidy: float


@dataclass
class County:
    """Everything a run needs. `arrivals` is sorted: (reported_at, household_id, change)."""

    lines: dict[str, tuple[Line, ...]]
    people: dict[str, Person]
    arrivals: list[tuple[int, str, Change]]
    truths: list[Truth]
    households: int
    months: int
    doubts: list[tuple[int, Doubt]] = field(default_factory=list)
    """When a feed's amounts become doubtful, and when they are no longer."""


def _tail(rng: random.Random, heavy: bool) -> float:
    """A standard draw: normal, or Student's t with three degrees of freedom scaled to unit interquartile likeness."""
    value = rng.gauss(0, 1)
    if not heavy:
        return value
    return 0.9 * value / math.sqrt(max(rng.gammavariate(1.5, 2 / 3), 0.02))


class Maker:
    """Builds one county from a seed and a profile."""

    def __init__(self, profile: Profile, seed: int, households: int, months: int, per_kind: float = 0.025) -> None:
        self.profile = profile
        self.rng = random.Random(f"{profile.name}/{seed}")
        self.months = months
        self.share = per_kind
        self.serial = 0
        self.out: list[tuple[int, str, Change]] = []
        self.truths: list[Truth] = []
        self.homes = [self._household(i) for i in range(households)]

    # -- people ---------------------------------------------------------------------------------------------------

    def _employer(self) -> str:
        return f"{self.rng.choice('东西南北')}城{self.rng.randrange(400)}(宜昌)有限公司"

    def _person(self, home: int, index: int, head: bool) -> Person:
        rng, profile = self.rng, self.profile
        age = int(min(92, max(3, rng.gauss(62 if head else 42, 18))))
        works = 22 <= age < 60 and rng.random() < 0.5
        job = "none"
        if works:
            draw = rng.random()
            job = "labourer" if draw < profile.labourers * 2 else "steady"
            if job == "steady" and draw > 1 - profile.seasonal:
                job = "seasonal"
        return Person(
            id=f"p{home}-{index}",
            age=age,
            sex=rng.choice("mf"),
            job=job,
            employer=self._employer(),
            pay=math.exp(rng.gauss(8.05, 0.35)),
            funded=rng.random() < 0.5,
            taxed=rng.random() < 0.6,
            pension=math.exp(rng.gauss(6.6, 0.6)) if age >= 60 and rng.random() < 0.8 else 0.0,
            chronic=math.exp(rng.gauss(5.2, 0.6)) if rng.random() < 0.25 else 0.0,
            sick_rate=0.05 + 0.3 * rng.random() * (age / 60),
        )

    def _household(self, index: int) -> Household:
        rng = self.rng
        persons = [self._person(index, i, i == 0) for i in range(rng.choice((1, 1, 2, 2, 3, 4)))]
        county = COUNTIES[index % 2]
        line = Line(
            household_id=f"H-{index:06d}",
            region=f"{county}{rng.randrange(100, 108)}{rng.randrange(1, 20):03d}",
            as_of=day_number(local(month_start(FIRST)).date()),
            programs=(Grant(program="dibao"),),
            members=tuple(Member(person=p.id, relation="head" if i == 0 else "child") for i, p in enumerate(persons)),
            consent_until=10**6,
        )
        return Household(line, persons, subsidy=math.exp(rng.gauss(6.5, 0.4)) if rng.random() < 0.3 else 0.0)

    # -- records --------------------------------------------------------------------------------------------------

    def _emit(self, home: Household, person: Person, feed: str, occurred: int, reported: int, **values: Value) -> None:
        self.serial += 1
        rng = self.rng
        if rng.random() < self.profile.late and feed != "medical":
            reported += int(rng.uniform(5, 35) * DAY)
        change = Change(
            feed=feed, event_id=f"e{self.serial}", person=person.id, occurred_at=occurred, reported_at=reported,
            region=home.line.region[:6] + "000000", values=values,
        )  # fmt: skip
        self.out.append((reported, home.line.household_id, change))
        if rng.random() < self.profile.twice:
            self.out.append((reported + int(rng.uniform(1, 40) * DAY), home.line.household_id, change))

    def _pay_day(self, month: int, spread: int = 12) -> tuple[int, int]:
        """When a month's contribution falls due, and when its record arrives (the month after)."""
        occurred = month_start(month + 1) + self.rng.randrange(spread) * DAY
        return occurred, occurred + int(self.rng.uniform(6, 80) * HOUR)

    # -- a person's months ------------------------------------------------------------------------------------------

    def _wages(self, home: Household, person: Person, shape: Callable[[int], float], second: int | None) -> None:
        rng, profile = self.rng, self.profile
        scale, employer = 1.0, person.employer
        other, other_pay = self._employer(), person.pay * rng.uniform(0.35, 1.1)
        gap = 0
        for month in range(FIRST, FIRST + self.months):
            of_year = month % 12
            if of_year == 6 and rng.random() < profile.adjusted:
                scale *= 1 + max(-0.02, rng.gauss(0.06, 0.03))
            former = ""
            if person.job == "steady" and rng.random() < profile.job_changes and second is None:
                if rng.random() < profile.overlap:
                    former = employer
                employer, scale = self._employer(), scale * math.exp(rng.gauss(0.02, 0.08))
            if person.job == "seasonal" and of_year in (0, 1):
                continue
            if gap == 0 and rng.random() < profile.gap:
                gap = rng.choice((1, 1, 2))
            if gap > 0:
                gap = gap - 1 or -_BETWEEN_GAPS
                continue
            gap = min(0, gap + 1)
            factor = shape(month)
            if factor <= 0:
                continue
            self._month(home, person, month, person.pay * scale * factor, employer)
            if former:
                self._contribution(home, person, month, person.pay * scale, former)
            if second is not None and month >= second:
                self._contribution(home, person, month, other_pay, other)

    def _contribution(self, home: Household, person: Person, month: int, pay: float, employer: str) -> None:
        occurred, reported = self._pay_day(month)
        noise = 0.10 if person.job == "labourer" else self.profile.noise
        base = round(pay * math.exp(noise * _tail(self.rng, self.profile.heavy)), 2)
        name = employer if self.rng.random() < 0.8 else employer.replace("(", "（").replace(")", "）") + " "
        common: dict[str, Value] = {"employer": name, "base": base, "period": iso_month(month), "status": "paid"}
        self._emit(home, person, "social-insurance", occurred, reported, kind="employee", **common)
        if person.funded:
            self._emit(home, person, "housing-fund", occurred, reported + DAY, **common)

    def _month(self, home: Household, person: Person, month: int, pay: float, employer: str) -> None:
        self._contribution(home, person, month, pay, employer)
        if person.taxed:
            occurred, reported = self._pay_day(month, 16)
            noise = 0.10 if person.job == "labourer" else self.profile.tax_noise
            amount = pay * 1.1 * math.exp(noise * _tail(self.rng, self.profile.heavy))
            if self.rng.random() < self.profile.spikes or (month % 12 == 0 and self.rng.random() < 0.1):
                amount *= self.rng.uniform(1.8, 4)
            self._emit(
                home, person, "taxes", occurred, reported,
                income_kind="wages", amount=round(amount, 2), period=iso_month(month),
            )  # fmt: skip

    def _pensions(self, home: Household, person: Person, shape: Callable[[int], float]) -> None:
        amount = person.pension
        for month in range(FIRST, FIRST + self.months):
            if month % 12 == 6:
                amount *= 1.045
            paid = amount * shape(month)
            if month % 12 == 6 and self.rng.random() < self.profile.back_pay:
                paid *= self.rng.uniform(1.2, 1.6)
            if paid <= 0 or self.rng.random() < self.profile.gap / 3:
                continue
            occurred = month_start(month) + self.rng.randrange(9, 20) * DAY
            reported = occurred + int(self.rng.uniform(6, 80) * HOUR)
            self._emit(home, person, "pensions", occurred, reported, amount=round(paid, 2), period=iso_month(month))

    def _bills(self, home: Household, person: Person, surge: Callable[[int], float]) -> None:
        rng = self.rng
        usual = person.chronic + person.sick_rate * 250
        for month in range(FIRST, FIRST + self.months):
            costs = []
            if person.chronic and rng.random() < 0.93:
                costs.append(person.chronic * math.exp(rng.gauss(0, 0.3)))
            costs += [math.exp(rng.gauss(5.0, 0.9)) for _ in range(_poisson(rng, person.sick_rate))]
            if rng.random() < self.profile.hospital * (person.age / 50):
                costs.append(math.exp(rng.gauss(7.4, 0.7)))
            factor = surge(month)
            if factor > 1:
                total = max(usual, 120.0) * (factor - 1)
                parts = rng.randrange(1, 4)
                costs += [total / parts * rng.uniform(0.8, 1.2) for _ in range(parts)]
            for cost in costs:
                occurred = month_start(month) + int(rng.uniform(0, 28) * DAY)
                reported = occurred + int(rng.uniform(1, 60) * HOUR)
                self._emit(
                    home, person, "medical", occurred, reported,
                    total_cost=round(cost * 2.4, 2), out_of_pocket=round(cost, 2),
                )  # fmt: skip

    # -- truths ---------------------------------------------------------------------------------------------------

    def _truth(self, home: Household, person: Person | None, kind: str) -> tuple[str, int]:
        size = self.rng.choice(SIZES)
        month = FIRST + self.rng.randrange(8, self.months - 4)
        self.truths.append(Truth(home.line.household_id, person.id if person else "", kind, size, month))
        return size, month

    def _other_records(self, home: Household, boost: Callable[[int], float]) -> None:
        rng = self.rng
        person = home.persons[0]
        for month in range(FIRST, FIRST + self.months):
            at = month_start(month) + int(rng.uniform(0, 27) * DAY)
            if home.subsidy and (month % 12 in (3, 9) or boost(month) > 1):
                amount = home.subsidy * math.exp(rng.gauss(0, 0.2)) * boost(month)
                self._emit(home, person, "subsidies", at, at + DAY, kind="forestry", amount=round(amount, 2))
            for feed, rate, values in (
                ("vehicles", 0.002, {"plate": "E1", "vehicle_type": "motorcycle", "action": "registered"}),
                ("properties", 0.001, {"property_id": "X", "use": "residential", "action": "acquired"}),
                ("household-register", 0.003, {"action": "moved_in"}),
            ):
                if rng.random() < rate:
                    self._emit(home, person, feed, at, at + DAY, **values)

    def build(self) -> County:
        """All records of all households, sorted by arrival."""
        for home in self.homes:
            self._fill(home)
        self.out.sort(key=lambda arrival: (arrival[0], arrival[2].feed, arrival[2].event_id))
        return County(
            {home.line.household_id: (home.line,) for home in self.homes},
            {person.id: person for home in self.homes for person in home.persons},
            self.out, self.truths, len(self.homes), self.months,
        )  # fmt: skip

    def _fill(self, home: Household) -> None:
        rng = self.rng
        earners = [p for p in home.persons if p.job in ("steady", "labourer")]
        kinds = ["income-jump", "income-drop", "income-drift", "second-source"] if earners else []
        kinds += ["medical-surge"]
        if len([k for k in (bool(earners), any(p.pension for p in home.persons)) if k]) or home.subsidy:
            kinds.append("household-outlier")
        weight = {"income-jump": 3, "income-drop": 3, "income-drift": 3, "second-source": 3}
        kind = next((k for k in kinds if rng.random() < self.share * weight.get(k, 1)), "")
        target = home.persons[0]
        if earners and kind not in ("medical-surge", "household-outlier"):
            target = rng.choice(earners)
        size, onset = self._truth(home, None if kind == "household-outlier" else target, kind) if kind else ("", 0)
        unusual = _outlier(rng, size, onset) if kind == "household-outlier" else _flat
        for person in home.persons:
            hit = kind if person is target else ""
            if person.job != "none":
                shape = unusual if not hit or kind == "household-outlier" else _shape(rng, hit, size, onset)
                self._wages(home, person, shape, onset if hit == "second-source" else None)
            if person.pension:
                self._pensions(home, person, unusual)
            surge = _surge(rng, size, onset) if hit == "medical-surge" else _flat
            if kind == "household-outlier" and person is home.persons[0]:
                surge = _stretch(onset, rng.uniform(3, 6), 5)
            self._bills(home, person, surge)
        self._other_records(home, _stretch(onset, 3, 5) if kind == "household-outlier" else _flat)


def _flat(month: int) -> float:
    return 1.0


def _stretch(onset: int, factor: float, months: int) -> Callable[[int], float]:
    return lambda month: factor if onset <= month < onset + months else 1.0


def _outlier(rng: random.Random, size: str, onset: int) -> Callable[[int], float]:
    factor = {"plain": rng.uniform(1.8, 2.2), "medium": rng.uniform(1.4, 1.7), "faint": rng.uniform(1.15, 1.25)}[size]
    return _stretch(onset, factor, 5)


def _surge(rng: random.Random, size: str, onset: int) -> Callable[[int], float]:
    bounds = {"plain": (9, 16), "medium": (5, 8), "faint": (2, 3)}[size]
    return _stretch(onset, rng.uniform(*bounds), 3)


def _shape(rng: random.Random, kind: str, size: str, onset: int) -> Callable[[int], float]:
    if kind == "income-jump":
        bounds = {"plain": (2.2, 3.5), "medium": (1.6, 2.0), "faint": (1.25, 1.4)}[size]
        return _stretch(onset, rng.uniform(*bounds), 99)
    if kind == "income-drop":
        if rng.random() < 0.5:
            return _stretch(onset, 0.0, 99)
        bounds = {"plain": (0.3, 0.45), "medium": (0.5, 0.65), "faint": (0.75, 0.85)}[size]
        return _stretch(onset, rng.uniform(*bounds), 99)
    if kind == "income-drift":
        step = {"plain": 0.045, "medium": 0.03, "faint": 0.015}[size]
        return lambda month: (1 + step) ** min(max(0, month - onset + 1), 10)
    return _flat


def _poisson(rng: random.Random, rate: float) -> int:
    limit, product, count = math.exp(-rate), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count


def months_of(county: County) -> Iterator[int]:
    """The county's months, in order."""
    yield from range(FIRST, FIRST + county.months)


def end_of(county: County) -> int:
    """The last instant that the county's records may reach."""
    return day_start(day_number(local(month_start(FIRST + county.months)).date()) + 40)
