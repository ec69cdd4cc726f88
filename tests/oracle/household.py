"""One household, everything that concerns it, and who may read what (facts 3, 6 to 10)."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from tests.oracle import clock
from tests.oracle.records import Record
from tests.oracle.roster import Line, in_force

Standards = Callable[[str, str, datetime], Fraction]
"""(name, region, at) -> the amount."""


@dataclass(frozen=True)
class Support:
    """One record that by itself supports an alert, judged by `line` at `moment`."""

    source: str
    about: tuple[str, ...]
    record: Record
    line: Line
    moment: datetime
    severity: str


class Household:
    """A household's lines and the standing records that name anybody who is or was on one of them."""

    def __init__(self, lines: Sequence[Line], records: Iterable[Record], standard: Standards) -> None:
        everybody = {person for line in lines for person in line.members}
        self.id = lines[0].household
        self.lines = lines
        self.records = [record for record in records if record.persons & everybody]
        self.deaths: dict[str, datetime] = {}
        for record in self.of("deaths"):
            self.deaths[record.person] = min(record.occurred_at, self.deaths.get(record.person, record.occurred_at))
        self.standard = standard

    def line_at(self, at: datetime) -> Line | None:
        """Fact 7: the line in force."""
        return in_force(self.lines, at)

    def of(self, feed: str, **words: str) -> list[Record]:
        """The household's records of a feed in which these fields hold these words."""
        return [r for r in self.records if r.feed == feed and all(r[field] == word for field, word in words.items())]

    def silenced(self, record: Record) -> bool:
        """Fact 10: after a person's death no rule reads that person's changes dated on a later day."""
        death = self.deaths.get(record.person)
        return death is not None and clock.day(death) < record.day

    def living(self, person: str, at: datetime) -> bool:
        """No death up to and including that instant."""
        death = self.deaths.get(person)
        return death is None or death > at

    def reading(self, record: Record) -> Line | None:
        """The line by which a rule may read a change at its `occurred_at`: active, with consent, the person living.

        Facts 7, 9 (a death needs no consent) and 10. Who must be on the line is the rule's to ask.
        """
        line = self.line_at(record.occurred_at)
        if line is None or not line.active or self.silenced(record):
            return None
        return line if record.feed == "deaths" or line.consents_on(record.day) else None

    def read_of(self, record: Record, *, co_resident: bool | None = True) -> Line | None:
        """As `reading`, and the record's own person is on the line in that role."""
        line = self.reading(record)
        return line if line is not None and line.lists(record.person, co_resident=co_resident) else None

    def moments(
        self, record: Record, *, co_resident: bool | None, end: datetime | None = None
    ) -> Iterator[tuple[Line, datetime]]:
        """When a lasting fact comes to be read: at its beginning, and at each later `as_of` at which it still stands.

        Facts 1, 6 and 8 with fine print (8), (8, 9): what stood before `as_of` counts from the `as_of` of an active
        line with consent that lists the person. What began and ended at once never stood.
        """
        if end is not None and end <= record.occurred_at:
            return
        at_once = self.read_of(record, co_resident=co_resident)
        if at_once is not None:
            yield at_once, record.occurred_at
        if not self.silenced(record):
            yield from self.counted_at_as_of(record, co_resident=co_resident, end=end)

    def counted_at_as_of(
        self, record: Record, *, co_resident: bool | None, end: datetime | None = None
    ) -> Iterator[tuple[Line, datetime]]:
        """Each later `as_of` at which the fact still stands and that lists the person, with consent."""
        for line in self.lines:
            stands = record.occurred_at < line.start and (end is None or line.start < end)
            consents = record.feed == "deaths" or line.consents_on(line.as_of)
            if stands and line.active and consents and line.lists(record.person, co_resident=co_resident):
                yield line, line.start

    def end(self, record: Record, endings: Iterable[Record], same: Sequence[str]) -> datetime | None:
        """The first ending, at or after the beginning, by the same person of what the fields in `same` name."""
        found = [
            ending.occurred_at
            for ending in endings
            if ending.occurred_at >= record.occurred_at
            and ending.person == record.person
            and all(ending[field] == record[field] for field in same)
        ]
        return min(found, default=None)

    def month_of_death(self, person: str) -> int:
        """The month in which the person died."""
        return clock.month_of(clock.day(self.deaths[person]))
