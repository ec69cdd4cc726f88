"""A transport that gives Faust one message a fetched partition, not one a record.

Faust's own consumer starts two tasks a message and so ends near 10,000 records a second. Here a message's value is the
list of fetched records, and its offset that of the last one. An app's one agent takes a partition's batches in their
order, so what may be committed is simply what was handled last, and Faust's list of acknowledged offsets is not asked.
Importing this module registers the transport under the scheme `batch`.
"""

import math
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from typing import Any, ClassVar, NamedTuple, cast

from aiokafka import TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError
from faust import Schema
from faust.transport.drivers import TRANSPORTS
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Consumer, Transport
from faust.types import TP, ConsumerMessage

from streams.kafka_record import KafkaRecord

SCHEME = "batch"
_ROOM_SECONDS = 0.01
_LONGEST_QUESTION_MS = 100

Applied = Callable[[set[TP]], Awaitable[Mapping[TP, int]]]
"""Gives the offset after the last record whose effect is kept, for the partitions of which it is known."""


class _Thread(AIOKafkaConsumerThread):
    """The thread that talks to the broker. A commit that fails is tried again with the next one, not fatal."""

    def _create_worker_consumer(self, transport: Any) -> Any:
        """The client. While a question to the broker is open, nothing is heard of partitions that it does not name.

        It does not name those of which records wait here to be taken. Faust would let it stay open for 1.5 s: so long
        a change now and then waited for its turn.
        """
        consumer = super()._create_worker_consumer(transport)
        consumer._fetch_max_wait_ms = _LONGEST_QUESTION_MS
        return consumer

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        mine = {TopicPartition(*tp): offset for tp, offset in offsets.items() if tp in self.assignment()}
        try:
            await self._ensure_consumer().commit(mine)
        except (CommitFailedError, IllegalStateError, KafkaError) as error:
            self.log.info("Commit put off: %s", type(error).__name__)
            return False
        return True


class Fetched(NamedTuple):
    """What a message holds: fetched records, and the offset from which on there is no other record before them.

    `received` is when they had come from the broker, in seconds of a clock that only grows and that no date can put
    wrong; without it they count as received just now.
    """

    start: int
    records: list[KafkaRecord]
    received: float = math.inf


