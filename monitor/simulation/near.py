"""Near misses of the rules that read what people have and what happens to them, by the letter of rules.md."""

from monitor.simulation.model import Person
from monitor.simulation.scene import Scene
from monitor.simulation.tales_exit import listed_line
from monitor.simulation.tales_life import stranger


def dead_supporter(scene: Scene) -> None:
    """A supporter dies."""
    day, person = scene.day(40), scene.home.supporters[0]
    scene.record("deaths", person, day)
    person.died = day
    scene.near_miss(day, person)


def other_vehicle(scene: Scene) -> None:
    """A tricycle; a car that is gone at the same instant; one registered by mistake and withdrawn; one declared."""
    day, person = scene.day(60), scene.adult()
    way = scene.rng.randrange(4)
    kind = "tricycle" if way == 0 else "car"
    plate = f"鄂N{scene.home.index:05d}"
    values: dict[str, str | float] = {"plate": plate, "vehicle_type": kind, "value": 30000}
    first = scene.record("vehicles", person, day, **values, action="registered")
    if way == 1:
        scene.record("vehicles", person, day, **values, action="transferred")
    elif way == 2:
        first.retracted_after = scene.rng.randint(2, 5)
    elif way == 3:
        scene.line().as_of, scene.line().vehicles = day + 1, 1
    scene.near_miss(day, person)


def first_home(scene: Scene) -> None:
    """The first dwelling of a household that declared none."""
    scene.line().properties = 0
    _property(scene, "residential")


def other_property(scene: Scene) -> None:
    """A garage or the like."""
    _property(scene, "other")


def _property(scene: Scene, use: str) -> None:
    day, person = scene.day(), scene.adult()
    scene.record(
        "properties", person, day,
        property_id=f"N{scene.home.index:07d}", use=use, area_m2=40, value=90000, action="acquired",
    )  # fmt: skip
    scene.near_miss(day, person)


def cancelled_at_once(scene: Scene) -> None:
    """A company that is registered and cancelled on one day."""
    day, person = scene.day(), scene.adult()
    for action in ("registered", "cancelled"):
        record = scene.record(
            "businesses", person, day,
            company_id=f"N{scene.home.index:07d}", role="sole_proprietor", registered_capital=30000, action=action,
        )  # fmt: skip
        record.second = 9 * 3600 if action == "registered" else 16 * 3600
    scene.near_miss(day, person)


def left_post(scene: Scene) -> None:
    """A member leaves a post."""
    day, person = scene.day(), scene.adult()
    scene.record("public-posts", person, day, employer="样例镇办公室", action="left")
    scene.near_miss(day, person)


def relative_left(scene: Scene) -> None:
    """A supporter leaves a post."""
    day, person = scene.day(), scene.home.supporters[0]
    scene.record("public-posts", person, day, employer="样例镇办公室", action="left")
    scene.near_miss(day, person)


def modest_supporter(scene: Scene) -> None:
    """A supporter's motorcycle, executive post, or base just below the high one."""
    day, person = scene.day(), scene.home.supporters[0]
    way = scene.rng.randrange(3)
    if way == 0:
        scene.record(
            "vehicles", person, day,
            plate=f"鄂N{scene.home.index:05d}", vehicle_type="motorcycle", value=4000, action="registered",
        )  # fmt: skip
    elif way == 1:
        scene.record(
            "businesses", person, day,
            company_id=f"N{scene.home.index:07d}", role="executive", registered_capital=10000, action="registered",
        )  # fmt: skip
    else:
        scene.home.series = [s for s in scene.home.series if s.person is not person]
        scene.new_wage(person, 7999.0, scene.span.months.stop - 1)
    scene.near_miss(day, person)


def supporter_marries(scene: Scene) -> None:
    """A supporter marries."""
    day = scene.day()
    spouse = stranger(scene)
    scene.record("marriages", scene.home.supporters[0], day, action="married", spouse_id_number=spouse.id_number)
    scene.near_miss(day, scene.home.supporters[0])


def dead_struck_off(scene: Scene) -> None:
    """The registration of somebody who has died is cancelled."""
    day, person = scene.day(40), scene.member()
    scene.record("deaths", person, day)
    person.died = day
    scene.record("household-register", person, day, action="cancelled").hold = 7  # the death is known by then
    scene.near_miss(day, person)


def supporter_moves(scene: Scene) -> None:
    """A supporter moves within the county."""
    day, person = scene.day(), scene.home.supporters[0]
    scene.record("household-register", person, day, action="moved_out", to_region=scene.home.county + "102")
    scene.near_miss(day, person)


def supporter_in_custody(scene: Scene) -> None:
    """A supporter is imprisoned or released."""
    day, person = scene.day(), scene.home.supporters[0]
    scene.record("custody", person, day, action="imprisoned" if scene.kind == "member-in-custody" else "released")
    scene.near_miss(day, person)


def known_disability(scene: Scene) -> None:
    """The grade that the roster has already, or a mild one."""
    day, person = scene.day(), scene.member()
    scene.home.records = [r for r in scene.home.records if r.feed != "disabilities"]
    person.disability = scene.rng.choice((1, 2, None))
    scene.record("disabilities", person, day, grade=person.disability or 3, action="certified")
    scene.near_miss(day, person)


def death_of_dependant(scene: Scene) -> None:
    """Somebody dies who brought nothing home."""
    day, person = scene.day(40), scene.home.members[-1]
    person.declared = 0
    scene.home.series = [s for s in scene.home.series if s.person is not person]
    scene.line().declared = max(scene.line().declared, sum(p.declared for p in scene.home.members))
    scene.record("deaths", person, day)
    person.died = day
    scene.near_miss(day, person)


def name_as_written_elsewhere(scene: Scene) -> None:
    """The same name with a space or another middle dot."""
    person: Person = scene.member()
    day = scene.day()
    record = scene.record("medical", person, day, total_cost=150.0, out_of_pocket=35.0)
    record.name = person.name.replace("·", "•") if "·" in person.name else f" {person.name[0]}　{person.name[1:]}"
    scene.near_miss(day, person)


def last_day_of_consent(scene: Scene) -> None:
    """A change on the very day on which consent ends."""
    day = scene.span.end - 12
    scene.line().consent_until = day
    scene.home.records = [r for r in scene.home.records if r.day <= day]
    for series in scene.home.series:
        series.values = {}
    scene.record("medical", scene.member(), day, total_cost=150.0, out_of_pocket=35.0)
    scene.near_miss(day)


def bill_after_death(scene: Scene) -> None:
    """The hospital's bill and the pension of the month of death come after it."""
    day, person = scene.day(60), scene.member()
    scene.home.series = [s for s in scene.home.series if s.person is not person]
    scene.record("deaths", person, day)
    person.died = day
    scene.record("medical", person, day + 9, total_cost=900.0, out_of_pocket=260.0)
    scene.near_miss(day, person)


def left_before(scene: Scene) -> None:
    """A car is registered after the household has left the roster."""
    left = scene.span.some_day(scene.rng, 60, 5)
    scene.home.lines.append(listed_line(scene.line(), left, ()))
    day = left + scene.rng.randint(1, 30)
    scene.record(
        "vehicles", scene.adult(), day,
        plate=f"鄂N{scene.home.index:05d}", vehicle_type="car", value=60000, action="registered",
    )  # fmt: skip
    scene.near_miss(day, kind="vehicle-owned")
