"""Tales of two households that list one person: the rules that read the roster alone."""

from dataclasses import replace
from random import Random

from monitor.simulation.almanac import Span
from monitor.simulation.families import SLOTS, person_of
from monitor.simulation.model import Household, Label, Person, Size
from monitor.simulation.scene import DIRECTIONS
from monitor.simulation.tales_exit import listed_line
from streams.moments import date_of

PAIRS = ("double-programme", "duplicate-member", "near double-programme", "near duplicate-member")


def share(kind: str, first: Household, second: Household, rng: Random, span: Span, size: Size) -> None:
    """Put one person, of whom no feed knows anything, into two households of a county's roster.

    The near misses: the person only supports the second household; or the first has left before the second joins.
    """
    rule = kind.removeprefix("near ")
    person = person_of(
        int(first.county), first.index * SLOTS + 9, rng, date_of(span.first), "parent", "elder", rng.random() < 0.5
    )
    for home, program in ((first, "dibao"), (second, "tekun" if rule == "double-programme" else "dibao")):
        home.line.programs = (program,)
        home.untouched = False
    first.line.members.append(person)
    second.line.members.append(replace(person, relation="other"))
    if size == "faint":
        second.line.as_of = span.some_day(rng)
    since = max(first.line.as_of, second.line.as_of)
    if not kind.startswith("near"):
        for home in (first, second):
            home.sizes[rule] = size
            home.labels.append(_label(home, rule, since, person, size))
        return
    if rule == "double-programme":
        second.line.members[-1].co_resident = False
    else:
        second.line.as_of = span.some_day(rng, 5, 10)
        first.lines.append(listed_line(first.line, second.line.as_of - rng.randint(0, 3), ()))
    for home in (first, second):
        home.near_misses.append(_label(home, rule, since, person, size))


def _label(home: Household, rule: str, since: int, person: Person, size: Size) -> Label:
    return Label(
        household_id=home.household_id,
        kind=rule,
        direction=DIRECTIONS[rule],
        since=since,
        person=None if rule == "double-programme" else person,
        size=size,
    )
