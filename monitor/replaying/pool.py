"""Screens several files at once, one process a core; small inputs are not worth the processes."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from ctypes import c_longlong
from typing import Any

from monitor.replaying.screening import Screen, Screened
from streams.feed_files import FeedFile

_WORTH_PROCESSES = 4 << 20
"""Bytes of all files together."""
_POLL_SECONDS = 0.1
_own: dict[str, Any] = {}
"""What a process of the pool was given when it began."""


def screen_all(screen: Screen, files: Sequence[FeedFile], told: Callable[[int], None]) -> list[Screened]:
    """Screen all files, the largest first, and give what became of each in their own order.

    `told` hears how many bytes have been read in all.
    """
    sizes = [file.path.stat().st_size for file in files]
    workers = min(os.cpu_count() or 1, len(files))
    if workers == 1 or sum(sizes) < _WORTH_PROCESSES:
        return _one_by_one(screen, files, told)
    # Forked, so that the roster's index need not be copied; memory shared for the counts, for the same reason.
    context = multiprocessing.get_context("fork")
    counts = context.RawArray(c_longlong, len(files))
    order = sorted(range(len(files)), key=lambda number: -sizes[number])
    with context.Pool(workers, _begin, (screen, files, counts)) as pool:
        pending = {number: pool.apply_async(_screen, (number,)) for number in order}
        for number in order:
            while not pending[number].ready():
                pending[number].wait(_POLL_SECONDS)
                told(sum(counts))
        return [pending[number].get() for number in range(len(files))]


def _one_by_one(screen: Screen, files: Sequence[FeedFile], told: Callable[[int], None]) -> list[Screened]:
    counts = [0] * len(files)

    def counting(number: int) -> Callable[[int], None]:
        def read(count: int) -> None:
            counts[number] = count
            told(sum(counts))

        return read

    return [screen.file(file, number, counting(number)) for number, file in enumerate(files)]


def _begin(screen: Screen, files: Sequence[FeedFile], counts: Any) -> None:
    """The first thing in a process: Ctrl-C is for the parent, which ends this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _own.update(screen=screen, files=files, counts=counts)


def _screen(number: int) -> Screened:
    def told(count: int) -> None:
        _own["counts"][number] = count

    done: Screened = _own["screen"].file(_own["files"][number], number, told)
    return done
