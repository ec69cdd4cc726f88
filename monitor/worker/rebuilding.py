"""Fills a Redis that lost everything from what Kafka keeps: roster, households' states, what was said of them.

The agents of the live service do it over their topics from the first record on, with one difference: what they would
publish is dropped. At the end each household's alerts are laid beside the last revisions in `alerts.v1`; only what
says something new is published. The marker comes last: until then workers wait, and an interrupted rebuild goes on.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import structlog
from faust.types import TP
from msgspec.structs import replace

from detectors.alerts import Alert, decode, encode
from monitor.assessment import Assessor, Keyring
from monitor.configuration import Configuration
from monitor.feed_alerts import FeedDesk
from monitor.household import Published
from monitor.metrics import Metrics
from monitor.worker.assessing import AssessmentAgent
from monitor.worker.batch import FEEDS, state_key
from monitor.worker.health import Health
from monitor.worker.recorded import Recorded
from streams.batch_transport import Fetched
from streams.concealing import reveal
from streams.enrolment import memberships
from streams.enrolment_agent import EnrolmentAgent, Kept, decode_household, encode_household, household_key
from streams.errors import UNREADABLE
from streams.messages import FEEDS_KEY, Matched, RosterNote
from streams.messages import decode as decode_message
from streams.moments import iso
from streams.publishing import Outgoing, Publisher
from streams.redis_store import RedisStore
from streams.screening import Home, Match, event_key
from streams.secrets import Keys
from streams.store import Listing, Part, Place, Saving
from streams.topic_reading import read_partition
from streams.topics import ALERTS, HOUSEHOLD_CHANGES, ROSTER, partition_of

_log = structlog.get_logger("monitor.rebuild")


class Rebuilt(NamedTuple):
    """What a rebuild read and said."""

    roster: int
    messages: int
    households: int
    published: int


class UnmarkedStore(RedisStore):
    """A store whose lookups do without the marker, for the one who fills it."""

    async def _look_up(self, commands: Iterable[Sequence[Any]]) -> list[Any]:
        return await self._run(commands)


class _Silent(Publisher):
    """Publishes nothing: it was published when it happened."""

    def __init__(self) -> None:
        """No broker is needed."""

    async def publish(self, messages: Sequence[Outgoing]) -> None:
        """Drop them."""


class _Unsaid(_Silent):
    """Publishes nothing, and keeps the revisions from the last one on that was published (`said`)."""

    def __init__(self) -> None:
        self.said: dict[str, int] = {}
        self.revisions: dict[str, list[Alert]] = {}

    async def publish(self, messages: Sequence[Outgoing]) -> None:
        """Keep what the store had lost before it was published."""
        for message in messages:
            if message.topic == ALERTS:
                alert = decode(message.value)
                if alert.revision >= self.said.get(alert.alert_id, 0):
                    self.revisions.setdefault(alert.alert_id, []).append(alert)


class Rebuilding:
    """Rebuilds `store`. `publisher` is for what says something new; `clock` gives the present instant."""

    def __init__(
        self,
        kafka: str,
        partitions: Mapping[str, int],
        configuration: Configuration,
        keys: Keys,
        store: UnmarkedStore,
        publisher: Publisher,
        clock: Callable[[], int],
    ) -> None:
        self._kafka = kafka
        self._partitions = partitions
        self._keys = keys
        self._store = store
        self._publisher = publisher
        self._clock = clock
        keyring = Keyring(keys.id, lambda change: reveal(change, keys))
        self._assessor = Assessor(configuration.rules, keyring, configuration.detectors)
        metrics = Metrics()
        health = Health(metrics.operating)
        self._enrolment = EnrolmentAgent(keys, store, _Silent(), metrics, health, lambda _: None)
        self._parts: dict[str, int] = {}
        self._recorded = Recorded(kafka, partitions[HOUSEHOLD_CHANGES])
        self._unsaid = _Unsaid()
        self._assessment = AssessmentAgent(
            lambda: self._assessor,
            keys,
            store,
            self._unsaid,
            metrics,
            health,
            clock,
            lambda _where, _error: None,
            lambda _county, _population: None,
            partitions[HOUSEHOLD_CHANGES],
        )

    async def run(self) -> Rebuilt:
        """Rebuild everything, then set the marker."""
        roster = 0
        for partition in range(self._partitions[ROSTER]):
            roster += await self._feed(ROSTER, partition, self._enrolment.handle)
        before = await self._said()
        self._unsaid.said = {name: alert.revision for alerts in before.values() for name, alert in alerts.items()}
        messages = await self._read_changes()
        said = await self._said()
        published = sum([await self._settle(household_id, said.get(household_id, {})) for household_id in self._parts])
        published += await self._settle_feeds(said.get("", {}))
        await self._store.mark(self._partitions[HOUSEHOLD_CHANGES])
        return Rebuilt(roster, messages, len(self._parts), published)

    async def _read_changes(self) -> int:
        """Assess all recorded messages, each in the partition that it belongs to; how many there are."""
        partitions = range(self._partitions[HOUSEHOLD_CHANGES])
        strays: dict[int, int] = {}
        if await self._recorded.survey():
            async for home, records in self._recorded.strays():
                start = strays.get(home, 0)
                moved = [replace(record, offset=start + place) for place, record in enumerate(records)]
                await self._assess(TP(HOUSEHOLD_CHANGES, home), Fetched(start, moved))
                strays[home] = start + len(moved)
            for home, count in strays.items():
                await self._store.save_part(home, Part(count, b"", []), 0, b"", {})
        messages = 0
        for partition in partitions:
            messages += await self._feed(HOUSEHOLD_CHANGES, partition, self._assess_own)
        return messages

    async def _assess_own(self, tp: TP, fetched: Fetched) -> None:
        """Assess what belongs where it lies; the rest was assessed before."""
        own = [record for record in fetched.records if self._recorded.belongs(record) == tp.partition]
        if own:
            await self._assess(tp, Fetched(fetched.start, own))
        end, kept = fetched.records[-1].offset + 1, await self._store.load_part(tp.partition, [])
        if kept.applied < end:
            await self._store.save_part(tp.partition, kept, end, b"", {})

    async def _feed(self, topic: str, partition: int, handle: Callable[[TP, Fetched], Awaitable[object]]) -> int:
        count = start = 0
        async for records in read_partition(self._kafka, topic, partition):
            await handle(TP(topic, partition), Fetched(start, records))
            start = records[-1].offset + 1
            count += len(records)
        _log.info("read", topic=topic, partition=f"{partition + 1} of {self._partitions[topic]}", records=count)
        return count

    async def _assess(self, tp: TP, fetched: Fetched) -> None:
        events = []
        counties: dict[str, str] = {}
        for record in fetched.records:
            try:
                message = decode_message(record.value or b"")
            except UNREADABLE:
                continue  # it is among the dead letters already
            if not isinstance(message, (Matched, RosterNote)):
                continue
            county = self._recorded.county(message.household_id)
            if message.household_id not in self._parts and county is not None:
                counties[message.household_id] = county
            self._parts[message.household_id] = tp.partition
            if isinstance(message, Matched) and (key := event_key(message.change, self._keys)):
                events.append((key, message))
        await self._bring_home(counties)
        await self._hold(events)
        await self._assessment.handle(tp, fetched)

    async def _bring_home(self, counties: Mapping[str, str]) -> None:
        """Let households keep the county that they were enrolled with: of a line that was replaced since, the roster's
        topic does not tell any more, but their messages lie in its partition."""
        names = list(counties)
        kept = await self._store.load([household_key(name) for name in names])
        for name, (version, data) in zip(names, kept, strict=True):
            household = decode_household(data)
            if household is None or household.county == counties[name]:
                continue
            moved = Kept(counties[name], household.lines)
            await self._store.save([Saving(household_key(name), version, encode_household(moved))])
            places = {
                person: Place(moved.county, version + 1, held) for person, held in memberships(moved.lines).items()
            }
            await self._store.list_persons([Listing(person, name, place) for person, place in places.items()])

    async def _hold(self, events: Sequence[tuple[str, Matched]]) -> None:
        """Remember who was told of which version of an event, so that a correction finds them."""
        kept = await self._store.load([household_key(message.household_id) for _, message in events])
        held = []
        for (key, message), (_, data) in zip(events, kept, strict=True):
            if (household := decode_household(data)) is not None:
                home = Home(message.household_id, household.county)
                held.append((key, Match(0, message.change, (home,))))
        await self._store.hold_events(held)

    async def _said(self) -> dict[str, dict[str, Alert]]:
        """The last revision of every alert, by household; those about feeds under ""."""
        said: dict[str, dict[str, Alert]] = {}
        for partition in range(self._partitions[ALERTS]):
            async for records in read_partition(self._kafka, ALERTS, partition):
                for record in records:
                    try:
                        alert = decode(record.value or b"")
                    except UNREADABLE:
                        continue  # it is among the dead letters already
                    last = said.setdefault(alert.household_id or "", {})
                    if alert.alert_id not in last or last[alert.alert_id].revision < alert.revision:
                        last[alert.alert_id] = alert
        return said

    async def _settle(self, household_id: str, said: Mapping[str, Alert]) -> int:
        """Let a household's state continue from the last revisions; publish what differs from them."""
        part, name = self._parts[household_id], state_key(household_id)
        kept = await self._store.load_part(part, [name])
        state = self._assessor.load(kept.values[0])
        new = continue_from(state.published, said, self._unsaid.revisions, iso(self._clock()))
        return await self._say(part, kept, new, {name: self._assessor.store(state)})

    async def _settle_feeds(self, said: Mapping[str, Alert]) -> int:
        """The same for the watch over the feeds."""
        part = partition_of(FEEDS_KEY, self._partitions[HOUSEHOLD_CHANGES])
        kept = await self._store.load_part(part, [FEEDS])
        desk = FeedDesk(self._assessor.online.detectors, self._keys.id)
        desk.restore(kept.values[0])
        new = continue_from(desk.published, said, self._unsaid.revisions, iso(self._clock()))
        return await self._say(part, kept, new, {FEEDS: desk.encode()})

    async def _say(self, part: int, kept: Part, new: Sequence[Alert], values: Mapping[str, bytes]) -> int:
        outgoing = [
            Outgoing(ALERTS, key, encode(alert), key) for alert in new for key in [alert.household_id or alert.feeds[0]]
        ]
        await self._publisher.publish(outgoing)
        await self._store.save_part(part, kept, kept.applied, b"", values)
        return len(outgoing)


