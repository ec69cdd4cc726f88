"""Roster lines: a household from its `as_of` until its next line (fact 7)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from tests.oracle import clock, persons
from tests.oracle.records import number


@dataclass(frozen=True)
class Member:
    """A person of a household; not `co_resident`, a supporter."""

    person: str
    name: str
    co_resident: bool
    declared: Fraction
    grade: int | None


@dataclass(frozen=True)
class Line:
    """A household from `start` up to, not including, `end` (None: for ever)."""

    household: str
    region: str
    as_of: date
    programs: tuple[str, ...]
    declared: Fraction | None
    vehicles: int
    properties: int
    consent_until: date | None
    members: Mapping[str, Member]
    end: datetime | None = None

    @property
    def start(self) -> datetime:
        """The instant of `as_of`."""
        return clock.at_midnight(self.as_of)

    @property
    def active(self) -> bool:
        """Fact 7: active while `programs` is not empty."""
        return bool(self.programs)

    def consents_on(self, day: date) -> bool:
        """Fact 9: no consent where `consent_until` is absent, or its day past."""
        return self.consent_until is not None and day <= self.consent_until

    @property
    def co_residents(self) -> list[Member]:
        """The members who live there."""
        return [member for member in self.members.values() if member.co_resident]

    def lists(self, person: str, *, co_resident: bool | None = None) -> bool:
        """The person is on the line, in the role asked for (None: any)."""
        member = self.members.get(person)
        return member is not None and (co_resident is None or member.co_resident == co_resident)

    @property
    def beyond_members(self) -> Fraction:
        """Fact 13: r = what the household declares beyond the sum of its co-resident members'."""
        own = sum((member.declared for member in self.co_residents), Fraction(0))
        return max(Fraction(0), self.declared - own) if self.declared is not None else Fraction(0)

    def declared_of(self, person: str) -> Fraction:
        """Fact 13: a member's declared income = own declaration + r."""
        return self.members[person].declared + self.beyond_members

    @property
    def declared_income(self) -> Fraction:
        """The household's declared income; where it declares none, the sum of its members'."""
        if self.declared is not None:
            return self.declared
        return sum((member.declared for member in self.co_residents), Fraction(0))


def lines(households: Iterable[Mapping[str, Any]]) -> dict[str, list[Line]]:
    """Each household's lines in time; of two with one `as_of` the later read one counts, the other never was."""
    read: dict[str, dict[date, Line]] = {}
    for row in households:
        line = _line(row)
        read.setdefault(line.household, {})[line.as_of] = line
    return {household: _with_ends(list(by_day.values())) for household, by_day in read.items()}


def _with_ends(of_household: Sequence[Line]) -> list[Line]:
    ordered = sorted(of_household, key=lambda line: line.as_of)
    ends: list[datetime | None] = [line.start for line in ordered[1:]]
    return [replace(line, end=end) for line, end in zip(ordered, [*ends, None], strict=True)]


def in_force(of_household: Sequence[Line], at: datetime) -> Line | None:
    """The line in force at an instant; before the first one, none."""
    found = [line for line in of_household if line.start <= at]
    return found[-1] if found else None


def _line(row: Mapping[str, Any]) -> Line:
    consent = row.get("consent_until")
    members = [_member(member) for member in row["members"]]
    return Line(
        household=row["household_id"],
        region=str(row["region"]),
        as_of=date.fromisoformat(row["as_of"]),
        programs=tuple(sorted({program["program"] for program in row["programs"]})),
        declared=_optional(row.get("declared_monthly_income")),
        vehicles=int(row.get("declared_vehicles") or 0),
        properties=int(row.get("declared_properties") or 0),
        consent_until=date.fromisoformat(consent) if consent else None,
        members={member.person: member for member in members},
    )


def _member(row: Mapping[str, Any]) -> Member:
    grade = row.get("disability_grade")
    return Member(
        person=persons.identity(row["id_number"]),
        name=persons.compared(row.get("name") or ""),
        co_resident=row.get("co_resident") is not False,
        declared=_optional(row.get("declared_monthly_income")) or Fraction(0),
        grade=int(grade) if grade else None,
    )


def _optional(value: object) -> Fraction | None:
    return None if value is None or value == "" else number(str(value))
