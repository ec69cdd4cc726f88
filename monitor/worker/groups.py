"""A consumer group in this process: started, watched, started anew after a fault, ended within its time."""

import asyncio
import time
from collections.abc import Callable

import structlog
from faust.types import TP

from monitor.operating_metrics import OperatingMetrics
from monitor.worker.health import Health
from streams.batch_transport import Applied, Fetched
from streams.consumption import ConsumerGroup, Handle
from streams.errors import UnusableError

_log = structlog.get_logger("monitor.worker")
_DRAIN_SECONDS, _STOP_SECONDS = 4.0, 3.0
_REST_SECONDS = 1.0


class Group:
    """Keeps one consumer group running. `build` makes its app around a handler of batches.

    `applied` tells how far the effect of the records is kept, where that is elsewhere than in Kafka.
    """

    def __init__(
        self,
        name: str,
        build: Callable[[Handle], ConsumerGroup],
        handle: Handle,
        health: Health,
        metrics: OperatingMetrics,
        applied: Applied | None = None,
    ) -> None:
        self.name = name
        self._applied = applied
        self.lags: dict[TP, int] = {}
        self._build = build
        self._handle = handle
        self._health = health
        self._metrics = metrics
        self._app: ConsumerGroup | None = None
        self._draining = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._running = 0
        self._positions: dict[TP, int] = {}
        health.settled(name, False)

    async def run(self) -> None:
        """Run until `drain`. Raises UnusableError for what only a person can put right."""
        while not self._draining.is_set():
            app = self._app = self._build(self._one_batch)
            try:
                await app.start()
                await self._watch(app)
            except asyncio.CancelledError:
                raise
            except Exception as error:
                _log.error("group failed to start", group=self.name, error=type(error).__name__)
            finally:
                self._health.settled(self.name, False)
                await self._stop(app)
            if isinstance(app.crash_reason, UnusableError):
                raise app.crash_reason
            if app.crashed:
                _log.error("group failed", group=self.name, error=type(app.crash_reason).__name__)
                await asyncio.sleep(_REST_SECONDS)

    async def _watch(self, app: ConsumerGroup) -> None:
        while not (self._draining.is_set() or app.should_stop):
            self._health.settled(self.name, app.settled)
            await asyncio.sleep(0.2)
        with_work = asyncio.timeout(_DRAIN_SECONDS)
        try:
            async with with_work:
                await self._idle.wait()
        except TimeoutError:
            _log.warning("batch left unfinished", group=self.name)

    async def _stop(self, app: ConsumerGroup) -> None:
        try:
            async with asyncio.timeout(_STOP_SECONDS):
                await app.stop()
        except TimeoutError:
            _log.warning("group did not stop in time", group=self.name)
        except Exception as error:
            _log.warning("group stopped badly", group=self.name, error=type(error).__name__)

    async def _one_batch(self, tp: TP, fetched: Fetched) -> int | None:
        if self._draining.is_set():
            await asyncio.Event().wait()  # until the app is stopped; the batch is the next owner's
        self._running += 1
        self._idle.clear()
        began = time.monotonic()
        try:
            done = await self._handle(tp, fetched)
            self._metrics.batch(self.name, len(fetched.records), time.monotonic() - began)
            return done
        finally:
            self._running -= 1
            if not self._running:
                self._idle.set()

    def drain(self) -> None:
        """Finish the batch in hand, take no other, and end."""
        self._draining.set()

    async def repair(self) -> None:
        """Read again what was handled and is not kept any more: the store lost its last writes."""
        app = self._app
        if app is None or self._applied is None:
            return
        handled = self.handled
        kept = await self._applied(set(handled))
        for tp, offset in handled.items():
            if kept.get(tp, 0) < offset and self._idle.is_set() and app.settled:
                _log.warning("reading again", group=self.name, topic=tp.topic, partition=tp.partition)
                await app.batches.rewind(tp, kept.get(tp, 0))

    @property
    def _settled(self) -> ConsumerGroup | None:
        """The app while it has its partitions, be they none."""
        app = self._app
        return None if app is None or not app.settled or app.should_stop else app

    @property
    def handled(self) -> dict[TP, int]:
        """For each partition that is ours, the offset after the last record that was handled."""
        app = self._settled
        if app is None:
            return {}
        mine = app.batches.assignment()
        return {tp: offset for tp, offset in app.batches.handled.items() if tp in mine}

    async def look(self) -> set[TP]:
        """Measure the lags; the partitions that moved since the last look, or in which nothing waits."""
        app = self._settled
        if app is None:
            self.lags = {}
            return set()
        handled = self.handled
        # Another's now: what waits in it is not ours to answer for.
        for tp in self._positions.keys() - handled.keys():
            self._health.moved(self.name, tp.topic, tp.partition)
        ends = {tp: app.batches.highwater(tp) for tp in handled}
        unknown = [tp for tp, end in ends.items() if end is None]
        if unknown:
            ends |= await app.batches.highwaters(*unknown)
        self.lags = {tp: max(0, (ends[tp] or 0) - offset) for tp, offset in handled.items()}
        moved = {tp for tp, offset in handled.items() if not self.lags[tp] or self._positions.get(tp) != offset}
        self._positions = handled
        for tp in handled:
            (self._health.moved if tp in moved else self._health.waits)(self.name, tp.topic, tp.partition)
        return moved
