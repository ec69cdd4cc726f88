"""Publishing to Kafka: a batch of messages at a time, known to be stored when the call returns."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from confluent_kafka import KafkaError, KafkaException, Producer

from streams.topics import LARGEST_VALUE, partition_of, required_partitions

_FLUSH_SECONDS = 30.0
_QUEUE_FULL = 0.5


class Outgoing(NamedTuple):
    """A message. `spread` is what chooses the partition: a household's id or county; unless `partition` says it."""

    topic: str
    key: str
    value: bytes
    spread: str
    headers: Sequence[tuple[str, bytes]] = ()
    partition: int | None = None


class PublishError(Exception):
    """The broker has not confirmed all of a batch; the whole batch may be published again."""


class Publisher:
    """A librdkafka producer that is flushed once a batch: the cost of a message is a few microseconds.

    `partitions` are those of the topics that are published to.
    """

    def __init__(self, kafka: str, partitions: Mapping[str, int]) -> None:
        self._partitions = partitions
        self._failed = 0
        self._producer = Producer(
            {
                "bootstrap.servers": kafka,
                "acks": "all",
                "enable.idempotence": True,
                "linger.ms": 2,
                "compression.type": "lz4",
                "message.max.bytes": 2 * LARGEST_VALUE,
                "queue.buffering.max.messages": 1_000_000,
                "queue.buffering.max.kbytes": 512 * 1024,
                "delivery.timeout.ms": int(_FLUSH_SECONDS * 1000),
                "reconnect.backoff.max.ms": 1000,
                "log_level": 0,
            }
        )

    @classmethod
    def to(cls, kafka: str, topics: Sequence[str]) -> "Publisher":
        """A publisher for topics that must exist. Raises UnusableError."""
        return cls(kafka, required_partitions(kafka, topics))

    async def publish(self, messages: Sequence[Outgoing]) -> None:
        """Publish a batch and wait for the broker's word. Raises PublishError if it did not come for all of it."""
        if not messages:
            return
        self._failed = 0
        for message in messages:
            self._produce(message)
        waiting = await asyncio.to_thread(self._producer.flush, _FLUSH_SECONDS)
        if waiting or self._failed:
            self._producer.purge(in_queue=True, in_flight=True, blocking=False)
            self._producer.flush(0)
            raise PublishError(f"{waiting + self._failed} messages without the broker's word")

    def _produce(self, message: Outgoing) -> None:
        partition = message.partition
        if partition is None:
            partition = partition_of(message.spread, self._partitions[message.topic])
        while True:
            try:
                self._producer.produce(
                    message.topic,
                    value=message.value,
                    key=message.key,
                    partition=partition,
                    headers=list(message.headers),
                    on_delivery=self._delivered,
                )
            except BufferError:
                self._producer.poll(_QUEUE_FULL)
            except KafkaException as error:
                raise PublishError(str(error.args[0].name())) from error
            else:
                return

    def _delivered(self, error: KafkaError | None, _message: Any) -> None:
        self._failed += error is not None

    def close(self) -> None:
        """Drop what is still queued; it was never said to be stored."""
        self._producer.purge()
        self._producer.flush(1.0)