class BatchConsumer(Consumer):
    """A consumer whose messages are batches."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._start({})

    def _start(self, offsets: Mapping[TP, int]) -> None:
        self.next_read: dict[TP, int] = dict(offsets)
        """The offset to read next."""
        self.handled: dict[TP, int] = dict(offsets)
        """The offset after the last record that was handled, for the partitions that are ours."""
        self._rewinding: Counter[TP] = Counter()
        self._rewinds: Counter[TP] = Counter()

    def _new_consumer_thread(self) -> AIOKafkaConsumerThread:
        return _Thread(self, loop=self.loop, beacon=self.beacon)

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, ConsumerMessage]]:  # noqa: ASYNC109 - Faust's signature
        """Fetch from the broker; each partition with new records gives one message.

        While the messages of a fetch wait for room, their partitions may be rewound. What was fetched before that must
        not pass for what comes next: the records in between would be skipped.
        """
        rewinds = Counter(self._rewinds)
        fetched, active = await self._wait_next_records(timeout)
        generation = self.app.consumer_generation_id
        if fetched is None or self.should_stop:
            return
        if not self.flow_active:
            await self._seek_back()
            return
        for partition, records in fetched.items():
            tp = TP(partition.topic, partition.partition)
            if not self.flow_active or self.app.consumer_generation_id != generation:
                return
            if active is not None and tp not in active and tp not in self._buffered_partitions:
                continue
            if self._rewinding[tp] or self._rewinds[tp] != rewinds[tp]:
                await self._read_on(tp)
                continue
            message = self._batch(tp, records)
            if message is not None:
                yield tp, message

    async def _wait_next_records(self, timeout: float) -> tuple[Any, set[TP] | None]:  # noqa: ASYNC109 - Faust's signature
        """Wait for records.

        What waits for room is left out of a fetch. So that its turn comes as soon as there is room, one does not wait
        long for the others then, nor sleep for a second as Faust would where all of them wait for room.
        """
        while self._all_wait_for_room() and self.flow_active and not self.should_stop:
            await self.sleep(_ROOM_SECONDS)
        return await super()._wait_next_records(_ROOM_SECONDS if self._buffered_partitions else timeout)

    def _all_wait_for_room(self) -> bool:
        return bool(self._buffered_partitions) and not self._get_active_partitions()

    def _batch(self, tp: TP, records: list[Any]) -> ConsumerMessage | None:
        """The message of fetched records.

        What was read before may be fetched again, and what lies between two records may be gone for good.
        """
        start = self.next_read.get(tp, 0)
        records = [record for record in records if record.offset >= start]
        if not records:
            return None
        last = records[-1].offset
        # What the caller takes for the last offset read; one less, so that it finds no gap of its own.
        self._read_offset[tp] = last - 1
        self.next_read[tp] = last + 1
        fetched = cast("Any", Fetched(start, records, time.monotonic()))
        return ConsumerMessage(
            tp.topic,
            tp.partition,
            offset=last,
            timestamp=records[-1].timestamp / 1000,
            timestamp_type=0,
            headers=None,
            key=None,
            value=fetched,
            checksum=None,
            tp=tp,
            generation_id=self.app.consumer_generation_id,
        )

    def done(self, tp: TP, offset: int) -> None:
        """All records before the offset have been handled."""
        if tp in self.handled:
            self.handled[tp] = max(offset, self.handled[tp])

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Iterator[TP]:
        return iter(list(self.handled))

    def _new_offset(self, tp: TP) -> int | None:
        self._acked.pop(tp, None)
        self._acked_index.pop(tp, None)
        return self.handled.get(tp)

    async def _commit_offsets(self, offsets: Mapping[TP, int], start_new_transaction: bool = True) -> bool:
        before = {tp: self._committed_offset[tp] for tp in offsets}
        committed = await super()._commit_offsets(offsets, start_new_transaction)
        if not committed:
            # Faust would take it for committed, and not try again before the next record.
            self._committed_offset.update(before)
        return committed

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Forget what was ours; the next assignment says anew where everything stands."""
        for tp in revoked:
            self.handled.pop(tp, None)
        await super().on_partitions_revoked(revoked)

    async def perform_seek(self) -> None:
        """Go to where the next record has to be read in every partition."""
        await super().perform_seek()
        self.next_read = {TP(*tp): self._read_offset[tp] or 0 for tp in self.assignment()}
        self.handled = dict(self.next_read)

    def on_buffer_full(self, tp: TP) -> None:
        """Nothing: the full buffer itself makes us wait. Faust would leave the partition out, and with all of them
        left out sleep for a second."""

    def on_buffer_drop(self, tp: TP) -> None:
        """Nothing; see `on_buffer_full`."""

    async def _seek_back(self) -> None:
        try:
            await self.perform_seek()
        except (KafkaError, IllegalStateError, AssertionError) as error:
            # A rebalance took the partitions meanwhile; the next assignment seeks.
            self.log.info("Seek put off: %s", type(error).__name__)

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Go where the next record has to be read, and say where that is.

        That is the committed offset, or what is kept if that is less: a store that lost its last writes gets them
        again. A partition without a commit is read from its beginning; aiokafka would let it stand where it is.
        """
        committed = {
            TP(tp.topic, tp.partition): offset or 0 for tp, offset in (await super().seek_to_committed()).items()
        }
        start = {tp for tp, offset in committed.items() if offset <= 0}
        if start:
            await self._thread.seek_to_beginning(*(TopicPartition(*tp) for tp in start))
        applied = cast("BatchTransport", self.transport).applied
        if applied is None:
            return committed
        kept = await applied(set(committed))
        behind = {tp: kept[tp] for tp, offset in committed.items() if tp in kept and kept[tp] < offset}
        for tp, offset in behind.items():
            await self._thread.seek_wait({tp: offset})
        return {**committed, **behind}

    async def rewind(self, tp: TP, offset: int) -> None:
        """Read a partition again from an offset: what came after it is not kept any more."""
        self._committed_offset[tp] = offset or None
        self.next_read[tp] = self.handled[tp] = offset
        self._rewinding[tp] += 1
        try:
            await self._thread.seek_wait({tp: offset})
        finally:
            self._rewinding[tp] -= 1
            self._rewinds[tp] += 1
        self._read_offset[tp] = offset or None

    async def _read_on(self, tp: TP) -> None:
        """Go to the record that has to be read next; what was fetched may be of before the rewind or of after it."""
        try:
            await self._thread.seek_wait({tp: self.next_read[tp]})
        except (KafkaError, IllegalStateError, AssertionError, KeyError) as error:
            # A rebalance took the partition meanwhile; the next assignment seeks.
            self.log.info("Seek put off: %s", type(error).__name__)


class BatchTransport(Transport):
    """Faust's Kafka transport with a consumer of batches. `applied` is asked where to read on from, if it is set."""

    Consumer: ClassVar[type[BatchConsumer]] = BatchConsumer
    applied: Applied | None = None


class RawBatches(Schema[Any, Any]):
    """Hands keys and values over as they are."""

    def loads_key(self, app: Any, message: Any, **_how: Any) -> Any:
        """The last record's key."""
        return message.key

    def loads_value(self, app: Any, message: Any, **_how: Any) -> Any:
        """The fetched records."""
        return message.value


TRANSPORTS.aliases[SCHEME] = "streams.batch_transport:BatchTransport"
