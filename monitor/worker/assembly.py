"""What every step of the worker needs, and the consumer groups made of it."""

import asyncio
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import structlog
from faust.types import TP

from alert_sinks.database import Database
from alert_sinks.routing import load_routing
from alert_sinks.sinks.configuration import load_sinks
from alert_sinks.sinks.delivery import Delivery, Retrying
from alert_sinks.sinks.orders import WorkOrders
from alert_sinks.sinks.sink import Sink, SinkError
from alert_sinks.work_orders import Attached, Desk
from detectors.alerts import Alert
from monitor.configuration import Configuration
from monitor.metrics import Metrics
from monitor.settings import Settings
from monitor.worker import assessing, dispatching
from monitor.worker.assessing import CORRELATION, PUBLISHED_AT, AssessmentAgent
from monitor.worker.dispatching import Arrived, DispatchAgent
from monitor.worker.feed_counts import FeedCounts, FeedReports
from monitor.worker.groups import Group
from monitor.worker.health import Health
from monitor.worker.renewal import Renewal
from monitor.worker.timed_sink import TimedSink
from monitor.worker.warmth import Warmth
from streams import enrolment_agent, screening_agent
from streams.batch_transport import Applied
from streams.consumption import ConsumerGroup, Handle, consumer_group
from streams.enrolment_agent import EnrolmentAgent
from streams.moments import SECOND
from streams.outages import lasting
from streams.publishing import Publisher
from streams.roster_gate import RosterGate
from streams.roster_reader import RosterReader
from streams.screening_agent import ScreeningAgent
from streams.secrets import Keys
from streams.store import Store
from streams.topics import ALERTS, FEED_OF, HOUSEHOLD_CHANGES, ROSTER

_log = structlog.get_logger("monitor.worker")
_SMALL_BATCH = 500
_SCREENED_AT_ONCE = 8
"""Messages that take a millisecond each: the process must turn to its other work in between."""
_OUR_DATABASE = Retrying(first_seconds=0.1, most_seconds=1.0, failures_to_open=1_000_000)
"""No breaker: orders must open soon after the database is back."""


def now() -> int:
    """The clock, as an instant."""
    return time.time_ns() // 1000


@dataclass(frozen=True, kw_only=True)
class Equipment:
    """What the steps share. `partitions` are those of all topics."""

    settings: Settings
    configuration: Configuration
    keys: Keys
    store: Store
    database: Database
    reader: RosterReader
    partitions: Mapping[str, int]
    metrics: Metrics
    health: Health
    renewal: Renewal

    def publisher(self) -> Publisher:
        """One a group: each flushes its own batches."""
        return Publisher(self.settings.kafka, self.partitions)

    def group(
        self,
        name: str,
        topics: Sequence[str],
        handle: Handle,
        *,
        applied: Applied | None = None,
        largest_batch: int = _SMALL_BATCH,
        at_once: int = 1,
    ) -> Group:
        """A consumer group of its own."""
        kafka = self.settings.kafka

        def build(guarded: Handle) -> ConsumerGroup:
            return consumer_group(
                name, topics, kafka, guarded, applied=applied, largest_batch=largest_batch, at_once=at_once
            )

        return Group(
            name,
            build,
            handle,
            self.health,
            self.metrics.operating,
            applied,
        )

    def broken(self, where: str, error: Exception) -> None:
        """Somebody must look at it; the message itself may hold personal data and stays out."""
        _log.error("message refused", where=where, error=type(error).__name__)


class Work(NamedTuple):
    """What a worker runs: its groups, and the reports of what the screening has counted."""

    groups: list[Group]
    reports: FeedReports


def all_work(equipment: Equipment) -> Work:
    """The worker's groups: screen, enrol, assess, dispatch, and one for each further sink."""
    counts = FeedCounts()
    screen = _screen(equipment, counts)
    reports = FeedReports(
        counts, lambda: screen.lags, equipment.partitions, equipment.publisher(), equipment.health, now
    )
    groups = [screen, _enrol(equipment), _assess(equipment), _dispatch(equipment), *_sinks(equipment)]
    return Work(groups, reports)


def _screen(equipment: Equipment, counts: FeedCounts) -> Group:
    agent = ScreeningAgent(
        equipment.keys,
        equipment.store,
        equipment.publisher(),
        equipment.reader,
        RosterGate(equipment.reader, time.monotonic),
        equipment.metrics,
        equipment.health,
        lambda feed, field: _log.warning("unknown field ignored", feed=feed, field=field),
        equipment.broken,
        counts,
    )
    return equipment.group(
        screening_agent.GROUP, list(FEED_OF), agent.handle, largest_batch=4000, at_once=_SCREENED_AT_ONCE
    )


