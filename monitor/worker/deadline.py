"""Ends a worker that was asked to end and does not get there: a part that hangs, or a machine that is busy."""

import os
import threading
import time
from collections.abc import Callable

import structlog

_log = structlog.get_logger("monitor.worker")
SECONDS = 9.5
"""The worker promises 10. What is done is committed by then; what is not is the next owner's."""


def start_deadline(
    end: Callable[[int], None] = os._exit, sleep: Callable[[float], None] = time.sleep
) -> threading.Thread:
    """End the process with status 0 when the time is over, from a thread of its own: the event loop may hang."""

    def wait() -> None:
        sleep(SECONDS)
        _log.warning("ended hard", seconds=SECONDS)
        end(0)

    thread = threading.Thread(target=wait, name="deadline", daemon=True)
    thread.start()
    return thread
