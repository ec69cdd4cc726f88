"""Enrolling: the index, the notes to every household concerned, and what happens when things go wrong."""

import asyncio
from collections.abc import Sequence
from typing import Any, cast

import msgspec
from faust.types import TP

from streams import messages
from streams.enrolment_agent import EnrolmentAgent, decode_household, household_key
from streams.memory_store import MemoryStore
from streams.messages import RosterNote
from streams.publishing import Publisher
from streams.roster import Grant, Line, Member
from streams.roster_topic import message
from streams.screening import Home
from streams.store import Saving, Store
from streams.topics import HOUSEHOLD_CHANGES, ROSTER, dead_letters
from tests.unit.streams.doubles import Counted, Heard, Published, fetched
from tests.unit.streams.people import KEYS, number

TP0 = TP(ROSTER, 0)


def person(serial: int) -> str:
    return KEYS.pseudonym(number(serial))


def line(household: str, *serials: int, as_of: int = 20_000, region: str = "420525101003", **more: Any) -> bytes:
    members = tuple(Member(person=person(serial), relation="head", sealed="kid.secret") for serial in serials)
    programs = (Grant(program="dibao"),)
    given = Line(household_id=household, region=region, as_of=as_of, programs=programs, members=members)
    return message(msgspec.structs.replace(given, **more)).value


class Enrolment:
    """An agent and what it left."""

    def __init__(self, store: Store | None = None) -> None:
        self.store = store or MemoryStore()
        asyncio.run(self.store.mark())
        self.published, self.counted, self.heard = Published(), Counted(), Heard()
        self.new: list[int] = []
        publisher = cast(Publisher, self.published)
        self.agent = EnrolmentAgent(KEYS, self.store, publisher, self.counted, self.heard, self.new.append)

    def take(self, values: Sequence[bytes | None], offset: int = 0) -> int | None:
        return asyncio.run(self.agent.handle(TP0, fetched(TP0, values, offset)))

    def notes(self) -> list[RosterNote]:
        sent = [messages.decode(one.value) for one in self.published.to(HOUSEHOLD_CHANGES)]
        return [note for note in sent if isinstance(note, RosterNote)]


def test_a_line_makes_its_persons_found_and_tells_its_household() -> None:
    enrolment = Enrolment()
    assert enrolment.take([line("H-1", 1, 2)]) is None
    assert asyncio.run(enrolment.store.homes([person(1), person(3)], ROSTER)).homes == [[Home("H-1", "420525")], []]
    (note,) = enrolment.notes()
    assert note.line is not None
    assert [member.person for member in note.line.members] == [person(1), person(2)]
    assert [member.sealed for member in note.line.members] == ["", ""]
    (sent,) = enrolment.published.messages
    assert (sent.key, sent.spread) == ("H-1", "420525")
    assert asyncio.run(enrolment.store.applied(ROSTER)) == {0: 1}
    assert enrolment.new == [2]


def test_households_that_share_a_person_learn_of_each_other() -> None:
    enrolment = Enrolment()
    enrolment.take([line("H-1", 1), line("H-2", 1, region="110101001001")])
    enrolment.published.messages.clear()
    enrolment.take([line("H-2", 1, as_of=20_100)], offset=2)
    told = {note.household_id: note for note in enrolment.notes()}
    assert [(one.as_of, one.listed) for one in told["H-1"].others[person(1)]["H-2"]] == [(20_000, True), (20_100, True)]
    assert told["H-1"].line is None
    assert list(told["H-2"].others[person(1)]) == ["H-1"]
    assert {one.key: one.spread for one in enrolment.published.messages} == {"H-1": "420525", "H-2": "110101"}


def test_who_is_no_longer_listed_is_told_to_the_other_household() -> None:
    enrolment = Enrolment()
    enrolment.take([line("H-1", 1), line("H-2", 1)])
    enrolment.published.messages.clear()
    enrolment.take([line("H-2", 2, as_of=20_100)], offset=2)
    told = {note.household_id: note for note in enrolment.notes()}
    assert [one.listed for one in told["H-1"].others[person(1)]["H-2"]] == [True, False]


