"""Enrolment: what a household's lines say of each person, and the notes by which households learn of each other."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from streams.messages import RosterNote
from streams.roster import Line, Membership


class Enrolled(NamedTuple):
    """A line as it was enrolled. Of two lines with one `as_of` the one of the greater version holds."""

    version: int
    line: Line


def memberships(lines: Sequence[Enrolled]) -> dict[str, tuple[Membership, ...]]:
    """For everybody whom any of a household's lines lists: what each line says of them, by `as_of`.

    A line that no longer lists a person says so, for the person has left with it.
    """
    persons = {member.person for enrolled in lines for member in enrolled.line.members}
    ordered = sorted(lines, key=lambda enrolled: enrolled.line.as_of)
    return {person: tuple(_membership(person, enrolled) for enrolled in ordered) for person in sorted(persons)}


def _membership(person: str, enrolled: Enrolled) -> Membership:
    line = enrolled.line
    listed = next((member for member in line.members if member.person == person), None)
    return Membership(
        as_of=line.as_of,
        version=enrolled.version,
        programs=line.program_names,
        listed=listed is not None,
        co_resident=listed is not None and listed.co_resident,
    )


def in_force(lines: Sequence[Enrolled]) -> list[Enrolled]:
    """The lines that count, by `as_of`: of several with one `as_of` the one that was read last."""
    latest = {enrolled.line.as_of: enrolled for enrolled in sorted(lines, key=lambda enrolled: enrolled.version)}
    return [latest[as_of] for as_of in sorted(latest)]


def notes(roster: Mapping[str, Sequence[Enrolled]]) -> Iterator[RosterNote]:
    """All notes of a roster that is known as a whole: each household's lines, the last with what others hold."""
    known = {household_id: memberships(in_force(lines)) for household_id, lines in roster.items()}
    households: dict[str, list[str]] = {}
    for household_id, persons in known.items():
        for person in persons:
            households.setdefault(person, []).append(household_id)
    for household_id, lines in roster.items():
        others = {
            person: {other: known[other][person] for other in households[person] if other != household_id}
            for person in known[household_id]
            if len(households[person]) > 1
        }
        ordered = in_force(lines)
        for enrolled in ordered:
            last = enrolled is ordered[-1]
            yield RosterNote(
                household_id=household_id,
                version=enrolled.version,
                line=enrolled.line,
                others=others if last else {},
            )
