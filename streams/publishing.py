"""Publishing to Kafka: a batch of messages at a time, known to be stored when the call returns."""

import asyncio
import itertools
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from confluent_kafka import KafkaError, KafkaException, Producer

from streams.topics import LARGEST_VALUE, partition_of, required_partitions

_DELIVERY_SECONDS, _GRACE_SECONDS = 30.0, 5.0
_QUEUE_FULL, _POLL_SECONDS = 0.05, 0.5


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


class _Batch:
    """Counts the broker's words about a batch; `answered` is done when the last one has come."""

    def __init__(self, messages: int) -> None:
        self._messages = messages
        self._words = itertools.count(1)
        self._loop = asyncio.get_running_loop()
        self.answered: asyncio.Future[None] = self._loop.create_future()
        self.failed = False

    def heard(self, error: KafkaError | None, _message: Any) -> None:
        """Called for each message once, in whatever thread listens."""
        if error is not None:
            self.failed = True
        if next(self._words) == self._messages:
            with suppress(RuntimeError):  # the loop is gone: nobody waits any more
                self._loop.call_soon_threadsafe(self._answer)

    def _answer(self) -> None:
        if not self.answered.done():
            self.answered.set_result(None)


class Publisher:
    """A librdkafka producer that gives its word once a batch: the cost of a message is a few microseconds.

    Several batches may be under way at once. `partitions` are those of the topics that are published to.
    """

    def __init__(self, kafka: str, partitions: Mapping[str, int]) -> None:
        self._kafka = kafka
        self._partitions = partitions
        self._producer = _producer(kafka)
        self._closed = threading.Event()
        threading.Thread(target=self._listen, name="publisher", daemon=True).start()

    @classmethod
    def to(cls, kafka: str, topics: Sequence[str]) -> "Publisher":
        """A publisher for topics that must exist. Raises UnusableError."""
        return cls(kafka, required_partitions(kafka, topics))

    async def publish(self, messages: Sequence[Outgoing]) -> None:
        """Publish a batch and wait for the broker's word. Raises PublishError if it did not come for all of it."""
        if not messages:
            return
        batch = _Batch(len(messages))
        for message in messages:
            await self._produce(message, batch)
        # The producer gives up each message by itself after its time, and says so.
        try:
            async with asyncio.timeout(_DELIVERY_SECONDS + _GRACE_SECONDS):
                await batch.answered
        except TimeoutError:
            raise PublishError("no word of the broker at all") from None
        if batch.failed:
            raise PublishError("a batch without the broker's word")

    async def _produce(self, message: Outgoing, batch: _Batch) -> None:
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
                    on_delivery=batch.heard,
                )
            except BufferError:
                await asyncio.sleep(_QUEUE_FULL)
            except KafkaException as error:
                if error.args[0].code() == KafkaError._FATAL:
                    self._replace()
                raise PublishError(str(error.args[0].name())) from error
            else:
                return

    def _replace(self) -> None:
        """Take another producer: an idempotent one that lost count of what the broker has refuses everything for good.

        Whoever waits for the former hears that it failed.
        """
        former, self._producer = self._producer, _producer(self._kafka)
        former.purge()
        threading.Thread(target=former.flush, args=(_DELIVERY_SECONDS,), daemon=True).start()

    def _listen(self) -> None:
        """Hear what the broker says, for all batches."""
        while not self._closed.is_set():
            self._producer.poll(_POLL_SECONDS)

    def close(self) -> None:
        """Drop what is still queued; it was never said to be stored."""
        self._closed.set()
        self._producer.purge()
        self._producer.flush(1.0)


def _producer(kafka: str) -> Producer:
    return Producer(
        {
            "bootstrap.servers": kafka,
            "acks": "all",
            "enable.idempotence": True,
            "linger.ms": 2,
            "compression.type": "lz4",
            "message.max.bytes": 2 * LARGEST_VALUE,
            "queue.buffering.max.messages": 1_000_000,
            "queue.buffering.max.kbytes": 512 * 1024,
            "delivery.timeout.ms": int(_DELIVERY_SECONDS * 1000),
            "reconnect.backoff.max.ms": 1000,
            "log_level": 0,
        }
    )
