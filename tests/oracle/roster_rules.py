"""double-programme and duplicate-member: the roster alone, evaluated at every `as_of` (fact 7)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from tests.oracle.roster import Line, in_force


def roster_alerts(
    households: Mapping[str, Sequence[Line]],
) -> Iterator[tuple[str, tuple[str, ...], Line, datetime]]:
    """(source, about, the household's line, since), the earliest of each first."""
    said: set[tuple[str, str, tuple[str, ...]]] = set()
    instants = sorted({line.start for lines in households.values() for line in lines})
    for at in instants:
        lines = [line for line in (in_force(of_one, at) for of_one in households.values()) if line and line.active]
        for source, about, line in _at(lines):
            if (source, line.household, about) not in said:
                said.add((source, line.household, about))
                yield source, about, line, at


def _at(lines: Sequence[Line]) -> Iterator[tuple[str, tuple[str, ...], Line]]:
    """What the lines in force say.

    double-programme: a person's active households together (or one alone) hold dibao and tekun; all active households
    of the person are concerned, whatever they hold. duplicate-member: a person is a member of two active households;
    not when double-programme says it already.
    """
    persons = {member.person for line in lines for member in line.co_residents}
    for person in sorted(persons):
        concerned = [line for line in lines if line.lists(person, co_resident=True)]
        held = {program for line in concerned for program in line.programs}
        for line in concerned:
            if {"dibao", "tekun"} <= held:
                yield "double-programme", (), line
            elif len(concerned) > 1:
                yield "duplicate-member", (person,), line
