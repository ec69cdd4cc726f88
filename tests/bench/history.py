"""What a longer history costs: the same households with ten and with a hundred changes behind them."""

import asyncio
import random
import time
from collections.abc import Iterator, Sequence

from faust.types import TP

from detectors.alerts import decode
from monitor.worker.assessing import state_key
from streams.changes import Change
from streams.enrolment import Enrolled, notes
from streams.memory_store import MemoryStore
from streams.messages import Matched, encode
from streams.moments import parse_day
from streams.topics import ALERTS, HOUSEHOLD_CHANGES
from tests.bench.agents import assessment
from tests.bench.screening.data import roster
from tests.unit.streams.doubles import Published, fetched

_PART = TP(HOUSEHOLD_CHANGES, 0)
_MEASURED = 5
"""Changes a household at the end that are measured."""
_MONTHS = [f"{year}-{month:02d}" for year in range(2017, 2027) for month in range(1, 13)]


def rows(households: int, lengths: Sequence[int]) -> Iterator[str]:
    """A row for each length of the history."""
    for length in lengths:
        yield asyncio.run(_row(households, length))


async def _row(households: int, length: int) -> str:
    store, published = MemoryStore(), Published()
    await store.mark()
    agent = assessment(store, published)
    lines = [line for _, line in zip(range(households), roster(), strict=False)]
    listed = {line.household_id: [Enrolled(0, line)] for line in lines}
    given = [encode(note) for note in notes(listed)]
    persons = [(line.household_id, line.members[0].person) for line in lines]
    chance = random.Random(1)
    given += [
        encode(Matched(household_id=household, change=_change(person, number, chance)))
        for number in range(length)
        for household, person in persons
    ]
    await agent.handle(_PART, fetched(_PART, given))
    last = [
        encode(Matched(household_id=household, change=_change(person, number, chance)))
        for number in range(length, length + _MEASURED)
        for household, person in persons
    ]
    before, began = len(published.to(ALERTS)), time.process_time()
    await agent.handle(_PART, fetched(_PART, last, len(given)))
    cost = (time.process_time() - began) / len(last) * 1e6
    said = len([decode(one.value) for one in published.to(ALERTS)[before:]])
    kept = await store.load_part(0, [state_key(household) for household, _ in persons])
    size = sum(len(value) for value in kept.values) / len(persons)
    return f"| {length} | {cost:,.0f} | {size:,.0f} | {said / len(last):.2f} |"


def _change(person: str, number: int, chance: random.Random) -> Change:
    """A month's contribution, the way a county's records come year after year."""
    month = _MONTHS[number % len(_MONTHS)]
    at = parse_day(f"{month}-15") * 24 * 3600 * 1_000_000
    return Change(
        feed="social-insurance",
        event_id=f"{person}/{number}",
        person=person,
        occurred_at=at,
        reported_at=at,
        region="420525",
        values={
            "employer": "公司",
            "base": float(90 + chance.randrange(10)),
            "period": month,
            "kind": "employee",
            "status": "paid",
        },
    )
