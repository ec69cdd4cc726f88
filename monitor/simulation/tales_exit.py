"""Truths of the rules of direction exit: what a household did not say, and the feeds show."""

from monitor.simulation.model import Line, Person, Series
from monitor.simulation.scene import Scene

_TYPES = {"faint": "other", "medium": "truck", "plain": "car"}


def vehicle_owned(scene: Scene) -> None:
    """A car, a truck, or something else that counts; faint: beside one that is declared."""
    scene.line().vehicles = 1 if scene.size == "faint" else 0
    day, person = scene.day(), scene.adult()
    scene.record(
        "vehicles", person, day,
        plate=f"鄂T{scene.home.index:05d}", vehicle_type=_TYPES[scene.size],
        value=round(scene.pick(8000, 30000, 90000)), action="registered",
    )  # fmt: skip
    scene.label(day, person)


def property_multiple(scene: Scene) -> None:
    """A second dwelling beside the one that is declared."""
    scene.line().properties = 1
    day, person = scene.day(), scene.adult()
    _acquired(scene, person, day, "residential")
    scene.label(day, person)


def property_commercial(scene: Scene) -> None:
    """A shop."""
    day, person = scene.day(), scene.adult()
    _acquired(scene, person, day, "commercial")
    scene.label(day, person)


def _acquired(scene: Scene, person: Person, day: int, use: str) -> None:
    scene.record(
        "properties", person, day,
        property_id=f"T{scene.home.index:07d}", use=use, area_m2=round(scene.pick(18, 60, 110)),
        value=round(scene.pick(60_000, 200_000, 500_000)), action="acquired",
    )  # fmt: skip


def business_owner(scene: Scene) -> None:
    """A company; faint: as an executive, without capital of note."""
    role = {"faint": "executive", "medium": "sole_proprietor", "plain": "legal_representative"}[scene.size]
    day, person = scene.day(), scene.adult()
    scene.record(
        "businesses", person, day,
        company_id=f"T{scene.home.index:07d}", role=role, registered_capital=round(scene.pick(10, 50_000, 500_000)),
        action="registered",
    )  # fmt: skip
    scene.label(day, person)


def formal_employment(scene: Scene) -> None:
    """Somebody has been put into work that was not declared."""
    person = scene.adult()
    scene.home.series = [s for s in scene.home.series if s.person is not person]
    declared = person.declared + scene.line().rest
    base = max(2 * declared, 1400) * scene.pick(1.15, 1.6, 2.6, 0.05)
    months = scene.span.months
    scene.new_wage(person, base, scene.rng.randint(months.start + 1, months.stop - 1))
    scene.intend()


def housing_fund_paid(scene: Scene) -> None:
    """The employer pays into the fund on a higher wage than was declared."""
    wages = scene.wages()
    person = wages.person
    base = (person.declared + scene.line().rest) * scene.pick(1.12, 1.4, 1.9, 0.05)
    months = scene.span.months
    start = scene.rng.randint(months.start + 1, months.stop - 1)
    scene.home.series = [s for s in scene.home.series if s.feed != "housing-fund"]
    values = dict.fromkeys(range(start, months.stop), base)
    scene.home.series.append(Series(person, "housing-fund", wages.payer, "", values, wages.pay_day))
    scene.intend()


def income_above_line(scene: Scene) -> None:
    """Taxed business income for some months, beyond what the household may have per head."""
    line, person = scene.line(), scene.adult()
    line.programs = ("dibao",) if scene.rng.random() < 0.6 else ("low_income",)
    limit = 800 if line.programs == ("dibao",) else 1200
    scene.home.series = [s for s in scene.home.series if s.person is not person]
    heads = len(line.residents)
    others = sum(p.declared for p in line.residents if p is not person)
    person.declared = min(person.declared, limit * heads // 4)
    line.declared = others + person.declared
    amount = max(limit * heads - others, 300) * scene.pick(1.15, 1.6, 3.0, 0.05)
    months = scene.span.months
    start = scene.rng.randint(months.start, months.stop - 2)
    values = dict.fromkeys(range(start, min(months.stop, start + scene.rng.randint(2, 6))), amount)
    scene.home.series.append(Series(person, "taxes", "business", "", values, scene.rng.randint(2, 15)))
    scene.intend()


def large_subsidy(scene: Scene) -> None:
    """Subsidies that together are too much: one, or several small ones."""
    parts = {"faint": 4, "medium": 2, "plain": 1}[scene.size]
    total = scene.pick(11_200, 15_000, 30_000, 0.05)
    day, person = scene.day(60), scene.adult()
    for n in range(parts):
        scene.record("subsidies", person, day + n * 9, kind="farm_machinery", amount=round(total / parts))
    scene.intend()


def public_post_coresident(scene: Scene) -> None:
    """A member is hired by an office."""
    day, person = scene.day(), scene.adult()
    scene.record("public-posts", person, day, employer=f"样例镇第{scene.rng.randint(1, 30)}办公室", action="hired")
    scene.label(day, person)


def retirement_pension(scene: Scene) -> None:
    """An employee's pension that nobody declared."""
    person = scene.member()
    scene.home.series = [s for s in scene.home.series if s.person is not person or s.feed != "pensions"]
    amount = max(scene.pick(870, 1500, 3000, 0.05), 1.08 * (person.declared + scene.line().rest))
    months = scene.span.months
    start = scene.rng.randint(months.start, months.stop - 1)
    values = dict.fromkeys(range(start, months.stop), amount)
    scene.home.series.append(Series(person, "pensions", "", "", values, scene.rng.randint(10, 15)))
    scene.intend()


def death_receiving(scene: Scene) -> None:
    """A member dies. Medium: reported weeks later; faint: name misspelt, or the next line still lists the dead."""
    person = scene.member()
    day = scene.day(50, 12)
    record = scene.record("deaths", person, day, certificate_no=f"T{scene.home.index:07d}")
    person.died = day
    if scene.size == "medium":
        record.hold = scene.rng.randint(10, 30)
    elif scene.size == "faint":
        if scene.rng.random() < 0.5:
            record.name = _misspelt(person.name)
        else:
            scene.line().as_of = day + scene.rng.randint(3, 20)
    if scene.rng.random() < 0.6:
        after = scene.record("household-register", person, day + scene.rng.randint(2, 25), action="cancelled")
        after.hold = record.hold + 1
    scene.intend()


def _misspelt(name: str) -> str:
    return name[:-1] + ("五" if name[-1] != "五" else "六")


def listed_line(home_line: Line, as_of: int, programs: tuple[str, ...]) -> Line:
    """A later line that differs in its programmes only."""
    return Line(
        as_of, programs, list(home_line.members), home_line.declared, home_line.consent_until, home_line.vehicles,
        home_line.properties,
    )  # fmt: skip
