"""What this worker's screening has counted of the feeds, and how it gets to where the feeds are watched.

What may move a county's progress goes out with the batch that brought it. Cells' counts are gathered and go out from
time to time: a worker that is killed takes the last of them with it, which an hour's count hardly shows.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from faust.types import TP

from detectors.cells import CellCounts, encode
from detectors.population import WAGES
from monitor.feed_counting import FeedCounter, Noted
from monitor.worker.feed_reached import LatestDays
from streams import messages
from streams.batches import Batch
from streams.messages import FEEDS_KEY, Counted
from streams.moments import DAY, SECOND
from streams.outages import Outages, lasting
from streams.packing import pack
from streams.publishing import Outgoing, Publisher
from streams.topics import FEED_OF, HOUSEHOLD_CHANGES

_CELLS_AT_ONCE = 2000
_PERIOD, _HURRY = 60 * SECOND, 5 * SECOND
"""Instants between two reports; the shorter while a history is being loaded, so that it need not wait."""
_UNSURE = 5 * SECOND
"""The lags are measured from time to time; so long ago they were what they are."""


class FeedCounts:
    """Implements `streams.screening_agent.FeedObserver` and keeps what is to be reported."""

    def __init__(self) -> None:
        self._latest = {feed: LatestDays(feed) for feed in WAGES}
        self._counters = {feed: FeedCounter(feed, self._noted(feed)) for feed in FEED_OF.values()}
        self._newest: dict[TP, int] = {}
        self.oldest: int | None = None
        """The earliest report among what has been counted since the last `take`."""

    def _noted(self, feed: str) -> Callable[[Noted], None]:
        latest = self._latest.get(feed)
        return latest.note if latest is not None else lambda _noted: None

    def observe(self, tp: TP, batch: Batch, matched: Iterable[int], newest: int) -> list[Outgoing]:
        """Count a screened batch; what must be published with it. `newest` is Kafka's latest timestamp in it."""
        self._counters[batch.feed].count(batch, matched)
        self._newest[tp] = max(newest, self._newest.get(tp, newest))
        reported = batch.reported_at[batch.reported_at > 0]
        if len(reported):
            oldest = int(reported.min())
            self.oldest = oldest if self.oldest is None else min(oldest, self.oldest)
        latest = self._latest.get(batch.feed)
        return [_outgoing(news, news.county) for news in latest.take()] if latest is not None else []

    def take(self) -> list[CellCounts]:
        """What was counted since the last time."""
        self.oldest = None
        return [cell for counter in self._counters.values() for cell in counter.cells.take()]

    def counted_until(self, lags: Mapping[TP, int], now: int) -> dict[TP, int]:
        """For each partition that is ours the instant up to which all its records have been counted."""
        instants = {tp: now - _UNSURE if lag == 0 else self._newest.get(tp, 0) for tp, lag in lags.items()}
        return {tp: at for tp, at in instants.items() if at}


class FeedReports:
    """Publishes from time to time what was counted. `lags` gives those of the partitions that are ours now."""

    def __init__(
        self,
        counts: FeedCounts,
        lags: Callable[[], Mapping[TP, int]],
        partitions: Mapping[str, int],
        publisher: Publisher,
        outages: Outages,
        clock: Callable[[], int],
    ) -> None:
        self._counts = counts
        self._lags = lags
        self._partitions = sum(partitions[topic] for topic in FEED_OF)
        self._publisher = publisher
        self._outages = outages
        self._clock = clock
        self._last = clock()
        self._hurry_until = 0

    async def __call__(self) -> None:
        """Report, if it is time."""
        now = self._clock()
        if self._counts.oldest is not None and self._counts.oldest < now - DAY:
            self._hurry_until = now + _PERIOD
        if now - self._last >= (_HURRY if now < self._hurry_until else _PERIOD):
            await self.report()

    async def report(self) -> None:
        """Report everything, now."""
        now = self._last = self._clock()
        done = self._counts.counted_until(self._lags(), now)
        told = reports(self._counts.take(), done, now, self._partitions)
        outgoing = [_outgoing(counted, FEEDS_KEY) for counted in told]
        await lasting("kafka", lambda: self._publisher.publish(outgoing), self._outages)


def reports(cells: Sequence[CellCounts], done: Mapping[TP, int], at: int, partitions: int) -> list[Counted]:
    """Counts as messages; only the last one says how far everything has been counted."""
    pieces = [cells[start : start + _CELLS_AT_ONCE] for start in range(0, len(cells), _CELLS_AT_ONCE)]
    found = [Counted(at=at, cells=pack(encode(piece)), partitions=partitions) for piece in pieces]
    if done:
        places: dict[str, int] = {}
        for tp in done:
            feed = FEED_OF[tp.topic]
            places[feed] = places.get(feed, 0) | 1 << tp.partition
        found.append(Counted(at=at, done=places, until=min(done.values()), partitions=partitions))
    return found


def _outgoing(message: messages.Reached | Counted, key: str) -> Outgoing:
    return Outgoing(HOUSEHOLD_CHANGES, key, messages.encode(message), key)
