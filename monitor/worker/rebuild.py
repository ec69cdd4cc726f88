"""`monitor rebuild` as a whole: what it needs, and when it must not run."""

import asyncio
import time

from monitor.configuration import load_configuration
from monitor.settings import Settings
from monitor.worker.rebuilding import Rebuilding, Rebuilt, UnmarkedStore
from streams.errors import UnusableError
from streams.publishing import Publisher
from streams.redis_store import RedisStore, open_redis
from streams.secrets import Keys
from streams.store import EmptyStoreError
from streams.topics import ROSTER, TOPICS, required_partitions


async def rebuild(settings: Settings) -> Rebuilt:
    """Rebuild. Raises UnusableError where Redis has lost nothing, or a part is away."""
    configuration = load_configuration(settings.config)
    keys = Keys.from_file(settings.secret_file)
    partitions = await asyncio.to_thread(required_partitions, settings.kafka, [topic.name for topic in TOPICS])
    client = await open_redis(settings.redis)
    store = UnmarkedStore(client)
    publisher = Publisher(settings.kafka, partitions)
    try:
        await _refuse_what_stands(RedisStore(client))
        rebuilding = Rebuilding(
            settings.kafka, partitions, configuration, keys, store, publisher, lambda: time.time_ns() // 1000
        )
        return await rebuilding.run()
    finally:
        publisher.close()
        await store.close()


async def _refuse_what_stands(store: RedisStore) -> None:
    try:
        await store.applied(ROSTER)
    except EmptyStoreError:
        return
    raise UnusableError("MONITOR_REDIS: has lost nothing; to rebuild it all the same, stop all workers and empty it")
