"""Ends a process that lives no more, so that its supervisor starts another; another worker takes its partitions."""

import os
import threading
import time
from collections.abc import Callable

import structlog

from monitor.worker.health import Health

_log = structlog.get_logger("monitor.worker")
STATUS = 70
"""Exit status: a fault inside the program."""
_LOOK_SECONDS = 5.0


def start_watchdog(
    health: Health,
    end: Callable[[int], None] = os._exit,
    sleep: Callable[[float], None] = time.sleep,
) -> threading.Thread:
    """Look every few seconds, from a thread of its own, for a loop that hangs cannot look at itself.

    Ends the process the second time in a row that something is wrong: one look may fall into a pause of the machine.
    """

    def watch() -> None:
        wrong = 0
        while wrong < 2:
            sleep(_LOOK_SECONDS)
            faults = health.faults_of_life()
            wrong = wrong + 1 if faults else 0
        _log.error("ended by the watchdog", faults=faults)
        end(STATUS)

    thread = threading.Thread(target=watch, name="watchdog", daemon=True)
    thread.start()
    return thread
