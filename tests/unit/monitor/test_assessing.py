"""Save, publish, commit: a crash at any point neither loses an alert nor makes another of it."""

import asyncio
from collections.abc import Sequence
from typing import Any, cast

import msgspec
import pytest
from faust.types import TP
from msgspec.structs import replace

from detectors.alerts import Alert, decode
from detectors.population import Population
from monitor.assessment import Assessor, Due
from monitor.worker.assessing import AssessmentAgent
from streams.changes import Change
from streams.errors import UnusableError
from streams.memory_store import MemoryStore
from streams.messages import HouseholdMessage, Matched, Reached, RosterNote, encode
from streams.moments import SECOND
from streams.publishing import Outgoing, Publisher
from streams.topics import ALERTS, HOUSEHOLD_CHANGES, dead_letters
from tests.unit.alert_sinks.order_examples import make_alert
from tests.unit.streams.doubles import Counted, Heard, Published, fetched
from tests.unit.streams.people import KEYS

TP3 = TP(HOUSEHOLD_CHANGES, 3)


class Counting:
    """Stands in for the assessor: an alert for each change, its revision the number of changes so far.

    A change of person "boom" breaks it half-way, one of "key" cannot be read with these keys.
    """

    def __init__(self) -> None:
        self.calls = 0

    def load(self, data: bytes) -> "State":
        return State(msgspec.msgpack.decode(data, type=list[str]) if data else [])

    def store(self, state: list[str]) -> bytes:
        return msgspec.msgpack.encode(list(state))

    def assess(
        self, state: list[str], message: Matched | RosterNote, at: int, population: Any, doubts: Any
    ) -> list[Alert]:
        self.calls += 1
        if isinstance(message, RosterNote):
            return []
        state.append(message.change.event_id)
        if message.change.person == "boom":
            raise ZeroDivisionError
        if message.change.person == "key":
            raise UnusableError("sealed with another key")
        return [alert(message.household_id, len(state), message.change.event_id, str(at))]

    def due(self, population: Population, message: Reached) -> Due:
        return Due(["H-7"], 0)

    def progressed(self, state: list[str], household_id: str, population: Population, at: int, now: int) -> list[Alert]:
        state.append("progress")
        return [alert(household_id, len(state), "progress", str(now))]


class State(list[str]):
    """A household's state; the agent asks it for its county."""

    county = "420525"


def alert(household_id: str, revision: int, event_id: str, detected_at: str) -> Alert:
    made = make_alert("A", revision, household_id=household_id)
    return replace(made, event_ids=(event_id,), detected_at=detected_at)


class Crash(BaseException):
    """The process ends here."""


class Crashing(Published):
    """Crashes before anything is published, while it is told to."""

    crashes = True

    async def publish(self, messages: Sequence[Outgoing]) -> None:
        if messages and self.crashes:
            raise Crash
        await super().publish(messages)


class Assessment:
    """An agent on a store that others may share, and what it left."""

    def __init__(self, store: MemoryStore | None = None, published: Published | None = None) -> None:
        self.store = store or MemoryStore()
        asyncio.run(self.store.mark())
        self.published = published or Published()
        self.counted, self.heard, self.assessor = Counted(), Heard(), Counting()
        self.clock = 0
        self.broken: list[str] = []
        self.agent = AssessmentAgent(
            lambda: cast(Assessor, self.assessor),
            KEYS,
            self.store,
            cast(Publisher, self.published),
            self.counted,
            self.heard,
            self._tick,
            lambda _where, error: self.broken.append(type(error).__name__),
            lambda _county, _population: None,
            4,
        )

    def _tick(self) -> int:
        self.clock += 1
        return self.clock

    def take(self, given: Sequence[HouseholdMessage | bytes], offset: int = 0) -> int | None:
        values = [one if isinstance(one, bytes) else encode(one) for one in given]
        return asyncio.run(self.agent.handle(TP3, fetched(TP3, values, offset)))

    def said(self) -> list[tuple[str, int, str]]:
        alerts = [decode(one.value) for one in self.published.to(ALERTS)]
        return [(one.household_id or "", one.revision, one.event_ids[0]) for one in alerts]


