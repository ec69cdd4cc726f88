"""Truths of the rules of direction review, help and data: what changes in a family."""

from datetime import date

from monitor.simulation.almanac import month_number
from monitor.simulation.families import SLOTS, person_of
from monitor.simulation.identity import newborn_number, other_name
from monitor.simulation.model import Person
from monitor.simulation.reading import number
from monitor.simulation.scene import Scene
from streams.moments import date_of


def stranger(scene: Scene, place: int = 10) -> Person:
    """Somebody who is on no roster: a spouse, a new employer's clerk."""
    start = date_of(scene.span.first)
    return person_of(int(scene.home.county), scene.home.index * SLOTS + place, scene.rng, start, "other", "adult", None)


def public_post_relative(scene: Scene) -> None:
    """A supporter is hired by an office."""
    day, person = scene.day(), scene.home.supporters[0]
    scene.record("public-posts", person, day, employer=f"样例镇第{scene.rng.randint(1, 30)}办公室", action="hired")
    scene.label(day, person)


def supporter_means(scene: Scene) -> None:
    """A supporter has become able to support: car, dwelling, company, wage."""
    day, person, index = scene.day(), scene.home.supporters[0], scene.home.index
    way = scene.rng.randrange(4)
    if way == 0:
        scene.record(
            "vehicles", person, day,
            plate=f"鄂U{index:05d}", vehicle_type="car", value=round(scene.pick(30000, 90000, 300000)),
            action="registered",
        )  # fmt: skip
    elif way == 1:
        scene.record(
            "properties", person, day,
            property_id=f"U{index:07d}", use="residential", area_m2=90, value=round(scene.pick(200000, 500000, 900000)),
            action="acquired",
        )  # fmt: skip
    elif way == 2:
        scene.record(
            "businesses", person, day,
            company_id=f"U{index:07d}", role="shareholder", registered_capital=round(scene.pick(1e4, 1e5, 1e6)),
            action="registered",
        )  # fmt: skip
    else:
        scene.home.series = [s for s in scene.home.series if s.person is not person]
        months = scene.span.months
        start = scene.rng.randint(months.start, months.stop - 1)
        scene.new_wage(person, max(8000.0, scene.pick(8600, 12000, 20000, 0.05)), start)
        scene.intend()
        return
    scene.label(day, person)


def marriage_changed(scene: Scene) -> None:
    """A member marries or divorces; plain: both sides report it."""
    day, person, spouse = scene.day(), scene.adult(), stranger(scene)
    action = scene.rng.choice(("married", "divorced"))
    scene.record("marriages", person, day, action=action, spouse_id_number=spouse.id_number)
    if scene.size == "plain":
        scene.record("marriages", spouse, day, action=action, spouse_id_number=person.id_number)
    scene.label(day)


def moved_away(scene: Scene) -> None:
    """A member moves to another county, nobody knows where, or is struck off."""
    day, person = scene.day(), scene.adult()
    if scene.size == "plain":
        scene.record("household-register", person, day, action="moved_out", to_region="440304")
    elif scene.size == "medium":
        scene.record("household-register", person, day, action="moved_out")
    else:
        scene.record("household-register", person, day, action="cancelled")
    scene.label(day, person)


def household_size_changed(scene: Scene) -> None:
    """A birth, somebody registered with a member, or a move to another town of the county."""
    day, person = scene.day(), scene.adult()
    if scene.size == "plain":
        born: date = date_of(day)
        serial = scene.home.index * SLOTS + 11
        number_of = newborn_number(int(scene.home.county), serial, born)
        child = Person(serial, number_of, f"{person.name[0]}新生", born, True, "child", "child")
        scene.record("household-register", child, day, action="born", related_id_number=person.id_number)
        scene.label(day, child)
        return
    if scene.size == "medium":
        scene.record("household-register", person, day, action="moved_in")
    else:
        scene.record("household-register", person, day, action="moved_out", to_region=scene.home.county + "101")
    scene.label(day, person)


def member_in_custody(scene: Scene) -> None:
    """A member is imprisoned; for some, released within the time."""
    day, person = scene.day(), scene.adult()
    scene.record("custody", person, day, action="imprisoned")
    scene.label(day, person)
    released = day + scene.rng.randint(20, 90)
    if released < scene.span.end - 12:
        scene.record("custody", person, released, action="released")
        scene.label(released, person, kind="released-from-custody")


