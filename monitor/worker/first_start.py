"""Tells a store that holds nothing yet from one that lost what it held."""

import asyncio
from collections.abc import Sequence

import structlog
from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException

from streams.publishing import PublishError
from streams.store import EmptyStoreError, Store
from streams.topics import ROSTER, administer

_log = structlog.get_logger("monitor.worker")


async def mark_if_new(store: Store, kafka: str, groups: Sequence[str]) -> None:
    """Mark a store without a marker, unless the groups that fill it have read something before.

    If they have, the store is empty because it lost everything: the lookups go on to say so until it is rebuilt.
    """
    try:
        await store.applied(ROSTER)
    except EmptyStoreError:
        if any([await asyncio.to_thread(_has_read, kafka, group) for group in groups]):
            _log.error("Redis is empty, but records have been read before; run `monitor rebuild`")
        else:
            await store.mark()


def _has_read(kafka: str, group: str) -> bool:
    admin = administer(kafka)
    asked = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)])[group]
    try:
        found = asked.result(timeout=10.0)
    except KafkaException as error:
        raise PublishError("no broker answers") from error
    return any(place.offset > 0 for place in found.topic_partitions)
