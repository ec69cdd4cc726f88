"""Whether the worker lives and is ready: what is away, which groups have settled, which partitions stand still."""

import time
from collections.abc import Callable

import structlog

from monitor.operating_metrics import OperatingMetrics
from streams.publishing import PublishError
from streams.store import EmptyStoreError

_log = structlog.get_logger("monitor.worker")
_LOOP_SECONDS = 60.0
"""An event loop that has not turned for so long hangs.

On a machine that is asked for twenty times what it has, 20 s were seen, and ending the process there makes it worse;
another worker has its partitions after 8 s all the same.
"""
STUCK_SECONDS = 600.0
"""A partition in which records wait for so long, while nothing is away, stands still.

Behind a large backlog, as a province's first roster makes, a healthy consumer drains one partition for minutes before
it turns to the next.
"""


class Health:
    """Implements `streams.outages.Outages`. `clock` gives seconds that only grow."""

    def __init__(self, metrics: OperatingMetrics, clock: Callable[[], float] = time.monotonic) -> None:
        self._metrics = metrics
        self._clock = clock
        self._away: dict[str, str] = {}
        self._beat = clock()
        self._settled: dict[str, bool] = {}
        self._waiting_since: dict[tuple[str, str, int], float] = {}
        self._ready = False

    def away(self, part: str, error: Exception) -> None:
        """A part does not answer; said once, until it is back."""
        self._metrics.call_failed(part, type(error).__name__)
        reason = _reason(error)
        if self._away.get(part) != reason:
            self._away[part] = reason
            self._metrics.part_away(part, True)
            _log.warning("part away", part=part, reason=reason)

    def back(self, part: str) -> None:
        """A part answers again."""
        if self._away.pop(part, None) is not None:
            self._metrics.part_away(part, False)
            _log.info("part back", part=part)

    def took(self, part: str, seconds: float) -> None:
        """A part did what it was asked, in so long."""
        self._metrics.call(part, seconds)

    def settled(self, group: str, settled: bool) -> None:
        """A consumer group has its partitions, or waits for them."""
        self._settled[group] = settled

    def beat(self) -> None:
        """The event loop turns. The log is told when the process becomes ready, and when it no longer is."""
        self._beat = self._clock()
        obstacles = self.obstacles()
        if self._ready != (not obstacles):
            self._ready = not obstacles
            _log.info("ready" if self._ready else "not ready", **{"because": obstacles} if obstacles else {})

    def moved(self, group: str, topic: str, partition: int) -> None:
        """A partition moves, or nothing waits in it, or it is another's now."""
        self._waiting_since.pop((group, topic, partition), None)

    def waits(self, group: str, topic: str, partition: int) -> None:
        """Records wait in a partition whose position has not moved."""
        self._waiting_since.setdefault((group, topic, partition), self._clock())

    def faults_of_life(self) -> list[str]:
        """Why the process should be ended; nothing if it lives."""
        now = self._clock()
        faults = []
        if now - self._beat > _LOOP_SECONDS:
            faults.append(f"the event loop has not turned for {now - self._beat:.0f} s")
        if not self._shared_away():
            faults += [
                f"{topic}/{partition} of {group} stands still"
                for (group, topic, partition), since in dict(self._waiting_since).items()
                if now - since > STUCK_SECONDS and group not in self._away
            ]
        return faults

    def _shared_away(self) -> dict[str, str]:
        """What is away of the parts on which all work hangs. For a sink only the group waits that bears its name."""
        return {part: reason for part, reason in sorted(dict(self._away).items()) if part not in self._settled}

    def obstacles(self) -> list[str]:
        """Why the process does not do its work at this moment; nothing if it is ready."""
        away = [f"{part}: {reason}" for part, reason in self._shared_away().items()]
        return away + [f"group {group}: no assignment yet" for group, done in dict(self._settled).items() if not done]


def _reason(error: Exception) -> str:
    """What a person should read; other libraries' words stay out, for they may hold a password or a value."""
    if isinstance(error, EmptyStoreError):
        return "is empty; run `monitor rebuild`"
    return str(error) if isinstance(error, PublishError) else type(error).__name__
