"""The roster: who receives what, line by line. A line holds from its `as_of` until the next one of its household."""

from typing import Literal

import msgspec

Program = Literal["dibao", "tekun", "temporary", "medical", "education", "housing", "low_income", "expense_poor"]
Relation = Literal["head", "spouse", "child", "parent", "sibling", "grandparent", "grandchild", "other"]


class Grant(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A programme that a household receives. `since` is a day number, `monthly_amount` CNY."""

    program: str
    since: int | None = None
    monthly_amount: float = 0.0


class Member(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A person of a household: co-resident, or a supporter who lives elsewhere.

    `person` is a pseudonym; `name` the keyed hash of the name's compared form, empty where the roster has no name.
    `sealed` is the ciphertext of name and identity number, for the screens on which people must see them.
    """

    person: str
    relation: str
    name: str = ""
    co_resident: bool = True
    disability_grade: int | None = None
    student: bool = False
    declared_monthly_income: float = 0.0
    categories: tuple[str, ...] = ()
    sealed: str = ""


class Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A household as of a day. `as_of` and `consent_until` are day numbers; no `consent_until`, no consent."""

    household_id: str
    region: str
    as_of: int
    programs: tuple[Grant, ...]
    members: tuple[Member, ...]
    categories: tuple[str, ...] = ()
    declared_monthly_income: float | None = None
    declared_vehicles: int = 0
    declared_properties: int = 0
    consent_until: int | None = None

    @property
    def active(self) -> bool:
        """The household receives something; one without programmes has left."""
        return bool(self.programs)

    @property
    def program_names(self) -> tuple[str, ...]:
        """The programmes' names, sorted, each once."""
        return tuple(sorted({grant.program for grant in self.programs}))

    @property
    def county(self) -> str:
        """The first six digits of the region."""
        return self.region[:6]


class Membership(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one household's line says of one person: enough for the rules that compare households.

    `listed` is false where the line no longer lists the person. `version` orders lines with one `as_of`: the greater
    was read later.
    """

    as_of: int
    version: int
    programs: tuple[str, ...] = ()
    listed: bool = True
    co_resident: bool = True
