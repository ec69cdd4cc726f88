"""The worker's own screening, alone in a process: agent, transport, commits and counting as in the worker."""

import asyncio
import os
import sys
import time

from faust.types import TP

from monitor.garbage import collect_rarely
from monitor.metrics import Metrics
from monitor.worker.feed_counts import FeedCounts
from streams.batch_transport import Fetched
from streams.consumption import consumer_group
from streams.publishing import Publisher
from streams.redis_store import RedisStore, open_redis
from streams.roster_gate import RosterGate
from streams.roster_reader import RosterReader
from streams.screening_agent import ScreeningAgent
from streams.topics import ROSTER, TOPICS, required_partitions
from tests.bench.screening.data import FEED, TOPIC
from tests.unit.streams.people import KEYS


class _Loud:
    """Nothing may be away during a measurement."""

    def away(self, part: str, error: Exception) -> None:
        print(f"{part} away: {error!r}", file=sys.stderr)

    def back(self, part: str) -> None:
        pass

    def took(self, part: str, seconds: float) -> None:
        pass


def _broken(where: str, error: Exception) -> None:
    raise error


async def main() -> None:
    """Read all records; print the seconds from the first to the last."""
    wanted, group = int(sys.argv[1]), sys.argv[2]
    kafka = os.environ["MONITOR_KAFKA"]
    partitions = required_partitions(kafka, [topic.name for topic in TOPICS])
    store = RedisStore(await open_redis(os.environ["MONITOR_REDIS"]))
    reader = RosterReader(kafka, partitions[ROSTER], KEYS)
    reader.start()
    metrics, loud = Metrics(), _Loud()
    gate = RosterGate(reader, time.monotonic)
    await gate.seen(time.monotonic())
    agent = ScreeningAgent(
        KEYS,
        store,
        Publisher(kafka, partitions),
        reader,
        gate,
        metrics,
        loud,
        lambda _feed, _field: None,
        _broken,
        FeedCounts(),
    )
    read, start, cpu = 0, 0.0, 0.0
    done = asyncio.Event()

    async def handle(tp: TP, fetched: Fetched) -> None:
        nonlocal read, start, cpu
        if not start:
            start, cpu = time.perf_counter(), time.process_time()
        await agent.handle(tp, fetched)
        read += len(fetched.records)
        if read >= wanted:
            done.set()

    app = consumer_group(group, [TOPIC], kafka, handle, largest_batch=4000, at_once=8)
    collect_rarely()
    await app.start()
    await done.wait()
    seconds = time.perf_counter() - start
    matched = metrics.registry.get_sample_value("monitor_matches_total", {"feed": FEED})
    print(f"{seconds:.3f} {time.process_time() - cpu:.3f} {matched:.0f}", flush=True)
    await app.stop()
    reader.stop()


if os.environ.get("BENCH_PROFILE"):
    import cProfile
    import pstats

    with cProfile.Profile() as profile:
        asyncio.run(main())
    pstats.Stats(profile, stream=sys.stderr).sort_stats("tottime").print_stats(35)
else:
    asyncio.run(main())