def change(event_id: str, household_id: str = "H-1", person: str = "p") -> Matched:
    given = Change(feed="vehicles", event_id=event_id, person=person, occurred_at=0, reported_at=0)
    return Matched(household_id=household_id, change=given, correlation_id=f"c/{event_id}", published_at=1 * SECOND)


def test_every_change_makes_a_revision_of_its_own_in_their_order() -> None:
    assessment = Assessment()
    assert assessment.take([change("a"), change("b", "H-2"), change("c")]) is None
    assert assessment.said() == [("H-1", 1, "a"), ("H-2", 1, "b"), ("H-1", 2, "c")]
    assert [dict(one.headers)["correlation_id"] for one in assessment.published.messages] == [b"c/a", b"c/b", b"c/c"]
    part = asyncio.run(assessment.store.load_part(3, []))
    assert (part.applied, part.unsent) == (3, b"")
    assert assessment.counted.counts == {("alert", "vehicle-owned"): 3, "change to alert": 3}


def test_after_a_crash_between_save_and_publish_the_saved_bytes_are_sent() -> None:
    crashing = Crashing()
    first = Assessment(published=crashing)
    with pytest.raises(Crash):
        first.take([change("a"), change("b")])
    saved = asyncio.run(first.store.load_part(3, [])).unsent
    second = Assessment(first.store)
    assert second.take([change("a"), change("b")]) is None
    assert second.assessor.calls == 0
    assert second.said() == [("H-1", 1, "a"), ("H-1", 2, "b")]
    assert all(one.value in saved for one in second.published.messages)


def test_after_a_crash_new_messages_of_a_longer_batch_are_added() -> None:
    first = Assessment(published=Crashing())
    with pytest.raises(Crash):
        first.take([change("a")])
    second = Assessment(first.store)
    second.take([change("a"), change("b")])
    assert second.said() == [("H-1", 1, "a"), ("H-1", 2, "b")]


def test_a_stalled_worker_overwrites_nothing() -> None:
    """It took its batch in before it lost the partition, and saves after its successor has gone on."""

    class Overtaken(MemoryStore):
        successor: Assessment | None = None

        async def save_part(self, *given: Any) -> bool:
            successor, self.successor = self.successor, None
            if successor is not None:
                batch = fetched(TP3, [encode(change("a")), encode(change("b"))])
                assert await successor.agent.handle(TP3, batch) is None
            return await super().save_part(*given)

    store = Overtaken()
    stalled = Assessment(store)
    store.successor = successor = Assessment(store)
    assert stalled.take([change("a")]) is None
    assert successor.said() == [("H-1", 1, "a"), ("H-1", 2, "b")]
    assert stalled.said() == []


def test_a_store_that_lost_its_last_writes_gets_them_again() -> None:
    assessment = Assessment()
    assessment.take([change("a")])
    assert assessment.take([change("c")], offset=2) == 1
    assert assessment.said() == [("H-1", 1, "a")]


def test_messages_that_cannot_be_used_go_to_the_dead_letters_alone() -> None:
    assessment = Assessment()
    deep = b'{"kind": "change", "x": ' + b"[" * 50_000
    assessment.take([change("a"), b"{", change("b", person="boom"), change("c"), deep])
    assert assessment.said() == [("H-1", 1, "a"), ("H-1", 2, "c")]
    letters = [msgspec.json.decode(one.value) for one in assessment.published.to(dead_letters(HOUSEHOLD_CHANGES))]
    assert [(one["offset"], one["reason"]) for one in letters] == [
        (1, "undecodable"),
        (4, "undecodable"),
        (2, "undecodable"),
    ]
    assert sorted(assessment.broken) == ["DecodeError", "RecursionError", "ZeroDivisionError"]


def test_another_secret_file_is_nobodys_dead_letter() -> None:
    assessment = Assessment()
    with pytest.raises(UnusableError):
        assessment.take([change("a", person="key")])
    assert assessment.published.messages == []


def test_progress_looks_at_the_households_that_are_due() -> None:
    assessment = Assessment()
    assessment.take([Reached(county="420525", feed="taxes", marks=((20_000, 1),))])
    assert assessment.said() == [("H-7", 1, "progress")]


def test_a_note_alone_says_nothing() -> None:
    assessment = Assessment()
    assessment.take([RosterNote(household_id="H-1", version=0)])
    assert assessment.published.messages == []
    assert asyncio.run(assessment.store.load_part(3, [])).applied == 1
