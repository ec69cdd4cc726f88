"""A simulated county's messages to its households: what assessment has to do on ordinary days, not on the worst."""

import tempfile
from pathlib import Path
from typing import NamedTuple

from faust.types import TP

from monitor.simulation import PROFILES, simulate
from streams.feed_files import find_feed_files
from streams.memory_store import MemoryStore
from streams.messages import Matched, decode
from streams.roster_files import read_roster
from streams.roster_filter import RosterFilter
from streams.roster_topic import message
from streams.topics import HOUSEHOLD_CHANGES, changes_topic
from tests.bench.agents import BATCH, batches, enrol, ignore, screening
from tests.unit.streams.doubles import Published, Watched, fetched
from tests.unit.streams.people import KEYS

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
        lines = list(read_roster(folder / "households.jsonl", KEYS, ignore))
        persons.add([member.person for line in lines for member in line.members])
        await enrol(store, published, [message(line).value for line in lines])
        notes = [one.value for one in published.to(HOUSEHOLD_CHANGES)]
        matches = await _screened(folder / "events", store, persons)
    return County(notes, sorted(matches, key=_reported), store)


async def _screened(events: Path, store: MemoryStore, persons: RosterFilter) -> list[bytes]:
    published = Published()
    agent = screening(store, published, persons, Watched())
    for file in find_feed_files([events], None):
        tp = TP(changes_topic(file.feed), 0)
        values = [row.value for row in file.rows() if row.value is not None]
        for place, batch in enumerate(batches(values)):
            await agent.handle(tp, fetched(tp, batch, place * BATCH, CLOCK))
    return [one.value for one in published.to(HOUSEHOLD_CHANGES)]


def _reported(value: bytes) -> int:
    found = decode(value)
    return found.change.reported_at if isinstance(found, Matched) else 0
