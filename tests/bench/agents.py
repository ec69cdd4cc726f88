"""The worker's agents on a store in memory, with a publisher that keeps what it is given: what is measured is ours."""

import time
from collections.abc import Sequence
from typing import Any, cast

from faust.types import TP

from monitor.assessment import Assessor, Keyring
from monitor.configuration import SHIPPED, load_configuration
from monitor.worker.assessing import AssessmentAgent
from streams.concealing import reveal
from streams.enrolment_agent import EnrolmentAgent
from streams.memory_store import MemoryStore
from streams.publishing import Publisher
from streams.roster_filter import RosterFilter
from streams.roster_gate import RosterGate
from streams.roster_reader import RosterReader
from streams.screening_agent import FeedObserver, ScreeningAgent
from streams.topics import ROSTER
from tests.unit.streams.doubles import Counted, Heard, Published, Reader, fetched
from tests.unit.streams.people import KEYS

BATCH = 1000


def batches(values: Sequence[Any]) -> list[Sequence[Any]]:
    """Values a thousand at a time."""
    return [values[place : place + BATCH] for place in range(0, len(values), BATCH)]


async def enrol(store: MemoryStore, published: Published, values: Sequence[bytes]) -> None:
    """Enrol the roster's lines."""
    agent = EnrolmentAgent(KEYS, store, cast(Publisher, published), Counted(), Heard(), ignore)
    for place, batch in enumerate(batches(values)):
        await agent.handle(TP(ROSTER, 0), fetched(TP(ROSTER, 0), batch, place * BATCH))


def screening(store: MemoryStore, published: Published, persons: RosterFilter, feeds: FeedObserver) -> ScreeningAgent:
    """The agent that screens, for which these persons may be on the roster."""
    double = Reader()
    double.filter = persons
    reader = cast(RosterReader, double)
    gate = RosterGate(reader, time.monotonic)
    return ScreeningAgent(
        KEYS, store, cast(Publisher, published), reader, gate, Counted(), Heard(), ignore, _raise, feeds
    )


def assessment(store: MemoryStore, published: Published) -> AssessmentAgent:
    """The agent that assesses, with the shipped rules and detectors."""
    shipped = load_configuration(SHIPPED)
    keyring = Keyring(KEYS.id, lambda change: reveal(change, KEYS))
    assessor = Assessor(shipped.rules, keyring, shipped.detectors)
    return AssessmentAgent(
        lambda: assessor, KEYS, store, cast(Publisher, published), Counted(), Heard(), lambda: 0, _raise, ignore, 8
    )


def ignore(*_told: object) -> None:
    """Nobody needs to hear it."""


def _raise(_where: str, error: Exception) -> None:
    raise error