def test_of_two_lines_with_one_as_of_the_later_read_one_holds() -> None:
    enrolment = Enrolment()
    enrolment.take([line("H-1", 1), line("H-1", 2)])
    (note,) = enrolment.notes()
    assert note.line is not None
    assert [member.person for member in note.line.members] == [person(2)]


def test_a_household_stays_in_its_partition_whatever_lines_follow() -> None:
    """Its state lies there: an earlier line of another county that comes later must not part them."""
    enrolment = Enrolment()
    enrolment.take([line("H-1", 1)])
    enrolment.take([line("H-1", 1, as_of=19_900, region="110101001001")], offset=1)
    enrolment.take([line("H-1", 1, as_of=20_100, region="110101001001")], offset=2)
    assert {one.spread for one in enrolment.published.messages} == {"420525"}
    assert asyncio.run(enrolment.store.homes([person(1)], ROSTER)).homes == [[Home("H-1", "420525")]]


def test_former_lines_are_kept_for_two_years_after_they_were_replaced() -> None:
    enrolment = Enrolment()
    enrolment.take([line("H-1", 1, as_of=as_of) for as_of in (19_000, 19_200, 19_300, 20_000)])
    assert days(enrolment.store) == [19_200, 19_300, 20_000]
    enrolment.take([line("H-1", 1, as_of=20_035)], offset=4)
    assert days(enrolment.store) == [19_300, 20_000, 20_035]
    before = len(enrolment.notes())
    enrolment.take([line("H-1", 9, as_of=18_000)], offset=5)
    assert days(enrolment.store) == [19_300, 20_000, 20_035]
    assert all(note.line is None for note in enrolment.notes()[before:])


def days(store: Store) -> list[int]:
    """From which days on the lines of H-1 hold."""
    household = decode_household(kept(store))
    assert household is not None
    return [enrolled.line.as_of for enrolled in household.lines]


def test_what_is_no_line_goes_to_the_dead_letters() -> None:
    enrolment = Enrolment()
    enrolment.take([b"{", None, line("H-1", 1)])
    (sent,) = enrolment.published.to(dead_letters(ROSTER))
    assert msgspec.json.decode(sent.value)["reason"] == "undecodable"
    assert [note.household_id for note in enrolment.notes()] == ["H-1"]
    assert asyncio.run(enrolment.store.applied(ROSTER)) == {0: 3}


def test_a_store_that_lost_its_last_writes_gets_them_again() -> None:
    enrolment = Enrolment()
    enrolment.take([line("H-1", 1)])
    assert enrolment.take([line("H-2", 2)], offset=5) == 1
    assert len(enrolment.notes()) == 1


def test_a_repeated_batch_says_the_same_again() -> None:
    enrolment = Enrolment()
    enrolment.take([line("H-1", 1), line("H-2", 1)])
    first = list(enrolment.published.messages)
    enrolment.published.messages.clear()
    enrolment.take([line("H-1", 1), line("H-2", 1)])
    assert enrolment.published.messages == first


class Contended(MemoryStore):
    """Somebody else saves the household in between, once."""

    other: bytes | None = None

    async def save(self, changes: Sequence[Saving]) -> list[bool]:
        if self.other is not None:
            await super().save([Saving(household_key("H-1"), 0, self.other)])
            self.other = None
        return await super().save(changes)


def test_a_line_that_somebody_else_enrolled_meanwhile_is_not_lost() -> None:
    before = Enrolment()
    before.take([line("H-1", 7, as_of=19_500)])
    store = Contended()
    enrolment = Enrolment(store)
    store.other = kept(before.store)
    enrolment.take([line("H-1", 1)])
    assert days(store) == [19_500, 20_000]


def kept(store: Store) -> bytes:
    """What the store holds of H-1."""
    (value,) = asyncio.run(store.load([household_key("H-1")]))
    return value.data
