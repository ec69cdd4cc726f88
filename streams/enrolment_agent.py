"""The agent of the consumer group `enrol`: the roster's lines become the person index, and notes to households."""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import msgspec
from faust.types import TP

from streams import kept_lines
from streams.batch_transport import Fetched
from streams.counting import Counting
from streams.dead_letters import letter
from streams.enrolment import Enrolled, in_force, memberships
from streams.kafka_record import KafkaRecord
from streams.messages import RosterNote, encode
from streams.moments import add_months, day_of, day_start
from streams.outages import Outages, lasting
from streams.publishing import Outgoing, Publisher
from streams.roster import Membership
from streams.roster_lines import read_line
from streams.secrets import Keys
from streams.store import Listing, Place, Saving, Store
from streams.topics import HOUSEHOLD_CHANGES, ROSTER

GROUP = "enrol"
_KEPT_MONTHS = 24
"""So long after a line was replaced it still judges what comes late."""


def household_key(household_id: str) -> str:
    """Where the store keeps a household's lines."""
    return f"household:{household_id}"


class Kept(NamedTuple):
    """A household as it is kept: its lines by `as_of`, and the county by which its partition is chosen.

    That is the county of the first line that was ever enrolled, and stays so whatever lines follow: the household's
    state lies in that partition.
    """

    county: str
    lines: list[Enrolled]


class _Stored(NamedTuple):
    county: str
    lines: list[tuple[int, msgspec.Raw]]


def decode_household(data: bytes) -> Kept | None:
    """A household's value; None where there is none."""
    if not data:
        return None
    county, lines = _decode(data)
    return Kept(county, [Enrolled(version, kept_lines.line_of(line)) for version, line in lines])


def encode_household(household: Kept) -> bytes:
    """A household's value as the store keeps it."""
    return _encode(_Stored(household.county, [(version, kept_lines.kept(line)) for version, line in household.lines]))


class _Household(NamedTuple):
    """A household after a batch: county, all its lines, those that the batch brought, and its value's version."""

    county: str
    lines: list[Enrolled]
    brought: list[Enrolled]
    version: int


