"""Outages: what may heal is tried again for as long as it takes; what cannot is not."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from redis.exceptions import RedisError

from streams.publishing import PublishError
from streams.store import EmptyStoreError

T = TypeVar("T")
HEALING: tuple[type[Exception], ...] = (RedisError, PublishError, EmptyStoreError, OSError, TimeoutError)
"""Errors that say that a service is away, full, or must be repaired; not that what we asked for was wrong."""
_FIRST, _LONGEST = 0.05, 1.0


class Outages(Protocol):
    """Hears what is away and what is back."""

    def away(self, part: str, error: Exception) -> None:
        """A part did not do what it was asked."""

    def back(self, part: str) -> None:
        """A part did what it was asked."""

    def took(self, part: str, seconds: float) -> None:
        """So long it took a part to do what it was asked."""


async def lasting(part: str, action: Callable[[], Awaitable[T]], outages: Outages) -> T:
    """Do it until it is done; waits between the tries grow to a second, so that work goes on soon after an outage."""
    wait = _FIRST
    clock = asyncio.get_running_loop().time
    while True:
        began = clock()
        try:
            done = await action()
        except HEALING as error:
            outages.away(part, error)
            await asyncio.sleep(wait)
            wait = min(_LONGEST, 2 * wait)
        else:
            outages.back(part)
            outages.took(part, clock() - began)
            return done
