"""A household's history as rules read it: lines in force, consent, deaths, and facts that begin and end."""

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple, get_args

from streams.changes import Change
from streams.ledger import LASTING, too_old
from streams.moments import day_of, day_start
from streams.roster import Line, Member, Membership

Who = Literal["member", "supporter", "listed"]
_CAPACITIES: tuple[Who, ...] = get_args(Who)
FOREVER = 1 << 62

ENDINGS: dict[str, tuple[frozenset[str], str]] = {
    "vehicles": (frozenset({"transferred", "scrapped"}), "plate"),
    "properties": (frozenset({"disposed"}), "property_id"),
    "businesses": (frozenset({"cancelled"}), "company_id"),
    "public-posts": (frozenset({"left"}), "employer"),
    "custody": (frozenset({"released"}), ""),
    "disabilities": (frozenset({"revoked"}), ""),
}
"""Of each lasting fact the actions that end it, and the field that says which one ends."""


def begins_fact(change: Change) -> bool:
    """The record begins a fact that lasts until another record ends it."""
    action = LASTING.get(change.feed)
    return action is not None and (not action or change.values.get("action") == action)


@dataclass(frozen=True)
class Period:
    """A line while it is in force: from its first instant up to, not including, the next line's."""

    line: Line
    start: int
    end: int

    @cached_property
    def persons(self) -> dict[str, Member]:
        return {member.person: member for member in self.line.members}

    @cached_property
    def co_residents(self) -> tuple[Member, ...]:
        return tuple(member for member in self.persons.values() if member.co_resident)

    @cached_property
    def undivided_income(self) -> float:
        """What the household declares beyond the sum of its co-resident members' declarations."""
        if self.line.declared_monthly_income is None:
            return 0.0
        own = sum(member.declared_monthly_income for member in self.co_residents)
        return max(0.0, round(self.line.declared_monthly_income - own, 4))

    def consents(self, at: int) -> bool:
        """The household has agreed that its records are read on that day."""
        return self.line.consent_until is not None and day_of(at) <= self.line.consent_until

    def find(self, person: str, who: Who) -> Member | None:
        """The person as listed in that capacity."""
        member = self.persons.get(person)
        if member is None or who == "listed":
            return member
        return member if member.co_resident == (who == "member") else None


class Reading(NamedTuple):
    """A change as one line reads it: at its own moment, or at the `as_of` from which it counts."""

    change: Change
    at: int
    period: Period
    member: Member

    @property
    def doubtful(self) -> bool:
        """The record's name differs from the roster's."""
        listed = self.period.persons.get(self.change.person)
        return bool(listed and listed.name and self.change.name and listed.name != self.change.name)

    @property
    def counted_from(self) -> int:
        """The day from which days to act are counted: never before the `as_of` that counts the change."""
        return max(day_of(self.change.reported_at), self.period.line.as_of)


