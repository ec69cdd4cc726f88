"""The agent of the consumer group `assess`: messages about households become revisions of alerts.

Save, publish, commit: the households' new state, the county's models and the exact bytes of the outgoing alerts are
saved in one step that only the partition's present owner can take; then the bytes are published, marked as sent, and
the offset is committed. A redo publishes the saved bytes and computes nothing again.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import msgspec
from aiokafka import ConsumerRecord
from faust.types import TP

from detectors.alerts import Alert, encode
from detectors.population import Population
from monitor.assessment import Assessor, HouseholdState
from streams.batch_transport import Fetched
from streams.counting import Counting
from streams.dead_letters import letter
from streams.errors import UNREADABLE, UnusableError
from streams.messages import HouseholdMessage, Matched, Progress, RosterNote, decode
from streams.moments import SECOND, day_end
from streams.outages import Outages, lasting
from streams.publishing import Outgoing, Publisher
from streams.secrets import Keys
from streams.store import Part, Store
from streams.topics import ALERTS

GROUP = "assess"
CORRELATION = "correlation_id"
"""The header by which an alert is followed to its order."""
PUBLISHED_AT = "change_published_at"
"""The header with Kafka's timestamp of the change that made the alert, in microseconds; absent without a change."""


class Unsent(msgspec.Struct, array_like=True, frozen=True):
    """An alert on its way out: its bytes, and what is needed to publish and count it."""

    alert: bytes
    key: str
    correlation_id: str
    published_at: int
    source: str
    direction: str
    severity: str


class _BrokenError(Exception):
    """A message broke the assessment: what it left half changed must not be saved."""

    def __init__(self, record: ConsumerRecord, error: Exception) -> None:
        super().__init__()
        self.record = record
        self.error = error


@dataclass
class _Batch:
    """What a batch works on: states and models by the names under which they are kept, as they were and as they are."""

    part: int
    kept: dict[str, bytes]
    states: dict[str, HouseholdState] = field(default_factory=dict)
    populations: dict[str, Population] = field(default_factory=dict)
    unsent: list[Unsent] = field(default_factory=list)


