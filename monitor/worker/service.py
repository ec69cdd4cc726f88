"""The worker's life: it opens what it needs, runs its groups, watches them, and ends within ten seconds."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from alert_sinks.database import open_database
from monitor.configuration import load_configuration
from monitor.garbage import collect_rarely, give_back
from monitor.metrics import Metrics
from monitor.settings import Settings
from monitor.worker import assessing
from monitor.worker.assembly import Equipment, Work, all_work, now
from monitor.worker.deadline import start_deadline
from monitor.worker.feed_counts import FeedReports
from monitor.worker.feed_tallies import FeedTallies
from monitor.worker.first_start import mark_if_new
from monitor.worker.groups import Group
from monitor.worker.health import Health
from monitor.worker.measuring import Measuring
from monitor.worker.noticing import Notice
from monitor.worker.probes import Probes
from monitor.worker.renewal import Renewal
from monitor.worker.watchdog import start_watchdog
from streams import enrolment_agent
from streams.moments import SECOND
from streams.outages import lasting
from streams.redis_store import RedisStore, open_redis
from streams.roster_reader import RosterReader
from streams.secrets import Keys
from streams.topics import HOUSEHOLD_CHANGES, ROSTER, TOPICS, required_partitions

_log = structlog.get_logger("monitor.worker")
_LOOK_LIMIT = 5.0
_REPORT_LIMIT = 1.0
_BEAT_SECONDS, _LOOK_SECONDS, _ORDERS_SECONDS, _MEASURE_SECONDS, _RENEW_SECONDS = 0.5, 1.0, 5.0, 15.0, 2.0
_GIVE_BACK_SECONDS = 60.0


async def serve(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT. Raises UnusableError for what only a person can put right."""
    stop = asyncio.Event()

    def ask_to_end() -> None:
        if not stop.is_set():
            stop.set()
            start_deadline()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ask_to_end)
    metrics = Metrics()
    health = Health(metrics.operating)
    health.settled("start", False)
    metrics.operating.ready_when(health.obstacles)
    probes = Probes(settings.host, settings.metrics_port, metrics, health.faults_of_life, health.obstacles)
    _log.info("metrics", host=settings.host, port=probes.port)
    start_watchdog(health)
    # From the beginning: a start may wait for Redis for as long as that is away.
    beating = asyncio.ensure_future(_every(_BEAT_SECONDS, lambda: _beat(health)))
    starting = asyncio.ensure_future(_equip(settings, health, metrics))
    stopping = asyncio.ensure_future(stop.wait())
    await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if starting.done():
        equipment = starting.result()
        equipment.reader.start()
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, equipment.renewal.ask)
        try:
            work = all_work(equipment)
            collect_rarely()
            # Not sooner: without its groups it would look ready for a moment.
            health.settled("start", True)
            await _run(equipment, work, stopping)
        finally:
            await _put_away(equipment)
    else:
        starting.cancel()
    beating.cancel()
    probes.close()
    _log.info("stopped")


async def _equip(settings: Settings, health: Health, metrics: Metrics) -> Equipment:
    configuration = await asyncio.to_thread(load_configuration, settings.config)
    keys = Keys.from_file(settings.secret_file)
    partitions = await asyncio.to_thread(required_partitions, settings.kafka, [topic.name for topic in TOPICS])
    database = await asyncio.to_thread(open_database, settings.database)
    store = RedisStore(await open_redis(settings.redis))
    groups = {enrolment_agent.GROUP: ROSTER, assessing.GROUP: HOUSEHOLD_CHANGES}
    await lasting("redis", lambda: mark_if_new(store, settings.kafka, groups, partitions, health), health)
    return Equipment(
        settings=settings,
        configuration=configuration,
        keys=keys,
        store=store,
        database=database,
        reader=RosterReader(settings.kafka, partitions[ROSTER], keys),
        partitions=partitions,
        metrics=metrics,
        health=health,
        renewal=await asyncio.to_thread(Renewal, settings.config, keys, metrics.operating),
    )