@dataclass
class History:
    """Lines, standing records by feed, and what the persons' other households hold."""

    lines: dict[int, Line] = field(default_factory=dict)
    versions: dict[int, int] = field(default_factory=dict)
    records: dict[str, Change] = field(default_factory=dict)
    others: dict[str, dict[str, tuple[Membership, ...]]] = field(default_factory=dict)
    anchors: dict[str, int] = field(default_factory=dict)
    """What expired records leave behind, by rule: until which day a window is quiet, or 1 for a running excess."""
    by_feed: dict[str, dict[str, Change]] = field(default_factory=lambda: defaultdict(dict))
    by_month: dict[str, dict[str, Change]] = field(default_factory=lambda: defaultdict(dict))
    """The records that have a `period`, all of them about income."""
    periods: list[Period] = field(default_factory=list)
    deaths: dict[str, int] = field(default_factory=dict)
    endings: dict[tuple[str, str, str], list[int]] = field(default_factory=lambda: defaultdict(list))
    scrapped: dict[str, list[tuple[int, str]]] = field(default_factory=lambda: defaultdict(list))
    derived: dict[object, object] = field(default_factory=dict)
    """What facts have worked out of the history as it stands; empty again when anything in it is otherwise."""
    _read: dict[tuple[str, Who], "list[Reading]"] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for key, change in self.records.items():
            self._index(key, change)
        self.index_lines()

    def index_lines(self) -> None:
        """Work out anew from when to when each line is in force."""
        starts = [(day_start(as_of), self.lines[as_of]) for as_of in sorted(self.lines)]
        ends = [*(start for start, _ in starts), FOREVER][1:]
        self.periods = [Period(line, start, end) for (start, line), end in zip(starts, ends, strict=True)]
        self._starts = [start for start, _ in starts]
        self.everybody = {member.person for line in self.lines.values() for member in line.members}
        self._index_deaths()
        self._read.clear()
        self.derived.clear()

    def put(self, key: str, change: Change) -> None:
        """Let a record stand, in place of its former version."""
        if key in self.records:
            self.drop(key)
        self.derived.clear()
        self.records[key] = change
        ends = self._index(key, change)
        if change.feed == "deaths":
            self._index_deaths()
            self._read.clear()
        else:
            self._reread(change, ended=ends)

    def _index(self, key: str, change: Change) -> bool:
        """Enter a record where it is looked for; whether it ends a fact."""
        self.by_feed[change.feed][key] = change
        if "period" in change.values:
            self.by_month[change.text("period")][key] = change
        ending = _ending(change)
        if ending is None:
            return False
        self.endings[ending].append(change.occurred_at)
        if change.values.get("action") == "scrapped":
            self.scrapped[change.text("plate")].append((change.occurred_at, change.person))
        return True

    def drop(self, key: str) -> None:
        """Let a record stand no longer."""
        self.derived.clear()
        change = self.records.pop(key)
        del self.by_feed[change.feed][key]
        if "period" in change.values:
            del self.by_month[change.text("period")][key]
        if (ending := _ending(change)) is not None:
            self.endings[ending].remove(change.occurred_at)
            if change.values.get("action") == "scrapped":
                self.scrapped[change.text("plate")].remove((change.occurred_at, change.person))
        if change.feed == "deaths":
            self._index_deaths()
            self._read.clear()
        else:
            self._reread(change, ended=True)

    def _reread(self, change: Change, *, ended: bool) -> None:
        """Bring what was read of its feed up to date: one more record, or anew if anything may have ended."""
        for who in _CAPACITIES:
            known = self._read.get((change.feed, who))
            if known is None:
                continue
            if ended:
                del self._read[change.feed, who]
            elif (reading := next(self.readings(change, (change.person,), who), None)) is not None:
                insort(known, reading, key=occurrence)

    def _index_deaths(self) -> None:
        """The earliest registered death of everybody whom a line lists; of others the household need not know."""
        self.deaths = {}
        for change in self.by_feed.get("deaths", {}).values():
            if change.person in self.everybody:
                self.deaths[change.person] = min(change.occurred_at, self.deaths.get(change.person, FOREVER))

    def period_at(self, at: int) -> Period | None:
        """The line in force at a moment; none before the first."""
        found = bisect_right(self._starts, at) - 1
        return self.periods[found] if found >= 0 else None

    def end_of(self, change: Change) -> int:
        """When the fact that a record begins has ended; FOREVER while it stands, its beginning if it never stood."""
        if change.feed not in ENDINGS:
            return FOREVER
        name = change.text(ENDINGS[change.feed][1]) if ENDINGS[change.feed][1] else ""
        ends = self.endings.get((change.feed, change.person, name), [])
        if change.feed == "vehicles":
            ends = [*ends, *(at for at, person in self.scrapped.get(name, []) if person in self.everybody)]
        return min((end for end in ends if end >= change.occurred_at), default=FOREVER)

    def died_before(self, change: Change) -> bool:
        """The person whose record it is had died on an earlier day."""
        death = self.deaths.get(change.person)
        return death is not None and day_of(change.occurred_at) > day_of(death)

    def moments(self, change: Change, *, as_record: bool = False) -> Iterator[tuple[int, Period]]:
        """When a change is judged: as it happens, and what lasts again at every later `as_of` while it stands.

        What began and ended at once never stood: then there is no fact to judge, but still the record, `as_record`.
        """
        at = change.occurred_at
        lasts = begins_fact(change)
        end = self.end_of(change) if lasts else FOREVER
        if end <= at and not as_record:
            return
        period = self.period_at(at)
        if period is not None:
            yield at, period
        if lasts:
            for later in self.periods:
                if at < later.start < end:
                    yield later.start, later

    def readings(
        self,
        change: Change,
        persons: tuple[str, ...],
        who: Who,
        *,
        after_death: bool = False,
        as_record: bool = False,
    ) -> Iterator[Reading]:
        """The moments at which an active line that lists one of the persons so, with consent, reads a change.

        A death needs no consent. After a person's death the person's changes are not read; with `after_death` they
        are the only ones that are.
        """
        if after_death != self.died_before(change) or too_old(change):
            return
        for at, period in self.moments(change, as_record=as_record):
            if not period.line.active or not (change.feed == "deaths" or period.consents(at)):
                continue
            for person in persons:
                member = period.find(person, who) if person else None
                if member is not None:
                    yield Reading(change, at, period, member)
                    break

    def read(self, feed: str, who: Who) -> "list[Reading]":
        """The first reading of each of the feed's records about somebody listed so, by occurrence."""
        found = self._read.get((feed, who))
        if found is None:
            first = (next(self.readings(c, (c.person,), who), None) for c in self.by_feed.get(feed, {}).values())
            found = sorted((reading for reading in first if reading is not None), key=occurrence)
            self._read[feed, who] = found
        return found


def occurrence(reading: Reading) -> tuple[int, int, str, str]:
    """By what happened first; what happened at once, by what was reported first."""
    change = reading.change
    return change.occurred_at, change.reported_at, change.feed, change.event_id


def _ending(change: Change) -> tuple[str, str, str] | None:
    """What a record ends: the feed, the person, and which vehicle, company …"""
    if change.feed not in ENDINGS:
        return None
    actions, name = ENDINGS[change.feed]
    if change.values.get("action") not in actions:
        return None
    return change.feed, change.person, change.text(name) if name else ""
