"""Reads the whole roster topic in every worker: who may be on the roster, and how far everybody must have come.

A change may be screened only after the roster's records with an earlier timestamp have been applied. This reader knows
which records there are; the store knows which of them have been applied.
"""

import asyncio
import threading
from collections.abc import Mapping
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._listoffsets import OffsetSpec

from streams.publishing import PublishError
from streams.roster_filter import RosterFilter
from streams.roster_topic import persons
from streams.secrets import Keys
from streams.topics import ROSTER, administer

_BATCH = 5000
_POLL_SECONDS = 0.2
_ASK_SECONDS = 5.0


class RosterReader:
    """A thread that follows the roster's topic from its beginning. Start it once; stop it at the end."""

    def __init__(self, kafka: str, partitions: int, keys: Keys) -> None:
        self._keys = keys
        self.filter = RosterFilter()
        self.last: dict[int, int] = {}
        """By partition, the offset after the last record that was seen."""
        self._kafka = kafka
        self._admin: AdminClient = administer(kafka)
        self._partitions = range(partitions)
        self._reached = dict.fromkeys(self._partitions, 0)
        self._everybody: set[str] = set()
        self._stopping = threading.Event()
        self._anew = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="roster-reader", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(5.0)

    async def ends(self) -> dict[int, int]:
        """Where the topic's partitions end at this moment. Raises PublishError while no broker answers.

        After that the next one to be asked is another client: this one may go on to ask by the leaders' epochs of
        before the broker was started again, and be refused for as long as it keeps them.
        """
        latest: Any = OffsetSpec
        wanted = {TopicPartition(ROSTER, partition): latest.latest() for partition in self._partitions}
        admin = self._admin  # kept as long as its answers are awaited: they do not come once it is gone
        asked = admin.list_offsets(wanted, request_timeout=_ASK_SECONDS)
        try:
            async with asyncio.timeout(2 * _ASK_SECONDS):
                found = await asyncio.gather(*(asyncio.wrap_future(future) for future in asked.values()))
        except (KafkaException, TimeoutError) as error:
            self._admin = administer(self._kafka)
            reason = error.args[0].name() if isinstance(error, KafkaException) else "no answer"
            raise PublishError(f"no broker answers: {reason}") from error
        return {place.partition: result.offset for place, result in zip(asked, found, strict=True)}

    def reached(self, ends: Mapping[int, int]) -> bool:
        """Everything before these offsets has been seen."""
        return all(self._reached[partition] >= end for partition, end in ends.items())

    @property
    def progress(self) -> int:
        """How many records have been seen; it grows as long as the topic is read."""
        return sum(self._reached.values())

    def renew(self) -> None:
        """Read on with another client: this one stands still."""
        self._anew.set()

    def _follow(self) -> None:
        while not self._stopping.is_set():
            self._anew.clear()
            consumer = self._client()
            while not (self._stopping.is_set() or self._anew.is_set()):
                self._take(consumer.consume(_BATCH, _POLL_SECONDS))
            consumer.close()

    def _client(self) -> Consumer:
        consumer = Consumer(
            {
                "bootstrap.servers": self._kafka,
                "group.id": "roster-reader",  # never joined nor committed: partitions are assigned by hand
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "auto.offset.reset": "earliest",
                "log_level": 0,
                "reconnect.backoff.max.ms": 1000,
            }
        )
        consumer.assign([TopicPartition(ROSTER, partition, offset) for partition, offset in self._reached.items()])
        return consumer

    def _take(self, messages: list[Any]) -> None:
        found: list[str] = []
        reached: dict[int, int] = {}
        for message in messages:
            error = message.error()
            if error is None:
                found += persons(message.value(), self._keys)
                self.last[message.partition()] = message.offset() + 1
                reached[message.partition()] = message.offset() + 1
            elif error.code() == KafkaError._PARTITION_EOF:
                reached[message.partition()] = message.offset()
        self._let_pass(found)
        # Said only now: whoever hears that a record was seen relies on its persons being in the filter.
        self._reached.update(reached)

    def _let_pass(self, found: list[str]) -> None:
        new = set(found) - self._everybody
        if not new:
            return
        self._everybody |= new
        self.filter.add(new)
        if self.filter.crowded:
            larger = RosterFilter(2 * len(self._everybody))
            larger.add(self._everybody)
            self.filter = larger