async def _run(equipment: Equipment, work: Work, stopping: "asyncio.Future[Any]") -> None:
    """Run the groups until told to stop, or until one of them needs a person."""
    groups = work.groups
    tallies = FeedTallies(equipment.database, equipment.metrics.divisions, now)
    measuring = Measuring(equipment.settings, equipment.metrics.operating, equipment.health)
    running = [asyncio.ensure_future(group.run()) for group in groups]
    watching = [
        asyncio.ensure_future(_every(_LOOK_SECONDS, _Looks(equipment, groups))),
        asyncio.ensure_future(_every(_ORDERS_SECONDS, _CountOrders(equipment))),
        asyncio.ensure_future(_every(_ORDERS_SECONDS, tallies)),
        asyncio.ensure_future(_every(_LOOK_SECONDS, work.reports)),
        asyncio.ensure_future(_every(_RENEW_SECONDS, equipment.renewal.look)),
        asyncio.ensure_future(_every(_MEASURE_SECONDS, measuring)),
        asyncio.ensure_future(_every(_GIVE_BACK_SECONDS, lambda: asyncio.to_thread(give_back))),
    ]
    every: list[asyncio.Future[Any]] = [stopping, *running, *watching]
    await asyncio.wait(every, return_when=asyncio.FIRST_COMPLETED)
    for group in groups:
        group.drain()
    done, late = await asyncio.wait(running, timeout=8.0)
    for task in (*late, *watching):
        task.cancel()
    await _last_report(work.reports)
    for task in (*done, *watching):
        if task.done() and not task.cancelled():
            task.result()


async def _last_report(reports: FeedReports) -> None:
    """What was counted and not reported yet must not go with the process, if the broker is there."""
    try:
        async with asyncio.timeout(_REPORT_LIMIT):
            await reports.report()
    except TimeoutError:
        _log.warning("the last counts of feeds are lost")


async def _every(seconds: float, action: Callable[[], Awaitable[None]]) -> None:
    while True:
        await action()
        await asyncio.sleep(seconds)


async def _beat(health: Health) -> None:
    health.beat()


class _Looks:
    """Looks at every group's partitions: lag, progress, and whether the store still has what was handled."""

    def __init__(self, equipment: Equipment, groups: Iterable[Group]) -> None:
        self._equipment = equipment
        self._groups = list(groups)
        self._moved_at: dict[tuple[str, int], float] = {}

    async def __call__(self) -> None:
        lags: dict[tuple[str, int], int] = {}
        still: set[tuple[str, int]] = set()
        for group in self._groups:
            try:
                async with asyncio.timeout(_LOOK_LIMIT):
                    moved = await group.look()
                    await group.repair()
            except Exception as error:
                # Whatever it is: a group that is just failing or starting anew says so itself, and the others must not
                # end because somebody looked at it.
                _log.debug("look put off", group=group.name, error=type(error).__name__)
                continue
            for tp, lag in group.lags.items():
                place = (tp.topic, tp.partition)
                lags[place] = max(lag, lags.get(place, 0))
                if tp not in moved:
                    still.add(place)
        at = now() / SECOND
        self._moved_at = {place: self._moved_at.get(place, at) if place in still else at for place in lags}
        self._equipment.metrics.partitions(lags, self._moved_at)


class _CountOrders:
    """Shows the figures of the work orders, and notices a database that is away."""

    def __init__(self, equipment: Equipment) -> None:
        self._database = equipment.database
        self._metrics = equipment.metrics
        self._notice = Notice("database", equipment.health)

    async def __call__(self) -> None:
        try:
            await asyncio.to_thread(self._count)
        except (DBAPIError, PoolTimeoutError) as error:
            self._notice.unanswered(error)
        else:
            self._notice.answered()

    def _count(self) -> None:
        with self._database.reading() as session:
            self._metrics.orders.read(session, now())


async def _put_away(equipment: Equipment) -> None:
    equipment.reader.stop()
    await equipment.store.close()
    equipment.database.close()
