"""Reads a partition from its first record to where it ends now, outside of any consumer group."""

from collections.abc import AsyncIterator

from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.kafka_record import KafkaRecord
from streams.topics import LARGEST_VALUE


async def read_partition(
    kafka: str, topic: str, partition: int, largest_batch: int = 500
) -> AsyncIterator[list[KafkaRecord]]:
    """Batches of records, in order. Raises aiokafka's errors where no broker answers."""
    place = TopicPartition(topic, partition)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka, enable_auto_commit=False, max_partition_fetch_bytes=2 * LARGEST_VALUE
    )
    await consumer.start()
    try:
        consumer.assign([place])
        await consumer.seek_to_beginning(place)
        end = (await consumer.end_offsets([place]))[place]
        while await consumer.position(place) < end:
            fetched = await consumer.getmany(place, timeout_ms=1000, max_records=largest_batch)
            if fetched.get(place):
                yield fetched[place]
    finally:
        await consumer.stop()