class EnrolmentAgent:
    """Enrols batches of lines. `without_history` hears how many persons were on no line before."""

    def __init__(
        self,
        keys: Keys,
        store: Store,
        publisher: Publisher,
        counting: Counting,
        outages: Outages,
        without_history: Callable[[int], None],
    ) -> None:
        self._keys = keys
        self._store = store
        self._publisher = publisher
        self._counting = counting
        self._outages = outages
        self._without_history = without_history

    async def handle(self, tp: TP, fetched: Fetched) -> int | None:
        """Enrol a batch: the index first, then the notes, so that whoever hears of a line finds its persons."""
        applied = await lasting("redis", lambda: self._store.applied(ROSTER), self._outages)
        if fetched.start > applied.get(tp.partition, 0):
            return applied.get(tp.partition, 0)
        records = fetched.records
        brought, letters = self._read(records)
        households = await lasting("redis", lambda: self._merge(brought), self._outages)
        listed = {name: memberships(household.lines) for name, household in households.items()}
        listings = [
            Listing(person, name, Place(households[name].county, households[name].version, held))
            for name, persons in listed.items()
            for person, held in persons.items()
        ]
        await lasting("redis", lambda: self._store.list_persons(listings), self._outages)
        persons = list(dict.fromkeys(listing.person for listing in listings))
        found = await lasting("redis", lambda: self._store.places(persons), self._outages) if persons else []
        places = dict(zip(persons, found, strict=True))
        outgoing = [*self._notes(households, listed, places), *letters]
        await lasting("kafka", lambda: self._publisher.publish(outgoing), self._outages)
        offsets = {tp.partition: records[-1].offset + 1}
        await lasting("redis", lambda: self._store.set_applied(ROSTER, offsets), self._outages)
        self._report(households, places)
        return None

    def _read(self, records: Iterable[KafkaRecord]) -> tuple[dict[str, list[Enrolled]], list[Outgoing]]:
        brought: dict[str, list[Enrolled]] = {}
        letters = []
        for record in records:
            if record.value is None:
                continue
            try:
                line = read_line(record.value, self._keys)
            except ValueError:
                place = (record.topic, record.partition, record.offset)
                letters.append(
                    letter(self._keys, place, record.value, reason="undecodable", feed="roster", field="", index=None)
                )
                self._counting.rejected("roster", "undecodable")
            else:
                brought.setdefault(line.household_id, []).append(Enrolled(record.offset, line))
        return brought, letters

    async def _merge(self, brought: Mapping[str, list[Enrolled]]) -> dict[str, _Household]:
        """Add lines to what is kept of their households; again for those that somebody else changed meanwhile."""
        merged: dict[str, _Household] = {}
        left = dict(brought)
        while left:
            kept = await self._store.load([household_key(name) for name in left])
            made = {}
            for (name, new), (version, data) in zip(left.items(), kept, strict=True):
                known = decode_household(data)
                lines = _recent(in_force([*(known.lines if known is not None else ()), *new]))
                county = known.county if known is not None else lines[0].line.county
                made[name] = _Household(county, lines, new, version + 1)
            savings = [
                Saving(household_key(name), one.version - 1, encode_household(Kept(one.county, one.lines)))
                for name, one in made.items()
            ]
            saved = await self._store.save(savings)
            done = {name for name, fits in zip(made, saved, strict=True) if fits}
            merged |= {name: made[name] for name in done}
            left = {name: new for name, new in left.items() if name not in done}
        return merged

    def _notes(
        self,
        households: Mapping[str, _Household],
        listed: Mapping[str, Mapping[str, tuple[Membership, ...]]],
        places: Mapping[str, Mapping[str, Place]],
    ) -> list[Outgoing]:
        """To each household its lines and what others hold; to the others what it holds."""
        outgoing = []
        for name, household in households.items():
            others: dict[str, dict[str, tuple[Membership, ...]]] = {}
            theirs: dict[str, dict[str, tuple[Membership, ...]]] = {}
            counties: dict[str, str] = {}
            for person, held in listed[name].items():
                for other, place in places[person].items():
                    if other != name:
                        others.setdefault(person, {})[other] = place.memberships
                        theirs.setdefault(other, {})[person] = held
                        counties[other] = place.county
            standing = [enrolled for enrolled in in_force(household.brought) if enrolled in household.lines]
            version = household.lines[-1].version
            own = [_note(name, household.county, one.version, one, {}) for one in standing[:-1]]
            last = standing[-1] if standing else None
            if last is not None or others:
                own.append(_note(name, household.county, last.version if last else version, last, others))
            outgoing += own
            outgoing += [
                _note(other, counties[other], version, None, {person: {name: held} for person, held in persons.items()})
                for other, persons in theirs.items()
            ]
        return outgoing

    def _report(self, households: Mapping[str, _Household], places: Mapping[str, Mapping[str, Place]]) -> None:
        """Persons on no other household's line whose own household was not known before."""
        new = {name for name, household in households.items() if household.version == 1}
        count = sum(1 for held in places.values() if held and set(held) <= new)
        if count:
            self._without_history(count)


def _recent(lines: list[Enrolled]) -> list[Enrolled]:
    """Without the lines that others replaced more than 24 months before the newest one."""
    if len(lines) == 1:
        return lines
    limit = day_of(add_months(day_start(lines[-1].line.as_of), -_KEPT_MONTHS))
    ends = [*(enrolled.line.as_of for enrolled in lines[1:]), lines[-1].line.as_of]
    return [enrolled for enrolled, end in zip(lines, ends, strict=True) if end >= limit]


def _note(
    household_id: str,
    county: str,
    version: int,
    enrolled: Enrolled | None,
    others: Mapping[str, Mapping[str, tuple[Membership, ...]]],
) -> Outgoing:
    """A note. Sealed names stay behind: nothing that reads it needs them, and it is kept for 26 months."""
    line = None
    if enrolled is not None:
        members = tuple(msgspec.structs.replace(member, sealed="") for member in enrolled.line.members)
        line = msgspec.structs.replace(enrolled.line, members=members)
    note = RosterNote(
        household_id=household_id,
        version=version,
        line=line,
        others={person: dict(held) for person, held in others.items()},
    )
    return Outgoing(HOUSEHOLD_CHANGES, household_id, encode(note), county)


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Stored).decode
