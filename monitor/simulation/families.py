"""Who lives in a household, in which programme and where. The proportions are those of docs/simulation.md."""

from datetime import date
from random import Random

from monitor.simulation.almanac import Span
from monitor.simulation.identity import full_name, identity_number
from monitor.simulation.model import Household, Line, Person
from monitor.simulation.profile import Profile
from streams.moments import date_of

Role = tuple[str, str]
"""Relation and role."""
FAMILIES: tuple[tuple[float, tuple[Role, ...]], ...] = (
    (0.30, (("head", "elder"),)),
    (0.17, (("head", "adult"),)),
    (0.13, (("head", "elder"), ("spouse", "elder"))),
    (0.10, (("head", "adult"), ("child", "child"))),
    (0.06, (("head", "adult"), ("parent", "elder"))),
    (0.04, (("head", "adult"), ("spouse", "adult"))),
    (0.09, (("head", "adult"), ("spouse", "adult"), ("child", "child"))),
    (0.05, (("head", "adult"), ("spouse", "adult"), ("child", "child"), ("child", "child"))),
    (0.03, (("head", "elder"), ("spouse", "elder"), ("grandchild", "child"))),
    (0.03, (("head", "adult"), ("spouse", "adult"), ("child", "child"), ("parent", "elder"), ("parent", "elder"))),
)
RURAL = 0.8
SLOTS = 12
"""Serial numbers a household has for its people."""

_ROLES = [roles for _, roles in FAMILIES]
_WEIGHTS = [weight for weight, _ in FAMILIES]
_AGES = {"elder": (60, 88), "adult": (24, 57), "child": (4, 17)}
_SEVERE = {"elder": 0.06, "adult": 0.25, "child": 0.04}
_LONE_SEVERE = 0.45


def family(index: int, county: int, rng: Random, span: Span, roles: tuple[Role, ...], *, supporter: bool) -> Household:
    """A household of these people, before anything is known of its income; `supporter`: it has one for certain."""
    start = date_of(span.first)
    region = _region(county, rng)
    members = [
        person_of(county, index * SLOTS + n, rng, start, relation, role, n % 2 == 0 if n < 2 else None)
        for n, (relation, role) in enumerate(roles)
    ]
    for person in members:
        lone = person.role == "adult" and len(members) == 1
        if rng.random() < (_LONE_SEVERE if lone else _SEVERE[person.role]):
            person.disability = rng.choice((1, 2, 2, 3, 3, 4))
    if supporter or any(person.role == "elder" for person in members) or rng.random() < 0.3:
        for n in range(max(int(supporter), rng.choice((0, 1, 1, 2)))):
            relation = "child" if members[0].role == "elder" else "sibling"
            relative = person_of(county, index * SLOTS + 6 + n, rng, start, relation, "adult", None)
            relative.co_resident = False
            members.append(relative)
    line = Line(
        as_of=span.first - rng.randint(1, 300),
        programs=(),
        members=members,
        declared=0,
        consent_until=span.end + rng.randint(30, 700),
        properties=1 if rng.random() < 0.85 else 0,
    )
    return Household(index, f"H-{index + 1:06d}", region, [line])


def any_family(rng: Random) -> tuple[Role, ...]:
    """Composition by its proportions."""
    return rng.choices(_ROLES, _WEIGHTS)[0]


def person_of(
    county: int, serial: int, rng: Random, start: date, relation: str, role: str, male: bool | None
) -> Person:
    """A person of an age that goes with the role."""
    low, high = _AGES[role]
    is_male = rng.random() < 0.5 if male is None else male
    number, born = identity_number(county, serial, start.year - rng.randint(low, high), is_male)
    person = Person(serial, number, full_name(serial, rng.random()), born, is_male, relation, "adult")
    if role == "child":
        person.role = "child"
        person.student = start.year - born.year >= 6
    elif role == "elder":
        person.role = "elder"
    return person


def _region(county: int, rng: Random) -> str:
    """A division code of twelve digits: towns from 100 on, those up to 102 urban, with villages or neighbourhoods."""
    town = rng.randint(103, 112) if rng.random() < RURAL else rng.randint(100, 102)
    return f"{county:06d}{town:03d}{rng.randint(1, 30):03d}"


def is_urban(region: str) -> bool:
    """The household lives in one of the county's urban towns."""
    return region[6:9] < "103"


def settle(household: Household, rng: Random, span: Span, profile: Profile) -> None:
    """Decide programme, consent and whether the household leaves, once its declared income is known."""
    line = household.line
    per_head = line.declared / len(line.residents)
    alone_and_old = all(p.role == "elder" for p in line.residents) and not household.supporters
    if per_head <= 800:
        if alone_and_old and per_head < 300 and rng.random() < 0.45:
            line.programs = ("tekun",)
        else:
            extra = (("medical",), ("education",), ("housing",))[rng.randrange(3)] if rng.random() < 0.12 else ()
            line.programs = ("dibao", *extra)
    elif per_head <= 1200:
        line.programs = ("low_income",) if rng.random() < 0.75 else ("expense_poor",)
    else:
        line.programs = rng.choices((("medical",), ("education",), ("housing",), ("temporary",)), (5, 3, 2, 3))[0]
    draw = rng.random()
    if draw < profile.without_consent:
        line.consent_until = None
    elif draw < profile.without_consent + profile.expiring_consent:
        line.consent_until = span.some_day(rng)
