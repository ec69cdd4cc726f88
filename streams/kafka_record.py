"""A record as it came from Kafka: what is asked of one, and no more.

Importing this module lets aiokafka's consumers give such records. A tenth of screening's time went into its own, which
have eleven fields each.
"""

from typing import Any

import msgspec
from aiokafka import TopicPartition
from aiokafka.consumer import fetcher


class KafkaRecord(msgspec.Struct, frozen=True, gc=False):
    """A record of a partition. `timestamp` is in milliseconds; a `value` of None deletes what the key stands for."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


class _Records(fetcher.PartitionRecords):  # type: ignore[misc]  # aiokafka has no types
    """The records of a fetch."""

    def _consumer_record(self, tp: TopicPartition, record: Any) -> KafkaRecord:
        return KafkaRecord(
            tp.topic, tp.partition, record.offset, record.timestamp, record.key, record.value, tuple(record.headers)
        )


fetcher.PartitionRecords = _Records
