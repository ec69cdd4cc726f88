"""The agent of the consumer group `assess`: messages about households become revisions of alerts.

Save, publish, commit: the households' new state, the county's models and the exact bytes of the outgoing alerts are
saved in one step that only the partition's present owner can take; then the bytes are published, marked as sent, and
the offset is committed. A redo publishes the saved bytes and computes nothing again.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec
from faust.types import TP

from detectors.alerts import Alert, encode
from detectors.cells import decode as decode_cells
from detectors.doubts import Doubt
from detectors.population import Population
from monitor.assessment import Assessor
from monitor.worker.batch import DOUBTS, Batch, state_key
from streams.batch_transport import Fetched
from streams.counting import Counting
from streams.dead_letters import letter
from streams.errors import UNREADABLE, UnusableError
from streams.kafka_record import KafkaRecord
from streams.messages import FEEDS_KEY, Counted, Doubted, HouseholdMessage, Matched, Reached, RosterNote, decode
from streams.messages import encode as encode_message
from streams.moments import SECOND
from streams.outages import Outages, lasting
from streams.packing import unpack
from streams.publishing import Outgoing, Publisher
from streams.secrets import Keys
from streams.store import Part, Store
from streams.topics import ALERTS, HOUSEHOLD_CHANGES

GROUP = "assess"
_SLICE_SECONDS = 0.005
CORRELATION = "correlation_id"
"""The header by which an alert is followed to its order."""
PUBLISHED_AT = "change_published_at"
"""The header with Kafka's timestamp of the change that made the alert, in microseconds; absent without a change."""


class Unsent(msgspec.Struct, array_like=True, frozen=True):
    """What is on its way out: its bytes, and what is needed to publish and count it. Mostly an alert; without a
    `source` it is a message to the households of a partition."""

    value: bytes
    key: str
    correlation_id: str = ""
    published_at: int = 0
    source: str = ""
    direction: str = ""
    severity: str = ""
    partition: int = -1

    def outgoing(self) -> Outgoing:
        """How it is published."""
        if not self.source:
            return Outgoing(HOUSEHOLD_CHANGES, self.key, self.value, self.key, partition=self.partition)
        headers = [(CORRELATION, self.correlation_id.encode())]
        if self.published_at:
            headers.append((PUBLISHED_AT, str(self.published_at).encode()))
        return Outgoing(ALERTS, self.key, self.value, self.key, headers)


class _BrokenError(Exception):
    """A message broke the assessment: what it left half changed must not be saved."""

    def __init__(self, record: KafkaRecord, error: Exception) -> None:
        super().__init__()
        self.record = record
        self.error = error


