"""`monitor agree` as a whole: reads both sides, compares, and lets the workers' metrics know."""

import asyncio
import json
import time
from pathlib import Path

from monitor.agreement import Compared, Difference, differences, remember, standing
from monitor.settings import Settings
from streams.errors import UnusableError
from streams.redis_store import open_redis
from streams.topic_reading import read_partition
from streams.topics import ALERTS, required_partitions


async def compare_with(replayed: Path, settings: Settings) -> list[Difference]:
    """The differences of `alerts.v1` and a replay's `alerts.jsonl`. Raises UnusableError."""
    try:
        with replayed.open(encoding="utf-8") as lines:
            theirs = standing(json.loads(line) for line in lines)
    except OSError as error:
        raise UnusableError(f"{replayed}: {error.strerror}; give the alerts.jsonl of a replay") from error
    except (ValueError, KeyError, TypeError) as error:
        raise UnusableError(f"{replayed}: holds no alerts; give the alerts.jsonl of a replay") from error
    partitions = await asyncio.to_thread(required_partitions, settings.kafka, [ALERTS])
    revisions = []
    for partition in range(partitions[ALERTS]):
        async for records in read_partition(settings.kafka, ALERTS, partition):
            revisions += [json.loads(record.value or b"") for record in records]
    found = differences(standing(revisions), theirs)
    client = await open_redis(settings.redis)
    try:
        await remember(client, Compared(time.time_ns() // 1000, len(found)))
    finally:
        await client.aclose()
    return found
