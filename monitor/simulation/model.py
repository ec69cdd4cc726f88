"""A simulated household while it is being made: its people, its pay, its records, and what must be found in it."""

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Value = str | int | float
Size = Literal["faint", "medium", "plain"]
SIZES: tuple[Size, ...] = ("faint", "medium", "plain")


@dataclass(slots=True, eq=False)
class Person:
    """A member, a supporter (who is not co-resident), or a newborn child."""

    serial: int
    id_number: str
    name: str
    born: date
    male: bool
    relation: str
    role: Literal["adult", "child", "elder"]
    co_resident: bool = True
    disability: int | None = None
    student: bool = False
    declared: int = 0
    died: int | None = None
    """The day of death, also one before the simulated time."""


@dataclass(slots=True, eq=False)
class Series:
    """What one payer pays one person: a value for each month that is paid."""

    person: Person
    feed: str
    payer: str
    kind: str
    values: dict[int, float]
    pay_day: int
    late: dict[int, int] = field(default_factory=dict)
    """Months whose record is reported later than it should be, by so many days."""
    stopped: int | None = None
    """The month for which the payer reports that it has ended."""


@dataclass(slots=True, eq=False)
class Record:
    """One record as it happened. `day` and `second` say when, `reported` is the moment of its report in seconds."""

    feed: str
    person: Person
    day: int
    values: dict[str, Value]
    second: int = 0
    reported: int = 0
    name: str | None = None
    """As the source writes it; None: as the roster does; empty: none."""
    wrong_number: bool = False
    """The identity number is sent with a wrong check digit: the record is refused."""
    natural: bool = True
    """Subject to the mishaps of delivery; what a truth or a near miss rests on is not."""
    hold: int = 0
    """Days by which the report is late beyond the feed's usual delay."""
    retracted_after: int | None = None
    """Days after which the source withdraws the record."""
    event: str = ""


@dataclass(slots=True, eq=False)
class Line:
    """What the roster says of the household from `as_of` on. `declared` is the household's monthly income."""

    as_of: int
    programs: tuple[str, ...]
    members: list[Person]
    declared: int
    consent_until: int | None
    vehicles: int = 0
    properties: int = 1

    def consents(self, day: int) -> bool:
        """A change of that day may be read."""
        return self.consent_until is not None and day <= self.consent_until

    @property
    def residents(self) -> list[Person]:
        """The co-resident members."""
        return [person for person in self.members if person.co_resident]

    @property
    def rest(self) -> int:
        """What the household declares beyond its members' own declarations."""
        return max(0, self.declared - sum(person.declared for person in self.residents))


@dataclass(slots=True, frozen=True, kw_only=True)
class Label:
    """One row of labels.csv or near_misses.csv. Days are numbers; `since_at`, `until_at` are moments, for feeds."""

    household_id: str
    kind: str
    direction: str
    since: int
    person: Person | None = None
    until: int | None = None
    feed: str = ""
    region: str = ""
    size: str = "plain"
    cause: str = "truth"
    since_at: int | None = None
    until_at: int | None = None


@dataclass(slots=True, eq=False)
class Household:
    """A household of the roster. `lines` are in the order of their `as_of`."""

    index: int
    household_id: str
    region: str
    lines: list[Line]
    series: list[Series] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    near_misses: list[Label] = field(default_factory=list)
    sizes: dict[str, Size] = field(default_factory=dict)
    """Of the injected truths, by kind; what fires beside them is a consequence."""
    untouched: bool = True
    """No truth and no near miss was put in."""

    @property
    def line(self) -> Line:
        """The first line."""
        return self.lines[0]

    @property
    def members(self) -> list[Person]:
        """The co-resident members of the first line."""
        return self.line.residents

    @property
    def supporters(self) -> list[Person]:
        """The non-resident supporters of the first line."""
        return [person for person in self.line.members if not person.co_resident]

    @property
    def county(self) -> str:
        """The first six digits of the region."""
        return self.region[:6]

    def line_at(self, day: int) -> Line | None:
        """The line in force on a day; None where the household is not active."""
        held = [line for line in self.lines if line.as_of <= day]
        return held[-1] if held and held[-1].programs else None

    def record(self, feed: str, person: Person, day: int, **values: Value) -> Record:
        """Add a record of the background."""
        added = Record(feed, person, day, values)
        self.records.append(added)
        return added

    def planted(self, feed: str, person: Person, day: int, **values: Value) -> Record:
        """Add a record on which a truth or a near miss rests: no mishap of delivery befalls it."""
        added = self.record(feed, person, day, **values)
        added.natural = False
        return added