class AssessmentAgent:
    """Assesses batches, each with the assessor that is `current` when it begins.

    `clock` gives the present instant; `broken` hears of a message that broke the assessment, `learned` of a county
    whose models were saved.
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

    async def handle(self, tp: TP, fetched: Fetched) -> int | None:
        """Assess a batch. Gives where to read again from if the store has lost what went before."""
        self._assessor = self._current()
        end = fetched.records[-1].offset + 1
        refused: dict[int, Outgoing] = {}
        messages = self._read(fetched.records, refused)
        names = list(
            dict.fromkeys(state_key(one.household_id) for one in messages.values() if not isinstance(one, Progress))
        )
        while True:
            kept = await self._load(tp.partition, names)
            if kept.unsent:
                await self._send(tp.partition, kept.applied, _decode_unsent(kept.unsent))
            if fetched.start > kept.applied:
                return kept.applied
            if end <= kept.applied:
                return None
            batch = _Batch(tp.partition, dict(zip(names, kept.values, strict=True)))
            try:
                for record in fetched.records:
                    if record.offset >= kept.applied and record.offset not in refused:
                        await self._take(batch, record, messages[record.offset])
            except _BrokenError as broken:
                refused[broken.record.offset] = self._letter(broken.record, broken.error)
                continue
            await lasting("kafka", lambda: self._publisher.publish(list(refused.values())), self._outages)
            if await self._save(batch, kept.applied, end):
                await self._send(tp.partition, end, batch.unsent)
                return None

    async def _load(self, part: int, names: Sequence[str]) -> Part:
        return await lasting("redis", lambda: self._store.load_part(part, names), self._outages)

    def _read(self, records: Iterable[ConsumerRecord], refused: dict[int, Outgoing]) -> dict[int, HouseholdMessage]:
        read = {}
        for record in records:
            try:
                read[record.offset] = decode(record.value or b"")
            except UNREADABLE as error:
                refused[record.offset] = self._letter(record, error)
        return read

    def _letter(self, record: ConsumerRecord, error: Exception) -> Outgoing:
        self._broken(record.topic, error)
        place = (record.topic, record.partition, record.offset)
        return letter(self._keys, place, record.value or b"", reason="undecodable", feed="", field="", index=None)

    async def _take(self, batch: _Batch, record: ConsumerRecord, message: HouseholdMessage) -> None:
        """Take a message in. Others of the process get their turn between messages."""
        await asyncio.sleep(0)
        try:
            if isinstance(message, Progress):
                await self._progress(batch, message)
            else:
                await self._household(batch, message)
        except UnusableError:
            raise
        except Exception as error:
            raise _BrokenError(record, error) from error

    async def _household(self, batch: _Batch, message: Matched | RosterNote) -> None:
        (state,) = await self._states(batch, [message.household_id])
        population = await self._population(batch, state.county) if isinstance(message, Matched) else None
        alerts = self._assessor.assess(state, message, self._clock(), population)
        self._leave(batch, alerts, message if isinstance(message, Matched) else None)

    async def _progress(self, batch: _Batch, message: Progress) -> None:
        population = await self._population(batch, message.county)
        if population is None:
            return
        due = self._assessor.due(population, message)
        at = day_end(min(message.days.values(), default=0))
        for household_id, state in zip(due, await self._states(batch, due), strict=True):
            alerts = self._assessor.progressed(state, household_id, population, at, self._clock())
            self._leave(batch, alerts, None)

    async def _states(self, batch: _Batch, household_ids: Sequence[str]) -> list[HouseholdState]:
        names = [state_key(household_id) for household_id in household_ids]
        await self._fetch(batch, names)
        for name in names:
            if name not in batch.states:
                batch.states[name] = self._assessor.load(batch.kept[name])
        return [batch.states[name] for name in names]

    async def _population(self, batch: _Batch, county: str) -> Population | None:
        """The county's models; none before any line says which county it is."""
        if not county:
            return None
        name = f"population:{county}"
        if name not in batch.populations:
            await self._fetch(batch, [name])
            batch.populations[name] = Population.decode(batch.kept[name])
        return batch.populations[name]

    async def _fetch(self, batch: _Batch, names: Sequence[str]) -> None:
        missing = [name for name in names if name not in batch.kept]
        if missing:
            batch.kept |= dict(zip(missing, (await self._load(batch.part, missing)).values, strict=True))

    def _leave(self, batch: _Batch, alerts: Sequence[Alert], cause: Matched | None) -> None:
        for alert in alerts:
            batch.unsent.append(
                Unsent(
                    alert=encode(alert),
                    key=alert.household_id or alert.feeds[0],
                    correlation_id=cause.correlation_id if cause is not None else "",
                    published_at=cause.published_at if cause is not None else 0,
                    source=alert.source,
                    direction=alert.direction,
                    severity=alert.severity,
                )
            )

    async def _save(self, batch: _Batch, over: int, applied: int) -> bool:
        values = {name: self._assessor.store(state) for name, state in batch.states.items()}
        values |= {name: population.encode() for name, population in batch.populations.items()}
        changed = {name: data for name, data in values.items() if data != batch.kept[name]}
        unsent = _encode(batch.unsent) if batch.unsent else b""
        saved = await lasting(
            "redis", lambda: self._store.save_part(batch.part, over, applied, unsent, changed), self._outages
        )
        if saved:
            for name, population in batch.populations.items():
                self._learned(name, population)
        return saved

    async def _send(self, part: int, applied: int, unsent: Sequence[Unsent]) -> None:
        """Publish what was saved, and mark it as sent."""
        if not unsent:
            return
        outgoing = [Outgoing(ALERTS, one.key, one.alert, one.key, _headers(one)) for one in unsent]
        await lasting("kafka", lambda: self._publisher.publish(outgoing), self._outages)
        now = self._clock()
        for one in unsent:
            self._counting.alert(one.source, one.direction, one.severity)
            if one.published_at:
                self._counting.change_to_alert((now - one.published_at) / SECOND)
        await lasting("redis", lambda: self._store.sent(part, applied), self._outages)


def _headers(one: Unsent) -> list[tuple[str, bytes]]:
    headers = [(CORRELATION, one.correlation_id.encode())]
    if one.published_at:
        headers.append((PUBLISHED_AT, str(one.published_at).encode()))
    return headers


def state_key(household_id: str) -> str:
    """The name under which a household's state is kept."""
    return f"state:{household_id}"


_encode = msgspec.msgpack.Encoder().encode
_decode_unsent = msgspec.msgpack.Decoder(list[Unsent]).decode
