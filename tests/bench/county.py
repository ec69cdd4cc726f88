"""A simulated county's messages to its households: what assessment has to do on ordinary days, not on the worst."""

import tempfile
import time
from pathlib import Path
from typing import NamedTuple, cast

from faust.types import TP

from monitor.simulation import PROFILES, simulate
from streams.enrolment_agent import EnrolmentAgent
from streams.feed_files import find_feed_files
from streams.memory_store import MemoryStore
from streams.messages import Matched, decode
from streams.publishing import Publisher
from streams.roster_files import read_roster
from streams.roster_filter import RosterFilter
from streams.roster_gate import RosterGate
from streams.roster_reader import RosterReader
from streams.roster_topic import message
from streams.screening_agent import ScreeningAgent
from streams.topics import HOUSEHOLD_CHANGES, ROSTER, changes_topic
from tests.unit.streams.doubles import Counted, Heard, Published, Reader, Watched, fetched
from tests.unit.streams.people import KEYS

BATCH = 1000
CLOCK = 1_790_000_000_000
"""When the department's records reach Kafka, in milliseconds."""


class County(NamedTuple):
    """Messages about lines, those about changes in the order in which sources reported them; and the store."""

    notes: list[bytes]
    changes: list[bytes]
    store: MemoryStore


async def simulated(households: int, days: int, seed: int) -> County:
    """Make a county, enrol it and screen its records."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / "county"
        simulate(PROFILES["county"], households, days, seed, folder)
        store, published, persons = MemoryStore(), Published(), RosterFilter(8 * households)
        await store.mark()
        lines = list(read_roster(folder / "households.jsonl", KEYS, _ignore))
        persons.add([member.person for line in lines for member in line.members])
        enrolment = EnrolmentAgent(KEYS, store, cast(Publisher, published), Counted(), Heard(), _ignore)
        values = [message(line).value for line in lines]
        for start in range(0, len(values), BATCH):
            await enrolment.handle(TP(ROSTER, 0), fetched(TP(ROSTER, 0), values[start : start + BATCH], start))
        notes = [one.value for one in published.to(HOUSEHOLD_CHANGES)]
        matches = await _screened(folder / "events", store, persons)
    return County(notes, sorted(matches, key=_reported), store)


async def _screened(events: Path, store: MemoryStore, persons: RosterFilter) -> list[bytes]:
    published, reader = Published(), Reader()
    reader.filter = persons
    gate = RosterGate(cast(RosterReader, reader), store, time.monotonic)
    agent = ScreeningAgent(
        KEYS, store, cast(Publisher, published), cast(RosterReader, reader), gate, Counted(), Heard(), _ignore, _raise,
        Watched(),
    )  # fmt: skip
    for file in find_feed_files([events], None):
        tp = TP(changes_topic(file.feed), 0)
        values = [row.value for row in file.rows() if row.value is not None]
        for start in range(0, len(values), BATCH):
            await agent.handle(tp, fetched(tp, values[start : start + BATCH], start, CLOCK))
    return [one.value for one in published.to(HOUSEHOLD_CHANGES)]


def _reported(value: bytes) -> int:
    found = decode(value)
    return found.change.reported_at if isinstance(found, Matched) else 0


def _ignore(*_told: object) -> None:
    """Nobody needs to hear it."""


def _raise(_where: str, error: Exception) -> None:
    raise error