class AssessmentAgent:
    """Assesses batches, each with the assessor that is `current` when it begins.

    `clock` gives the present instant; `broken` hears of a message that broke the assessment, `learned` of a county
    whose models were saved. `partitions` are those of the topic that is read.
    """

    def __init__(
        self,
        current: Callable[[], Assessor],
        keys: Keys,
        store: Store,
        publisher: Publisher,
        counting: Counting,
        outages: Outages,
        clock: Callable[[], int],
        broken: Callable[[str, Exception], None],
        learned: Callable[[str, Population], None],
        partitions: int,
    ) -> None:
        self._current = current
        self._assessor = current()
        self._keys = keys
        self._store = store
        self._publisher = publisher
        self._counting = counting
        self._outages = outages
        self._clock = clock
        self._broken = broken
        self._learned = learned
        self._partitions = partitions
        self._breathed = 0.0

    async def handle(self, tp: TP, fetched: Fetched) -> int | None:
        """Assess a batch. Gives where to read again from if the store has lost what went before."""
        self._assessor = self._current()
        end = fetched.records[-1].offset + 1
        refused: dict[int, Outgoing] = {}
        messages = self._read(fetched.records, refused)
        households = (one for one in messages.values() if isinstance(one, (Matched, RosterNote)))
        names = list(dict.fromkeys([DOUBTS, *(state_key(one.household_id) for one in households)]))
        while True:
            kept = await self._load(tp.partition, names)
            if kept.unsent:
                await self._send(tp.partition, kept.applied, _decode_unsent(kept.unsent))
            if fetched.start > kept.applied:
                return kept.applied
            if end <= kept.applied:
                return None
            batch = self._batch(tp.partition, dict(zip(names, kept.values, strict=True)))
            unsent: list[Unsent] = []
            try:
                for record in fetched.records:
                    if record.offset >= kept.applied and record.offset not in refused:
                        unsent += await self._take(batch, record, messages[record.offset])
            except _BrokenError as broken:
                refused[broken.record.offset] = self._letter(broken.record, broken.error)
                continue
            await lasting("kafka", lambda: self._publisher.publish(list(refused.values())), self._outages)
            if await self._save(tp.partition, batch, kept, end, unsent):
                await self._send(tp.partition, end, unsent)
                return None

    def _batch(self, part: int, kept: Mapping[str, bytes]) -> Batch:
        async def fetch(names: Sequence[str]) -> Sequence[bytes]:
            return (await self._load(part, names)).values

        return Batch(self._assessor, self._keys.id, fetch, kept)

    async def _load(self, part: int, names: Sequence[str]) -> Part:
        return await lasting("redis", lambda: self._store.load_part(part, names), self._outages)

    def _read(self, records: Iterable[KafkaRecord], refused: dict[int, Outgoing]) -> dict[int, HouseholdMessage]:
        read = {}
        for record in records:
            try:
                read[record.offset] = decode(record.value or b"")
            except UNREADABLE as error:
                refused[record.offset] = self._letter(record, error)
        return read

    def _letter(self, record: KafkaRecord, error: Exception) -> Outgoing:
        self._broken(record.topic, error)
        place = (record.topic, record.partition, record.offset)
        return letter(self._keys, place, record.value or b"", reason="undecodable", feed="", field="", index=None)

    async def _take(self, batch: Batch, record: KafkaRecord, message: HouseholdMessage) -> list[Unsent]:
        """Take a message in; what is to be published for it."""
        await self._breathe()
        try:
            if isinstance(message, (Matched, RosterNote)):
                return await self._household(batch, message)
            if isinstance(message, Reached):
                return await self._reached(batch, message)
            if isinstance(message, Doubted):
                return await self._doubted(batch, message)
            return await self._counted(batch, message)
        except UnusableError:
            raise
        except Exception as error:
            raise _BrokenError(record, error) from error

    async def _breathe(self) -> None:
        """Let others of the process have their turn, once in a while: a turn costs a tenth of a message."""
        clock = asyncio.get_running_loop().time
        if clock() - self._breathed > _SLICE_SECONDS:
            await asyncio.sleep(0)
            self._breathed = clock()

    async def _household(self, batch: Batch, message: Matched | RosterNote) -> list[Unsent]:
        state = await batch.state(message.household_id)
        doubts = await batch.doubts()
        if isinstance(message, RosterNote):
            return [_unsent(alert) for alert in self._assessor.assess(state, message, self._clock(), None, doubts)]
        population = await batch.population(state.county)
        alerts = self._assessor.assess(state, message, self._clock(), population, doubts)
        return [_unsent(alert, message) for alert in alerts]

    async def _reached(self, batch: Batch, message: Reached) -> list[Unsent]:
        """Records have come in a county: where a feed has come further, look at those who waited for it."""
        population = await batch.population(message.county)
        if population is None:
            return []
        due = self._assessor.due(population, message)
        said: list[Alert] = []
        async for household_id, state in batch.states(due.households):
            await self._breathe()
            said += self._assessor.progressed(state, household_id, population, due.at, self._clock())
        return [_unsent(alert) for alert in said]

    async def _doubted(self, batch: Batch, message: Doubted) -> list[Unsent]:
        """A feed came into doubt, or the doubt ended: look at those of whom something was said by it."""
        doubts, doubt = await batch.doubts(), Doubt(message.feed, message.cell, message.since, message.until)
        said: list[Alert] = []
        async for household_id, state in batch.states(doubts.take(doubt)):
            await self._breathe()
            population = await batch.population(state.county)
            said += self._assessor.doubted(state, household_id, doubt, self._clock(), population, doubts)
        return [_unsent(alert) for alert in said]

    async def _counted(self, batch: Batch, message: Counted) -> list[Unsent]:
        """Feeds were counted: judge the hours that are over, and tell everybody which feeds are in doubt."""
        hours, desk = await batch.open_hours(), await batch.desk()
        closed = hours.take(decode_cells(unpack(message.cells)) if message.cells else (), message)
        unsent: list[Unsent] = []
        for hour, cells in [*closed.hours, (closed.before, [])]:
            await self._breathe()
            for alerts, doubts in (desk.close_before(hour, self._clock()), desk.take(cells, self._clock())):
                unsent += [_unsent(alert) for alert in alerts]
                unsent += [one for doubt in doubts for one in self._announced(doubt)]
        return unsent

    def _announced(self, doubt: Doubt) -> Iterable[Unsent]:
        """A doubt for the households of all counties: a city's office reports about those of several."""
        message = Doubted(feed=doubt.feed, cell=doubt.cell, since=doubt.since, until=doubt.until)
        for partition in range(self._partitions):
            yield Unsent(value=encode_message(message), key=FEEDS_KEY, partition=partition)

    async def _save(self, part: int, batch: Batch, over: Part, applied: int, unsent: Sequence[Unsent]) -> bool:
        changed, packed = batch.changed(), _encode(unsent) if unsent else b""
        saved = await lasting(
            "redis", lambda: self._store.save_part(part, over, applied, packed, changed), self._outages
        )
        if saved:
            for name, population in batch.populations.items():
                self._learned(name, population)
        return saved

    async def _send(self, part: int, applied: int, unsent: Sequence[Unsent]) -> None:
        """Publish what was saved, and mark it as sent."""
        if not unsent:
            return
        outgoing = [one.outgoing() for one in unsent]
        await lasting("kafka", lambda: self._publisher.publish(outgoing), self._outages)
        now = self._clock()
        for one in unsent:
            if not one.source:
                continue
            self._counting.alert(one.source, one.direction, one.severity)
            if one.published_at:
                self._counting.change_to_alert((now - one.published_at) / SECOND)
        await lasting("redis", lambda: self._store.sent(part, applied), self._outages)


def _unsent(alert: Alert, cause: Matched | None = None) -> Unsent:
    """An alert on its way out; `cause` is the change that made it, if one did."""
    return Unsent(
        value=encode(alert),
        key=alert.household_id or alert.feeds[0],
        correlation_id=cause.correlation_id if cause is not None else "",
        published_at=cause.published_at if cause is not None else 0,
        source=alert.source,
        direction=alert.direction,
        severity=alert.severity,
    )


_encode = msgspec.msgpack.Encoder().encode
_decode_unsent = msgspec.msgpack.Decoder(list[Unsent]).decode
