"""Now and then the worker asks the parts how they are: Redis's memory, refused records, what expires."""

import asyncio
from collections.abc import Iterable

import structlog
from confluent_kafka import KafkaException
from redis.asyncio import Redis, RedisCluster
from redis.exceptions import RedisError

from monitor.agreement import recall
from monitor.expiries import Expiry, load_expiries
from monitor.operating_metrics import OperatingMetrics
from monitor.settings import Settings
from monitor.worker.noticing import Notice
from streams.errors import UnusableError
from streams.outages import Outages
from streams.publishing import PublishError
from streams.redis_inspection import inspect
from streams.redis_store import open_redis
from streams.topic_inspection import sizes
from streams.topics import TOPICS

_log = structlog.get_logger("monitor.worker")
_DEAD_LETTERS = tuple(topic.name for topic in TOPICS if topic.name.endswith(".dlq"))


class Measuring:
    """Asks all of them once a call. What does not answer is left as it was.

    A Redis that is away is told by the groups, which ask it every second; Kafka they only ask when there is work.
    """

    def __init__(self, settings: Settings, metrics: OperatingMetrics, outages: Outages) -> None:
        self._settings = settings
        self._metrics = metrics
        self._kafka = Notice("kafka", outages)
        self._client: Redis | RedisCluster | None = None

    async def __call__(self) -> None:
        try:
            if self._client is None:
                self._client = await open_redis(self._settings.redis)
            self._metrics.redis(await inspect(self._client))
            if (compared := await recall(self._client)) is not None:
                self._metrics.compared(compared.at, compared.differences)
        except (RedisError, OSError, TimeoutError, UnusableError) as error:
            _log.debug("Redis not measured", error=type(error).__name__)
        try:
            self._metrics.dead_letters(await asyncio.to_thread(sizes, self._settings.kafka, _DEAD_LETTERS))
        except KafkaException as error:
            self._kafka.unanswered(PublishError(f"no broker answers: {error.args[0].name()}"))
        else:
            self._kafka.answered()
        try:
            expiries = load_expiries(self._settings.config / "expiries.yaml")
        except UnusableError as error:
            _log.warning("expiries not read", reason=str(error))
        else:
            self._metrics.expiries(_instants(expiries))


def _instants(expiries: Iterable[Expiry]) -> dict[str, int]:
    found = {}
    for one in expiries:
        try:
            found[one.name] = one.at()
        except (OSError, ValueError) as error:
            # What cannot be read may have expired for all we know.
            found[one.name] = 0
            _log.warning("certificate cannot be read", name=one.name, error=type(error).__name__)
    return found
