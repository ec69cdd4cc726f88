"""Who a household is: its line of the roster, and its members' names and numbers, masked unless asked for."""

from collections.abc import Callable
from dataclasses import dataclass

from streams.errors import UnusableError
from streams.roster import Line, Member

from .masking import masked_name, masked_number

FindLine = Callable[[str], Line | None]
"""Gives a household's latest line of the roster; None where it is not enrolled."""
Unseal = Callable[[Member], tuple[str, str]]
"""Opens a member's sealed name and identity number. Raises UnusableError."""


@dataclass(frozen=True)
class Person:
    """A member as a page shows one. `name` and `id_number` are masked unless they were asked for."""

    pseudonym: str
    name: str
    id_number: str
    relation: str
    co_resident: bool
    disability_grade: int | None
    student: bool
    declared_monthly_income: float


def people(line: Line, unseal: Unseal, *, plain: bool) -> list[Person]:
    """The members of a line, co-resident ones first. One whose seal does not open is shown by pseudonym alone."""
    members = sorted(line.members, key=lambda member: not member.co_resident)
    return [_person(member, unseal, plain=plain) for member in members]


def _person(member: Member, unseal: Unseal, *, plain: bool) -> Person:
    name, number = _opened(member, unseal)
    return Person(
        pseudonym=member.person,
        name=name if plain else masked_name(name),
        id_number=number if plain else masked_number(number),
        relation=member.relation,
        co_resident=member.co_resident,
        disability_grade=member.disability_grade,
        student=member.student,
        declared_monthly_income=member.declared_monthly_income,
    )


def _opened(member: Member, unseal: Unseal) -> tuple[str, str]:
    if not member.sealed:
        return "", ""
    try:
        return unseal(member)
    except UnusableError:
        return "", ""
