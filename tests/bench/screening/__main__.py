"""Screening against a bare confluent-kafka loop, in one run: ``monitor parts -- python -m tests.bench.screening``."""

import asyncio
import os
import statistics
import subprocess
import sys

from redis import Redis

from streams.enrolment import Enrolled, memberships
from streams.redis_store import RedisStore, open_redis
from streams.store import Listing, Place
from streams.topics import ROSTER
from tests.bench.screening.data import publish, roster

_SHARE = 0.05


async def _enrol(ends: dict[int, int]) -> None:
    """Put the roster into Redis as enrolling does, and for the bare loop as plain keys."""
    store = RedisStore(await open_redis(os.environ["MONITOR_REDIS"]))
    await store.mark()
    listings = [
        Listing(person, line.household_id, Place(line.county, 1, held))
        for line in roster()
        for person, held in memberships([Enrolled(0, line)]).items()
    ]
    await store.list_persons(listings)
    await store.set_applied(ROSTER, ends)
    await store.close()
    bare = Redis.from_url(os.environ["MONITOR_REDIS"])
    bare.mset({f"bare:{listing.person}": listing.household_id for listing in listings})
    bare.close()


def _ends(kafka: str) -> dict[int, int]:
    from confluent_kafka import Consumer, TopicPartition

    reader = Consumer({"bootstrap.servers": kafka, "group.id": "ends"})
    found = {part: reader.get_watermark_offsets(TopicPartition(ROSTER, part), timeout=10)[1] for part in range(4)}
    reader.close()
    return found


def _seconds(module: str, count: int, group: str) -> tuple[float, float]:
    done = subprocess.run(
        [sys.executable, "-m", f"tests.bench.screening.{module}", str(count), group],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    seconds, processor, matched = done.stdout.split()
    rate, cost = count / float(seconds), float(processor) / count * 1e6
    print(f"  {module:5} {rate:>9,.0f} changes/s, {cost:.1f} µs of processor a change, {matched} matched", flush=True)
    return float(seconds), float(processor)


def main() -> None:
    """Publish once, then take turns."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    kafka = os.environ["MONITOR_KAFKA"]
    print(f"{count:,} changes, {_SHARE:.0%} about members", flush=True)
    publish(kafka, count, _SHARE)
    asyncio.run(_enrol(_ends(kafka)))
    took: dict[str, list[tuple[float, float]]] = {"bare": [], "ours": []}
    for number in range(rounds):
        for module, seconds in took.items():
            seconds.append(_seconds(module, count, f"{module}-{number}"))
    for index, what in ((0, "time"), (1, "processor time")):
        bare, ours = (statistics.median(one[index] for one in took[module]) for module in ("bare", "ours"))
        print(f"{what}: bare {bare:.2f} s, ours {ours:.2f} s (medians of {rounds}): ratio {bare / ours:.2f}")


main()
