"""Every few seconds the worker adds what it counted since the last time to the days of the feeds, for the console."""

import asyncio
from collections.abc import Callable

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from alert_sinks.database import Database
from monitor import feed_days
from monitor.division_counts import DivisionCounts
from streams.moments import day_of

_log = structlog.get_logger("monitor.worker")
Counts = dict[tuple[str, str, str], int]
"""By feed, division and reason; the reason "" is all records, refused ones included."""


class FeedTallies:
    """Reads the process's own counts, so that nothing is counted twice. What cannot be written waits for the next
    time; the last seconds before the process ends are not written."""

    def __init__(self, database: Database, counted: DivisionCounts, clock: Callable[[], int]) -> None:
        self._database = database
        self._counted = counted
        self._clock = clock
        self._written: Counts = {}

    async def __call__(self) -> None:
        """Write what is new."""
        counted, newest = dict(self._counted.records), dict(self._counted.newest)
        new = {key: more for key, count in counted.items() if (more := count - self._written.get(key, 0))}
        if not new:
            return
        try:
            await asyncio.to_thread(self._write, new, newest)
        except (DBAPIError, PoolTimeoutError) as error:
            _log.debug("feeds not written", error=type(error).__name__)
        else:
            self._written = counted

    def _write(self, new: Counts, newest: dict[tuple[str, str], int]) -> None:
        with self._database.writing() as session:
            feed_days.add(session, new, newest, day_of(self._clock()))
