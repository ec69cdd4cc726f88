"""What a batch of messages works on: fetched by name when it is needed, and saved together where it changed."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

from detectors.doubts import Doubts
from detectors.open_hours import OpenHours
from detectors.population import Population
from monitor.assessment import Assessor
from monitor.feed_alerts import FeedDesk
from monitor.household import HouseholdState

DOUBTS, FEEDS, _OPEN = "doubts", "feeds", "feeds-open"

_TOGETHER = 500
"""States fetched at once: some megabytes in one answer of Redis."""

Fetch = Callable[[Sequence[str]], Awaitable[Sequence[bytes]]]
"""Gives the partition's values of these names, empty ones where there are none."""


def state_key(household_id: str) -> str:
    """The name under which a household's state is kept."""
    return f"state:{household_id}"


class Batch:
    """States and models by the names under which a partition keeps them. `kept` is what was fetched already."""

    def __init__(
        self, assessor: Assessor, identify: Callable[..., str], fetch: Fetch, kept: Mapping[str, bytes]
    ) -> None:
        self._assessor = assessor
        self._identify = identify
        self._fetch = fetch
        self._kept = dict(kept)
        self._states: dict[str, HouseholdState] = {}
        self.populations: dict[str, Population] = {}
        self._doubts: Doubts | None = None
        self._desk: FeedDesk | None = None
        self._open: OpenHours | None = None

    async def state(self, household_id: str) -> HouseholdState:
        """The household's state."""
        name = state_key(household_id)
        if name not in self._states:
            await self._want([name])
            self._states[name] = self._assessor.load(self._kept[name])
        return self._states[name]

    async def states(self, household_ids: Sequence[str]) -> AsyncIterator[tuple[str, HouseholdState]]:
        """The states of many households, fetched some hundreds at a time."""
        for start in range(0, len(household_ids), _TOGETHER):
            some = household_ids[start : start + _TOGETHER]
            await self._want([state_key(household_id) for household_id in some])
            for household_id in some:
                yield household_id, await self.state(household_id)

    async def population(self, county: str) -> Population | None:
        """The county's models; none before any line says which county it is."""
        if not county:
            return None
        name = f"population:{county}"
        if name not in self.populations:
            await self._want([name])
            self.populations[name] = Population.decode(self._kept[name], await self.doubts())
        return self.populations[name]

    async def doubts(self) -> Doubts:
        """The feeds in doubt."""
        if self._doubts is None:
            await self._want([DOUBTS])
            self._doubts = Doubts.decode(self._kept[DOUBTS])
        return self._doubts

    async def open_hours(self) -> OpenHours:
        """The feeds' hours that are not over yet."""
        if self._open is None:
            await self._want([_OPEN])
            self._open = OpenHours.decode(self._kept[_OPEN])
        return self._open

    async def desk(self) -> FeedDesk:
        """The watch over the feeds."""
        if self._desk is None:
            await self._want([FEEDS])
            self._desk = FeedDesk(self._assessor.online.detectors, self._identify)
            self._desk.restore(self._kept[FEEDS])
        return self._desk

    def changed(self) -> dict[str, bytes]:
        """What is otherwise than it was, by name."""
        values = {name: self._assessor.store(state) for name, state in self._states.items()}
        values |= {name: population.encode() for name, population in self.populations.items()}
        if self._doubts is not None:
            values[DOUBTS] = self._doubts.encode()
        if self._desk is not None:
            values[FEEDS] = self._desk.encode()
        if self._open is not None:
            values[_OPEN] = self._open.encode()
        return {name: data for name, data in values.items() if data != self._kept[name]}

    async def _want(self, names: Sequence[str]) -> None:
        missing = [name for name in names if name not in self._kept]
        if missing:
            self._kept |= dict(zip(missing, await self._fetch(missing), strict=True))
