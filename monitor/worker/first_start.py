"""Tells a store that holds nothing yet from one that lost what it held."""

import asyncio
from collections.abc import Mapping
from functools import partial

import structlog
from confluent_kafka import Consumer, KafkaException, TopicPartition

from streams.errors import UnusableError
from streams.outages import Outages, lasting
from streams.publishing import PublishError
from streams.store import EmptyStoreError, Store
from streams.topics import HOUSEHOLD_CHANGES

_log = structlog.get_logger("monitor.worker")


async def mark_if_new(
    store: Store, kafka: str, groups: Mapping[str, str], partitions: Mapping[str, int], outages: Outages
) -> None:
    """Mark a store without a marker, unless the groups that fill it have read their topics before.

    If they have, the store is empty because it lost everything: the lookups go on to say so until it is rebuilt.
    Raises UnusableError where the messages about households are spread otherwise than when the store was filled.
    """
    try:
        _check(await store.partitions(), partitions[HOUSEHOLD_CHANGES])
    except EmptyStoreError:
        places = {
            group: [TopicPartition(topic, number) for number in range(partitions[topic])]
            for group, topic in groups.items()
        }
        read = partial(asyncio.to_thread, lambda: any(_has_read(kafka, group, its) for group, its in places.items()))
        # A part of its own: who is told that Redis is away must not look for it there.
        if await lasting("kafka", read, outages):
            _log.error("Redis is empty, but records have been read before; run `monitor rebuild`")
        else:
            await store.mark(partitions[HOUSEHOLD_CHANGES])


def _check(then: int, now: int) -> None:
    if then not in (0, now):
        raise UnusableError(
            f"topic {HOUSEHOLD_CHANGES} has {now} partitions and had {then} when MONITOR_REDIS was filled: households' "
            f"states lie by partition; stop all workers, empty Redis and run `monitor rebuild`"
        )


def _has_read(kafka: str, group: str, places: list[TopicPartition]) -> bool:
    reader = Consumer({"bootstrap.servers": kafka, "group.id": group, "log_level": 0})
    try:
        return any(place.offset > 0 for place in reader.committed(places, timeout=3.0))
    except KafkaException as error:
        raise PublishError(f"no broker answers: {error.args[0].name()}") from error
    finally:
        reader.close()