def continue_from(
    recomputed: dict[str, Published],
    said: Mapping[str, Alert],
    unsaid: Mapping[str, Sequence[Alert]],
    detected_at: str,
) -> list[Alert]:
    """Make what was recomputed continue from what was said last; gives the revisions that say something new.

    `unsaid` has the recomputed revisions from the last one on that was said: what follows it is said one by one, as it
    would have been, unless it was another (the rules have changed since). What rests on records that nobody has any
    more stays as it was said.
    """
    new = []
    for alert_id, found in list(recomputed.items()):
        latest = said.get(alert_id)
        final = replace(found.content, status="raised" if found.raised else "retracted")
        following = unsaid.get(alert_id, ())
        if latest is not None and not (following and _content(following[0]) == _content(latest)):
            following = ()
        for alert in (*following, final):
            if latest is None or _content(alert) != _content(latest):
                revision = 1 if latest is None else latest.revision + 1
                latest = replace(alert, revision=revision, detected_at=detected_at)
                new.append(latest)
        assert latest is not None
        recomputed[alert_id] = replace(found, revision=latest.revision)
    for alert_id, last in said.items():
        if alert_id not in recomputed:
            content = replace(last, revision=0, status="raised", detected_at="")
            recomputed[alert_id] = Published(last.revision, last.status == "raised", content, settled=True)
    return new


def _content(alert: Alert) -> bytes:
    return encode(replace(alert, revision=0, detected_at=""))