def _enrol(equipment: Equipment) -> Group:
    agent = EnrolmentAgent(
        equipment.keys,
        equipment.store,
        equipment.publisher(),
        equipment.metrics,
        equipment.health,
        lambda count: _log.info("persons enrolled without history", persons=count),
    )

    async def applied(tps: set[TP]) -> Mapping[TP, int]:
        kept = await lasting("redis", lambda: equipment.store.applied(ROSTER), equipment.health)
        return {tp: kept.get(tp.partition, 0) for tp in tps}

    return equipment.group(enrolment_agent.GROUP, [ROSTER], agent.handle, applied=applied)


def _assess(equipment: Equipment) -> Group:
    keys, store = equipment.keys, equipment.store
    agent = AssessmentAgent(
        lambda: equipment.renewal.assessor,
        keys,
        store,
        equipment.publisher(),
        equipment.metrics,
        equipment.health,
        now,
        equipment.broken,
        Warmth(equipment.metrics.operating).learned,
        equipment.partitions[HOUSEHOLD_CHANGES],
    )

    async def applied(tps: set[TP]) -> Mapping[TP, int]:
        ordered = list(tps)
        parts = await lasting(
            "redis", lambda: asyncio.gather(*(store.load_part(tp.partition, []) for tp in ordered)), equipment.health
        )
        return {tp: part.applied for tp, part in zip(ordered, parts, strict=True)}

    return equipment.group(assessing.GROUP, [HOUSEHOLD_CHANGES], agent.handle, applied=applied)


def _dispatch(equipment: Equipment) -> Group:
    desk = Desk(equipment.database, load_routing(equipment.configuration.folder / "centres.yaml"))
    attached: list[Attached] = []
    sink = WorkOrders(desk, now, attached.extend)

    def delivered(arrived: Sequence[Arrived]) -> None:
        at = now()
        correlation = {(one.alert.alert_id, one.alert.revision): _header(one, CORRELATION) for one in arrived}
        for one in arrived:
            equipment.metrics.alert_to_order((at - one.record.timestamp * 1000) / SECOND)
            if published_at := _header(one, PUBLISHED_AT):
                equipment.metrics.change_to_order((at - int(published_at)) / SECOND)
        for done in attached:
            if done.order_id is not None and done.effect != "known":
                name = correlation.get((done.alert_id, done.revision), "")
                _log.info("order", effect=done.effect, order=done.order_id, alert=done.alert_id, correlation_id=name)
        attached.clear()

    return _sink_group(equipment, dispatching.GROUP, sink, _OUR_DATABASE, lambda _alert: True, delivered)


def _sinks(equipment: Equipment) -> list[Group]:
    configured = load_sinks(equipment.configuration.folder / "sinks.yaml", equipment.settings.redis)
    return [
        _sink_group(equipment, f"sink-{one.name}", one.open(now), one.retrying, one.wanted, lambda _arrived: None)
        for one in configured
    ]


def _sink_group(
    equipment: Equipment,
    name: str,
    sink: Sink,
    policy: Retrying,
    wanted: Callable[[Alert], bool],
    delivered: Callable[[Sequence[Arrived]], None],
) -> Group:
    part = "database" if name == dispatching.GROUP else name

    def failed(error: SinkError) -> None:
        # The cause says more than that the sink failed.
        cause = error.__cause__
        equipment.health.away(part, cause if isinstance(cause, Exception) else error)

    def took(arrived: Sequence[Arrived]) -> None:
        equipment.health.back(part)
        delivered(arrived)

    timed = TimedSink(sink, time.monotonic, lambda seconds: equipment.health.took(part, seconds))
    delivery = Delivery(timed, time.monotonic, asyncio.sleep, random.random, policy, failed)
    breaker = delivery.breaker
    equipment.metrics.operating.breaker_of(name, lambda: breaker.opened_at is not None)
    agent = DispatchAgent(
        delivery, wanted, equipment.keys, equipment.publisher(), equipment.health, took, equipment.broken
    )
    return equipment.group(name, [ALERTS], agent.handle)


def _header(one: Arrived, wanted: str) -> str:
    return next((value.decode() for name, value in one.record.headers if name == wanted), "")
