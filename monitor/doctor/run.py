"""All checks, one after the other; a part that does not answer holds up no other for more than a few seconds."""

import asyncio
import time
from collections.abc import Iterator

from monitor.doctor.database import check_database
from monitor.doctor.enrolled import check_enrolled
from monitor.doctor.finding import Finding
from monitor.doctor.kafka import check_kafka
from monitor.doctor.machine import check_disk, check_versions, check_worker
from monitor.doctor.redis import check_redis
from monitor.doctor.settings import check_configuration, check_secret, check_settings
from monitor.settings import Settings


def examine(settings: Settings) -> Iterator[Finding]:
    """Every finding, in the order in which one would look."""
    yield from check_versions()
    yield from check_settings(settings)
    yield from check_secret(settings.secret_file)
    yield from check_configuration(settings.config)
    yield from check_kafka(settings.kafka)
    yield from check_enrolled(settings.kafka, settings.secret_file)
    yield from asyncio.run(check_redis(settings.redis, _now))
    yield from check_database(settings.database, _now)
    yield from check_disk(settings)
    yield from check_worker(settings)


def _now() -> int:
    return time.time_ns() // 1000
