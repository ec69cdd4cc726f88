"""Batches of several partitions at once, those of one partition one after the other.

A batch mostly waits, for the broker and for Redis. With sixty partitions in one worker, each with a few records, a
change would wait for the batches of all others before its own turn came.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from types import TracebackType


class Turns:
    """Runs work by name: up to so many pieces at once, those of one name in the order in which they were given.

    What still runs at the end of the block is cancelled. Work must not raise.
    """

    def __init__(self, at_once: int) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._latest: dict[Hashable, asyncio.Task[None]] = {}

    async def __aenter__(self) -> "Turns":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        running = list(self._latest.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def give(self, name: Hashable, work: Callable[[], Awaitable[None]]) -> None:
        """Begin a piece of work as soon as one may begin."""
        await self._free.acquire()
        before = self._latest.get(name)
        task = self._latest[name] = asyncio.ensure_future(self._run(before, work))
        task.add_done_callback(lambda _task: self._ended(name, task))

    async def _run(self, before: "asyncio.Task[None] | None", work: Callable[[], Awaitable[None]]) -> None:
        if before is not None:
            await asyncio.wait({before})
        await work()

    def _ended(self, name: Hashable, task: "asyncio.Task[None]") -> None:
        self._free.release()
        if self._latest.get(name) is task:
            del self._latest[name]
