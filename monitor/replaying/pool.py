"""Screens several files at once, one process a core; small inputs are not worth the processes."""

import multiprocessing
import os
from collections.abc import Callable, Sequence
from ctypes import c_longlong

from monitor.forked import forked
from monitor.replaying.screened import Screened
from monitor.replaying.screening import Screen
from streams.feed_files import FeedFile

_WORTH_PROCESSES = 4 << 20
"""Bytes of all files together."""


def screen_all(screen: Screen, files: Sequence[FeedFile], told: Callable[[int], None]) -> list[Screened]:
    """Screen all files, the largest first, and give what became of each in their own order.

    `told` hears how many bytes have been read in all.
    """
    sizes = [file.path.stat().st_size for file in files]
    counts = multiprocessing.RawArray(c_longlong, len(files))

    def screen_one(number: int) -> Screened:
        def read(count: int) -> None:
            counts[number] = count

        return screen.file(files[number], number, read)

    order = sorted(range(len(files)), key=lambda number: -sizes[number])
    done: dict[int, Screened] = {}
    if min(os.cpu_count() or 1, len(files)) == 1 or sum(sizes) < _WORTH_PROCESSES:
        for number in order:
            done[number] = screen_one(number)
            told(sum(counts))
    else:
        done = dict(forked(screen_one, order, lambda: told(sum(counts))))
    return [done[number] for number in range(len(files))]
