"""The gate before screening: lets a batch pass when the roster of its time has been applied."""

import asyncio
from collections.abc import Callable

from streams.roster_reader import RosterReader
from streams.store import Store
from streams.topics import ROSTER

_WAIT_FIRST, _WAIT_LONGEST = 0.005, 0.1


class RosterGate:
    """Holds changes back until every earlier roster record has been applied. `clock` gives the present instant."""

    def __init__(self, reader: RosterReader, store: Store, clock: Callable[[], int]) -> None:
        self._reader = reader
        self._store = store
        self._clock = clock
        self._seen_until = 0

    async def seen(self, newest: int) -> None:
        """Wait until the roster's records from before an instant have been seen here, so that the filter has them."""
        if newest < self._seen_until:
            return
        asked = self._clock()
        ends = await self._reader.ends()
        wait = _WAIT_FIRST
        while not self._reader.reached(ends):
            await asyncio.sleep(wait)
            wait = min(_WAIT_LONGEST, 2 * wait)
        self._seen_until = asked

    async def applied(self) -> bool:
        """Whether all that was seen has been applied; asked after the lookups, it holds for them too."""
        applied = await self._store.applied(ROSTER)
        return all(applied.get(partition, 0) >= offset for partition, offset in dict(self._reader.last).items())
