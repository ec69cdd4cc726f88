"""The gate before screening: lets a batch pass when the roster of its time has been applied."""

import asyncio
import math
from collections.abc import Callable

from streams.publishing import PublishError
from streams.roster_reader import RosterReader

_WAIT_FIRST, _WAIT_LONGEST = 0.005, 0.1
_STANDS_STILL = 10.0
"""After so many seconds without a record a reader that has not come to the end stands still."""


class RosterGate:
    """Holds changes back until every earlier roster record has been applied.

    `clock` gives seconds that only grow, the same as `Fetched.received`. Dates are not asked: with a clock a day ahead,
    of this machine or of a department's, new households would look like strangers for that day.
    """

    def __init__(self, reader: RosterReader, clock: Callable[[], float]) -> None:
        self._reader = reader
        self._clock = clock
        self._asked = -math.inf
        self._asking = asyncio.Lock()
        """Of several batches that wait one asks, and for most of the others its answer will do."""

    async def seen(self, received: float) -> None:
        """Wait until the roster's records from before changes that were received then have been seen here.

        So the filter has them. What had come before the topic's end was asked for last needs no other answer. Raises
        PublishError if the topic is not read any further.
        """
        async with self._asking:
            if received >= self._asked:
                await self._ask()

    async def _ask(self) -> None:
        asked = self._clock()
        ends = await self._reader.ends()
        wait, progress, since = _WAIT_FIRST, self._reader.progress, asked
        while not self._reader.reached(ends):
            await asyncio.sleep(wait)
            wait = min(_WAIT_LONGEST, 2 * wait)
            if self._reader.progress != progress:
                progress, since = self._reader.progress, self._clock()
            elif self._clock() - since > _STANDS_STILL:
                self._reader.renew()
                raise PublishError("the roster's topic is not read any further")
        self._asked = asked
