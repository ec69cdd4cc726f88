"""Every few seconds the worker adds what it counted since the last time to the days of the feeds, for the console."""

import asyncio
from collections.abc import Callable

import structlog
from prometheus_client import CollectorRegistry
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from alert_sinks.database import Database
from monitor import feed_days
from streams.feeds import FEEDS
from streams.moments import SECOND, day_of

_log = structlog.get_logger("monitor.worker")
Counts = dict[tuple[str, str], int]
"""By feed and reason; the reason "" is all records, refused ones included."""


class FeedTallies:
    """Reads the process's own counters, so that nothing is counted twice. What cannot be written waits for the next
    time; the last seconds before the process ends are not written."""

    def __init__(self, database: Database, registry: CollectorRegistry, clock: Callable[[], int]) -> None:
        self._database = database
        self._registry = registry
        self._clock = clock
        self._written: Counts = {}

    async def __call__(self) -> None:
        """Write what is new."""
        counted, newest = self._read()
        new = {key: more for key, count in counted.items() if (more := count - self._written.get(key, 0))}
        if not new:
            return
        try:
            await asyncio.to_thread(self._write, new, newest)
        except (DBAPIError, PoolTimeoutError) as error:
            _log.debug("feeds not written", error=type(error).__name__)
        else:
            self._written = counted

    def _write(self, new: Counts, newest: dict[str, int]) -> None:
        with self._database.writing() as session:
            feed_days.add(session, new, newest, day_of(self._clock()))

    def _read(self) -> tuple[Counts, dict[str, int]]:
        counted: Counts = {}
        newest: dict[str, int] = {}
        for family in self._registry.collect():
            for sample in family.samples:
                feed = sample.labels.get("feed", "")
                if feed not in FEEDS:
                    continue
                if sample.name in ("monitor_changes_total", "monitor_rejected_total"):
                    counted[feed, sample.labels.get("reason", "")] = int(sample.value)
                elif sample.name == "monitor_feed_last_change_timestamp_seconds":
                    newest[feed] = int(sample.value * SECOND)
        return counted, newest