def released_from_custody(scene: Scene) -> None:
    """A member comes back."""
    day, person = scene.day(), scene.adult()
    scene.record("custody", person, day, action="released")
    scene.label(day, person)


def catastrophic_medical(scene: Scene) -> None:
    """Bills beyond what the household can bear."""
    person = scene.member()
    total = max(3000, 4.8 * scene.line().declared) * scene.pick(1.12, 1.6, 3.0, 0.05)
    day = scene.day(60)
    bills = {"faint": 6, "medium": 3, "plain": 2}[scene.size]
    for n in range(bills):
        own = round(total / bills, 2)
        scene.record("medical", person, day + 7 * n, total_cost=round(own * 2.2, 2), out_of_pocket=own)
    scene.intend()
    months = scene.span.months
    if day >= scene.span.first + 210 and months:
        scene.label(day, person, day + 7 * (bills - 1), kind="medical-surge")


def job_lost(scene: Scene) -> None:
    """The employer reports that it pays no more."""
    wages = scene.wages()
    paid = sorted(wages.values)
    month = paid[scene.rng.randint(3, len(paid) - 1)]
    for series in scene.home.series:
        if series.person is wages.person:
            series.values = {m: value for m, value in series.values.items() if m < month}
            if series.feed in ("social-insurance", "housing-fund"):
                series.stopped = month
    scene.intend()


def severe_disability(scene: Scene) -> None:
    """A grade of 1 or 2 where the roster has none, or a milder one."""
    day, person = scene.day(), scene.member()
    person.disability = {"faint": 2, "medium": 3, "plain": None}[scene.size]
    grade = 1 if scene.size == "faint" else scene.rng.choice((1, 2))
    scene.home.records = [r for r in scene.home.records if r.feed != "disabilities"]
    scene.record("disabilities", person, day, grade=grade, action="certified")
    scene.label(day, person)


def breadwinner_death(scene: Scene) -> None:
    """Who earned at least half of what the household lives on dies."""
    line = scene.line()
    person = scene.adult()
    others = sum(p.declared for p in line.residents if p is not person)
    share = {"faint": 1.0, "medium": 1.5, "plain": 4.0}[scene.size]
    rest = line.rest
    person.declared = max(person.declared, int(others * share), 300)
    line.declared = others + person.declared + rest
    day = scene.day(40, 12)
    scene.record("deaths", person, day, certificate_no=f"T{scene.home.index:07d}")
    person.died = day
    scene.intend()


def identity_mismatch(scene: Scene) -> None:
    """A record under another name; faint: a supporter's, or only the last character differs."""
    person = scene.member()
    if scene.size == "faint" and scene.home.supporters:
        person = scene.home.supporters[0]
    record = scene.record("medical", person, scene.day(), total_cost=220.0, out_of_pocket=61.5)
    record.name = other_name(person.name, scene.rng.random()) if scene.size != "faint" else person.name[:-1] + "五"
    scene.intend()


def consent_missing(scene: Scene) -> None:
    """A change about a household that has not agreed, or no longer does."""
    day = scene.day()
    scene.line().consent_until = None if scene.size == "plain" else day - scene.rng.randint(1, 40)
    scene.record("medical", scene.member(), day, total_cost=180.0, out_of_pocket=42.0)
    scene.intend()


def activity_after_death(scene: Scene) -> None:
    """Somebody acts in the name of the dead."""
    person = scene.member()
    day = scene.day(120, 5)
    scene.record("deaths", person, day, certificate_no=f"T{scene.home.index:07d}")
    person.died = day
    later = day + scene.rng.randint(5, 60)
    if scene.size == "faint":
        month = month_number(day) + 1
        scene.record("pensions", person, day + 32, amount=180.0, period=month)
        later = day + 32
    elif scene.size == "medium":
        scene.record("subsidies", person, later, kind="forestry", amount=300)
    else:
        scene.record(
            "vehicles", person, later,
            plate=f"鄂W{scene.home.index:05d}", vehicle_type="car", value=50000, action="registered",
        )  # fmt: skip
    scene.label(later, person)


def bills(scene: Scene, person: Person) -> float:
    """What the household's own bills of the time add up to."""
    return sum(number(record, "out_of_pocket") for record in scene.home.records if record.feed == "medical")
