"""The agent of the consumer group `screen`: batches of departments' records become messages for households."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from faust.types import TP

from streams.batch_transport import Fetched
from streams.batches import Batch
from streams.changes import Change
from streams.concealing import reveal
from streams.counting import Counting
from streams.dead_letters import letter
from streams.decoding import Decoded, FeedDecoder
from streams.errors import UnusableError
from streams.kafka_record import KafkaRecord
from streams.messages import encode
from streams.outages import Outages, lasting
from streams.publishing import Outgoing, Publisher
from streams.roster_gate import RosterGate
from streams.roster_reader import RosterReader
from streams.screening import Match, Origin, deliveries, event_key, screen, suspects
from streams.secrets import Keys
from streams.store import Store
from streams.topics import FEED_OF, HOUSEHOLD_CHANGES, ROSTER

GROUP = "screen"
_MILLISECOND = 1000


class FeedObserver(Protocol):
    """Sees every screened batch as a whole, strangers included, to tell how the feeds come in."""

    def observe(self, tp: TP, batch: Batch, matched: Iterable[int], newest: int) -> Sequence[Outgoing]:
        """Note a batch of a partition; what must be published with it.

        `matched` are the numbers of its records that concern households, `newest` is Kafka's latest timestamp in it.
        """


class ScreeningAgent:
    """Screens batches.

    `unknown_field` hears once of every field that a feed does not know; `broken` of a message that broke the screening.
    """

    def __init__(
        self,
        keys: Keys,
        store: Store,
        publisher: Publisher,
        reader: RosterReader,
        gate: RosterGate,
        counting: Counting,
        outages: Outages,
        unknown_field: Callable[[str, str], None],
        broken: Callable[[str, Exception], None],
        feeds: FeedObserver,
    ) -> None:
        self._keys = keys
        self._store = store
        self._publisher = publisher
        self._reader = reader
        self._gate = gate
        self._counting = counting
        self._outages = outages
        self._unknown_field = unknown_field
        self._broken = broken
        self._feeds = feeds
        self._decoders = {feed: FeedDecoder(feed, keys) for feed in FEED_OF.values()}
        self._told: set[tuple[str, str]] = set()

    async def handle(self, tp: TP, fetched: Fetched) -> None:
        """Screen a batch: decode, look up, publish."""
        await self._screen_or_refuse(tp, fetched.records, fetched.received)

    async def _screen_or_refuse(self, tp: TP, records: list[KafkaRecord], received: float) -> None:
        """Screen; a message that breaks the screening itself is found by halving and refused, the others pass."""
        try:
            await self._screen(tp, records, received)
        except UnusableError:
            raise
        except Exception as error:
            if len(records) > 1:
                half = len(records) // 2
                await self._screen_or_refuse(tp, records[:half], received)
                await self._screen_or_refuse(tp, records[half:], received)
                return
            self._broken(tp.topic, error)
            await self._refuse(records[0])

    async def _refuse(self, record: KafkaRecord) -> None:
        feed = FEED_OF[record.topic]
        place = (record.topic, record.partition, record.offset)
        refused = letter(self._keys, place, record.value or b"", reason="undecodable", feed=feed, field="", index=None)
        await lasting("kafka", lambda: self._publisher.publish([refused]), self._outages)
        self._counting.changes(feed, 1, record.timestamp * _MILLISECOND)
        self._counting.rejected(feed, "undecodable")
        self._counting.regions(feed, {("", ""): 1, ("", "undecodable"): 1}, record.timestamp * _MILLISECOND)

    async def _screen(self, tp: TP, records: list[KafkaRecord], received: float) -> None:
        feed = FEED_OF[tp.topic]
        clocks = [record.timestamp * _MILLISECOND for record in records]
        newest = max(clocks)
        seen = asyncio.ensure_future(lasting("kafka", lambda: self._gate.seen(received), self._outages))
        await asyncio.sleep(0)  # the question is on its way while we decode
        decoded = self._decoders[feed].decode([record.value for record in records], clocks)
        await seen
        batch = decoded.batch
        matches = await lasting("redis", lambda: self._matches(batch), self._outages)

        def origin(number: int) -> Origin:
            position, index = decoded.elements.place(number)
            record = records[position]
            element = "" if index is None else f"/{index}"
            return Origin(f"{feed}/{record.partition}/{record.offset}{element}", clocks[position])

        messages, stale = await lasting("redis", lambda: self._messages(matches, origin), self._outages)
        told = self._feeds.observe(tp, batch, (match.record for match in matches), newest)
        outgoing = [*messages, *told, *self._refused(decoded, records)]
        await lasting("kafka", lambda: self._publisher.publish(outgoing), self._outages)
        if stale:
            await lasting("redis", lambda: self._store.drop_versions(stale), self._outages)
        self._count(feed, batch, len(matches), newest)

    async def _matches(self, batch: Batch) -> list[Match]:
        """The changes that concern households, looked up in a roster that has been applied.

        Where nobody may be on the roster, as in most small batches, there is nothing to ask.
        """
        named = suspects(batch, self._reader.filter)
        while named:
            needed = dict(self._reader.last)  # before the question: who is seen after it is not needed for this batch
            found = await self._store.homes(list(named), ROSTER)
            if all(found.applied.get(partition, 0) >= offset for partition, offset in needed.items()):
                return screen(batch, named, dict(zip(named, found.homes, strict=True)))
            await asyncio.sleep(0.01)
        return []

    async def _messages(
        self, matches: Sequence[Match], origin: Callable[[int], Origin]
    ) -> tuple[list[Outgoing], list[tuple[str, Change]]]:
        """What households must learn, and the versions of events that are not needed any more.

        What the batch itself brings comes first, what is repeated of former versions after it: a batch that is done
        again finds its own later versions among the held ones, and must not tell them before their time.
        """
        event_keys = [event_key(match.change, self._keys) for match in matches]
        events = [(key, match) for key, match in zip(event_keys, matches, strict=True) if key]
        known = iter(await self._store.hold_events(events) if events else ())
        outgoing: list[Outgoing] = []
        repeated: list[Outgoing] = []
        stale: list[tuple[str, Change]] = []
        for key, match in zip(event_keys, matches, strict=True):
            made, dropped = deliveries(
                match, next(known) if key else None, origin, lambda change: reveal(change, self._keys)
            )
            stale += [(key, change) for change in dropped]
            for message, county in made:
                told = outgoing if message.change == match.change else repeated
                told.append(Outgoing(HOUSEHOLD_CHANGES, message.household_id, encode(message), county))
        return outgoing + repeated, stale

    def _refused(self, decoded: Decoded, records: Sequence[KafkaRecord]) -> list[Outgoing]:
        letters = []
        for number, rejection in decoded.batch.refused:
            position, index = decoded.elements.place(number)
            record = records[position]
            letters.append(
                letter(
                    self._keys,
                    (record.topic, record.partition, record.offset),
                    decoded.elements.data[number],
                    reason=rejection.reason,
                    feed=rejection.feed,
                    field=rejection.field,
                    index=index,
                )
            )
        return letters

    def _count(self, feed: str, batch: Batch, matches: int, newest: int) -> None:
        self._counting.changes(feed, len(batch), newest)
        if matches:
            self._counting.matches(feed, matches)
        for reason, count in Counter(rejection.reason for _, rejection in batch.refused).items():
            self._counting.rejected(feed, reason, count)
        self._counting.regions(feed, _by_region(batch), newest)
        for field in self._decoders[feed].unknown:
            if (feed, field) not in self._told:
                self._told.add((feed, field))
                self._unknown_field(feed, field)


def _by_region(batch: Batch) -> Mapping[tuple[str, str], int]:
    """Records by the region that they name and reason; the reason "" is all of them."""
    regions = batch.columns.get("region") or [None] * len(batch)
    counts: Counter[tuple[str, str]] = Counter()
    for region, count in Counter(regions).items():
        counts[region or "", ""] += count
    counts.update((regions[record] or "", rejection.reason) for record, rejection in batch.refused)
    return counts
