"""Work shared among processes, one a core. No threads and no locks, so that stopping it cannot get stuck."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from typing import Any, TypeVar

from monitor.garbage import collect_rarely

T = TypeVar("T")

POLL_SECONDS = 0.1
_KEYBOARD = (signal.SIGINT, signal.SIGTERM)


def forked(work: Callable[[int], T], order: Sequence[int], idle: Callable[[], None]) -> Iterator[tuple[int, T]]:
    """Do a piece of work for each number, in that order; gives numbers and results as they are done.

    The processes are forked: what `work` refers to need not be copied. `idle` is called ten times a second. Errors are
    raised here. Whatever ends this generator ends the processes at once.
    """
    context = multiprocessing.get_context("fork")
    waiting = list(reversed(order))
    busy: dict[Connection, multiprocessing.context.ForkProcess] = {}
    # A key pressed now must reach this process only; the others are ended from here.
    signal.pthread_sigmask(signal.SIG_BLOCK, _KEYBOARD)
    try:
        for _ in range(min(os.cpu_count() or 1, len(order))):
            mine, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(work, theirs), daemon=True)
            process.start()
            theirs.close()
            busy[mine] = process
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _KEYBOARD)
    processes = list(busy.values())
    try:
        for pipe in busy:
            pipe.send(waiting.pop())
        while busy:
            ready = wait(list(busy), POLL_SECONDS)
            for pipe in [pipe for pipe in busy if pipe in ready]:
                number, result = _received(pipe)
                if waiting:
                    pipe.send(waiting.pop())
                else:
                    del busy[pipe]
                yield number, result
            idle()
    finally:
        for process in processes:
            process.kill()
            process.join()


def _received(pipe: Connection) -> tuple[int, Any]:
    try:
        number, result, error = pipe.recv()
    except EOFError:
        raise MemoryError("a process of this run was ended from outside; is there enough memory?") from None
    if error is not None:
        raise error
    return number, result


def _serve(work: Callable[[int], T], pipe: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _KEYBOARD)
    collect_rarely()
    while True:
        try:
            number = pipe.recv()
        except EOFError:
            return
        try:
            pipe.send((number, work(number), None))
        except Exception as error:  # whatever it is, it is raised in the other process
            pipe.send((number, None, error))
