"""The screening agent: members' changes go on, refused records are kept apart, everything is counted once."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any, cast

import pytest
from faust.types import TP

from streams import messages
from streams.concealing import reveal
from streams.decoding import Decoded, FeedDecoder
from streams.memory_store import MemoryStore
from streams.messages import Matched
from streams.moments import SECOND
from streams.outages import lasting
from streams.publishing import Publisher
from streams.roster_gate import RosterGate
from streams.roster_reader import RosterReader
from streams.screening import Found
from streams.screening_agent import ScreeningAgent
from streams.store import EmptyStoreError, Listing, Place
from streams.topics import HOUSEHOLD_CHANGES, ROSTER, changes_topic, dead_letters
from tests.unit.streams.doubles import Counted, Heard, Published, Reader, Watched, fetched
from tests.unit.streams.people import KEYS, as_json, number, record

CUSTODY = TP(changes_topic("custody"), 2)
MEMBER = KEYS.pseudonym(number(1))


class Screening:
    """An agent whose roster holds person 1 in household H-1, and what it left."""

    def __init__(self, failures: int = 0, store: MemoryStore | None = None) -> None:
        self.store, self.counted, self.heard = store or MemoryStore(), Counted(), Heard()
        self.published = Published(failures)
        self.reader = Reader([MEMBER])
        self.unknown: list[tuple[str, str]] = []
        self.broken: list[str] = []
        self.watched = Watched()
        if store is None:
            asyncio.run(self._enrol())
        reader = cast(RosterReader, self.reader)
        self.agent = ScreeningAgent(
            KEYS,
            self.store,
            cast(Publisher, self.published),
            reader,
            RosterGate(reader, lambda: 0.0),
            self.counted,
            self.heard,
            lambda feed, field: self.unknown.append((feed, field)),
            lambda where, error: self.broken.append(type(error).__name__),
            self.watched,
        )

    async def _enrol(self) -> None:
        await self.store.mark()
        await self.store.list_persons([Listing(MEMBER, "H-1", Place("420525", 1, ()))])

    def take(self, values: Sequence[bytes | None], tp: TP = CUSTODY) -> None:
        asyncio.run(self.agent.handle(tp, fetched(tp, values, offset=10)))

    def matched(self) -> list[Matched]:
        sent = [messages.decode(one.value) for one in self.published.to(HOUSEHOLD_CHANGES)]
        return [one for one in sent if isinstance(one, Matched)]

    def letters(self) -> list[dict[str, Any]]:
        return [json.loads(one.value) for one in self.published.to(dead_letters(CUSTODY.topic))]


def test_members_go_on_and_strangers_leave_no_trace() -> None:
    screening = Screening()
    screening.take([as_json(record("custody", 1)), as_json(record("custody", 2))])
    (found,) = screening.matched()
    assert (found.household_id, found.correlation_id) == ("H-1", "custody/2/10")
    assert found.published_at == 1_783_000_000 * SECOND
    assert reveal(found.change, KEYS)["id_number"] == number(1)
    assert len(screening.published.messages) == 1
    assert screening.published.messages[0].spread == "420525"
    assert screening.counted.counts == {
        ("changes", "custody"): 2,
        ("region", "custody", "region 甲", ""): 2,
        ("matches", "custody"): 1,
    }


def test_the_elements_of_an_array_are_records_of_their_own() -> None:
    screening = Screening()
    screening.take([as_json([record("custody", 2), record("custody", 1), record("custody", 1, action="escaped")])])
    assert [found.correlation_id for found in screening.matched()] == ["custody/2/10/1"]
    (refused,) = screening.letters()
    assert (refused["index"], refused["field"], refused["reason"]) == (2, "action", "unknown_word")
    assert (refused["topic"], refused["partition"], refused["offset"]) == (CUSTODY.topic, 2, 10)
    assert screening.counted.counts["changes", "custody"] == 3
    assert screening.counted.counts["rejected", "custody", "unknown_word"] == 1


def test_records_are_counted_by_the_region_that_they_name() -> None:
    screening = Screening()
    there = record("custody", 1, region="420525101003")
    screening.take([as_json(there), as_json({**there, "action": "escaped"}), as_json(record("custody", 2))])
    counted = {key[2:]: count for key, count in screening.counted.counts.items() if key[0] == "region"}
    assert counted == {("420525101003", ""): 2, ("420525101003", "unknown_word"): 1, ("region 甲", ""): 1}


def test_a_refused_record_can_be_seen_again_by_who_has_the_key_alone() -> None:
    screening = Screening()
    value = as_json(record("custody", 1, action="escaped"))
    screening.take([value, b"\xff{"])
    text = b"".join(one.value for one in screening.published.messages)
    assert number(1).encode() not in text
    assert KEYS.unseal(screening.letters()[0]["record"], "dead letter") == value.decode()
    assert KEYS.unseal(screening.letters()[1]["record"], "dead letter") == "\\xff{"


def test_a_message_that_breaks_screening_itself_is_refused_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = FeedDecoder.decode

    def fragile(self: FeedDecoder, values: Sequence[bytes | None], clocks: Sequence[int]) -> Decoded:
        if b"boom" in values:
            raise ZeroDivisionError
        return usual(self, values, clocks)

    monkeypatch.setattr(FeedDecoder, "decode", fragile)
    screening = Screening()
    fine = as_json(record("custody", 1))
    screening.take([fine, b"boom", as_json(record("custody", 1, event_id="E-2"))])
    assert [found.change.event_id for found in screening.matched()] == ["E-1", "E-2"]
    assert [one["offset"] for one in screening.letters()] == [11]
    assert screening.broken == ["ZeroDivisionError"]
    assert screening.counted.counts["changes", "custody"] == 3


def test_an_unknown_field_is_told_once() -> None:
    screening = Screening()
    for _ in range(2):
        screening.take([as_json(record("custody", 1, colour="red"))])
    assert screening.unknown == [("custody", "colour")]


def test_households_of_an_event_end_with_its_latest_version() -> None:
    screening = Screening()
    new = record("custody", 1, reported_at="2026-06-05", action="released")
    screening.take([as_json(new)])
    screening.take([as_json(record("custody", 1, reported_at="2026-06-03"))])
    assert [found.change.text("action") for found in screening.matched()][-1] == "released"


def test_a_change_waits_for_the_roster_before_it() -> None:
    """The line of person 2 has been seen, but is applied only while the change waits."""
    screening = Screening()
    stranger = KEYS.pseudonym(number(2))
    screening.reader.filter.add([stranger])
    screening.reader.last = {0: 7}

    async def both() -> None:
        batch = fetched(CUSTODY, [as_json(record("custody", 2))])
        waiting = asyncio.ensure_future(screening.agent.handle(CUSTODY, batch))
        await asyncio.sleep(0.05)
        assert not waiting.done()
        await screening.store.list_persons([Listing(stranger, "H-2", Place("420525", 1, ()))])
        await screening.store.set_applied(ROSTER, {0: 7})
        await waiting

    asyncio.run(both())
    assert [found.household_id for found in screening.matched()] == ["H-2"]


def test_what_the_broker_did_not_take_is_published_again() -> None:
    screening = Screening(failures=2)
    screening.take([as_json(record("custody", 1))])
    assert len(screening.matched()) == 1
    assert screening.heard.said == [("kafka", "PublishError")] * 2


def test_a_failure_that_may_heal_is_waited_for_and_another_is_not() -> None:
    heard, tries = Heard(), iter([EmptyStoreError(), OSError("reset"), None])

    async def action() -> str:
        error = next(tries)
        if error is not None:
            raise error
        return "done"

    assert asyncio.run(lasting("redis", action, heard)) == "done"
    assert heard.said == [("redis", "EmptyStoreError"), ("redis", "OSError")]

    async def wrong() -> None:
        raise ValueError

    with pytest.raises(ValueError, match=r"^$"):
        asyncio.run(lasting("redis", wrong, heard))


def test_a_batch_that_is_done_again_tells_its_retraction_in_the_same_place() -> None:
    """The worker died, or Redis's answer was lost, when the batch's events were held and nothing was published."""
    screening = Screening()
    taken = [
        record("custody", event_id="a"),
        record("custody", event_id="b"),
        record("custody", event_id="a", op="retract"),
    ]
    batch = [as_json(one) for one in taken]
    screening.take(batch)
    first = [(one.change.event_id, one.change.op) for one in screening.matched()]
    assert first == [("a", "upsert"), ("b", "upsert"), ("a", "retract")]
    screening.published.messages.clear()
    screening.take(batch)
    again = [(one.change.event_id, one.change.op) for one in screening.matched()]
    assert again[:3] == first


def test_whoever_is_enrolled_between_the_lookup_and_the_question_is_looked_up_again() -> None:
    class Late(MemoryStore):
        """Enrolling ends a moment after the first lookup."""

        ended = False

        async def homes(self, persons: Sequence[str], topic: str) -> Found:
            found = await super().homes(persons, topic)
            if not self.ended:
                self.ended = True
                await self.list_persons([Listing(MEMBER, "H-1", Place("420525", 1, ()))])
                await self.set_applied(ROSTER, {0: 1})
            return found

    store = Late()
    asyncio.run(store.mark())
    screening = Screening(store=store)
    screening.reader.last = {0: 1}
    screening.take([as_json(record("custody"))])
    assert [one.household_id for one in screening.matched()] == ["H-1"]
