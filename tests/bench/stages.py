"""What each stage costs, in CPU µs: ``python -m tests.bench.stages [CHANGES]``. Needs no service.

The stages are the worker's own code over the changes of the screening bench, on a store in memory and with a publisher
that drops everything, so that what is measured is ours; Redis and the broker are in the whole way's figure. Each of the
bench's matches is a vehicle and makes alerts; what ordinary matches cost is measured on those of a simulated county.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from typing import NamedTuple

from faust.types import TP

from alert_sinks.database import open_database
from alert_sinks.routing import load_routing
from alert_sinks.work_orders import Desk
from detectors.alerts import Alert, decode
from monitor.configuration import SHIPPED
from monitor.garbage import collect_rarely
from monitor.worker.feed_counts import FeedCounts
from streams.batch_transport import Fetched
from streams.decoding import FeedDecoder
from streams.enrolment import Enrolled, notes
from streams.memory_store import MemoryStore
from streams.messages import encode
from streams.roster_filter import RosterFilter
from streams.roster_topic import message
from streams.topics import ALERTS, HOUSEHOLD_CHANGES
from tests.bench.agents import BATCH, assessment, batches, enrol, screening
from tests.bench.county import CLOCK, simulated
from tests.bench.screening.data import FEED, TOPIC, changes, roster
from tests.unit.streams.doubles import Published, fetched
from tests.unit.streams.people import KEYS

_COUNTY = 1000, 365, 77
"""Households, days, seed."""


class Stage(NamedTuple):
    """A stage, what is counted, how many of them there were, and CPU µs for each."""

    name: str
    unit: str
    count: int
    cost: float


def measure(count: int) -> list[Stage]:
    """Run the stages one after the other over the same changes."""
    return asyncio.run(_measure(count))


async def _measure(count: int) -> list[Stage]:
    found: list[Stage] = []
    values = list(changes(count, 0.05))
    decoder = FeedDecoder(FEED, KEYS)

    def timed(name: str, unit: str, number: int, began: float) -> None:
        found.append(Stage(name, unit, number, (time.process_time() - began) / max(1, number) * 1e6))

    began = time.process_time()
    for batch in batches(values):
        decoder.decode(batch, [CLOCK * 1000] * len(batch))
    timed("decode, check, pseudonyms", "change", count, began)

    store, published = MemoryStore(), Published()
    await store.mark()
    lines = list(roster())
    began = time.process_time()
    await enrol(store, published, [message(line).value for line in lines])
    timed("enrol", "household", len(lines), began)

    published = Published()
    # A filter as large as the roster needs.
    persons = RosterFilter(4 * len(lines))
    persons.add([member.person for line in lines for member in line.members])
    agent = screening(store, published, persons, FeedCounts())
    began = time.process_time()
    for place, batch in enumerate(batches(values)):
        await agent.handle(TP(TOPIC, 0), fetched(TP(TOPIC, 0), batch, place * BATCH, CLOCK))
    timed("screen, the former included", "change", count, began)

    ordinary = await simulated(*_COUNTY)
    await assess(ordinary.store, ordinary.notes)
    began = time.process_time()
    await assess(ordinary.store, ordinary.changes, len(ordinary.notes))
    timed("assess a county's matches, all rules and detectors", "match", len(ordinary.changes), began)

    matches = [one.value for one in published.to(HOUSEHOLD_CHANGES)]
    listed = {line.household_id: [Enrolled(0, line)] for line in lines}
    await assess(store, [encode(note) for note in notes(listed)])
    began = time.process_time()
    alerts = await assess(store, matches, len(lines))
    timed("assess vehicles, each of which makes alerts", "match", len(matches), began)

    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{folder}/orders.db")
        desk = Desk(database, load_routing(SHIPPED / "centres.yaml"))
        began = time.process_time()
        for some in batches(alerts):
            desk.attach(some, CLOCK * 1000)
        timed("attach to work orders (SQLite)", "alert", len(alerts), began)
        database.close()
    return found


async def assess(store: MemoryStore, values: Sequence[bytes], first: int = 0) -> list[Alert]:
    """Assess messages as one partition; gives the alerts."""
    collect_rarely()  # as a worker does
    published = Published()
    agent = assessment(store, published)
    for place, batch in enumerate(batches(values)):
        given: Fetched = fetched(TP(HOUSEHOLD_CHANGES, 0), batch, first + place * BATCH)
        await agent.handle(TP(HOUSEHOLD_CHANGES, 0), given)
    return [decode(one.value) for one in published.to(ALERTS)]


def table(stages: Sequence[Stage]) -> str:
    """Markdown."""
    rows = ["| stage | CPU µs | for each | of them |", "|---|---|---|---|"]
    rows += [f"| {one.name} | {one.cost:,.1f} | {one.unit} | {one.count:,} |" for one in stages]
    return "\n".join(rows)


def main() -> None:
    """Measure and print."""
    print(table(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)))


if __name__ == "__main__":
    main()
