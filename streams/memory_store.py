"""The store in memory: for tests, with the same behaviour as Redis's."""

from collections.abc import Mapping, Sequence

from streams.changes import Change
from streams.screening import Found, Held, Home, Match
from streams.store import (
    EmptyStoreError,
    Listing,
    Part,
    Place,
    Saving,
    Versioned,
    event_fields,
    held,
    pack_place,
    packed_county,
    unpack_place,
    version_field,
)


class MemoryStore:
    """A store that forgets everything with its process."""

    def __init__(self) -> None:
        self._values: dict[str, Versioned] = {}
        self._persons: dict[str, dict[str, bytes]] = {}
        self._events: dict[str, dict[bytes, bytes]] = {}
        self._parts: dict[int, tuple[int, bytes]] = {}
        self._part_values: dict[tuple[int, str], bytes] = {}
        self._applied: dict[str, dict[int, int]] = {}
        self._marked = False
        self._partitions = 0

    def kept(self) -> dict[str, bytes]:
        """All values by name: the callers' own and the partitions'."""
        parts = {name: data for (_, name), data in self._part_values.items()}
        return {name: versioned.data for name, versioned in self._values.items()} | parts

    def _check(self) -> None:
        if not self._marked:
            raise EmptyStoreError

    async def homes(self, persons: Sequence[str], topic: str) -> Found:
        self._check()
        homes = [
            [Home(household, packed_county(data)) for household, data in self._persons.get(person, {}).items()]
            for person in persons
        ]
        return Found(homes, dict(self._applied.get(topic, {})))

    async def hold_events(self, events: Sequence[tuple[str, Match]]) -> list[Held]:
        found = []
        for key, match in events:
            fields = self._events.setdefault(key, {})
            fields.update(event_fields(match))
            found.append(held(fields))
        return found

    async def drop_versions(self, versions: Sequence[tuple[str, Change]]) -> None:
        for key, change in versions:
            self._events.get(key, {}).pop(version_field(change), None)

    async def load(self, keys: Sequence[str]) -> list[Versioned]:
        self._check()
        return [self._values.get(key, Versioned(0, b"")) for key in keys]

    async def save(self, changes: Sequence[Saving]) -> list[bool]:
        saved = []
        for key, over, data in changes:
            fits = self._values.get(key, Versioned(0, b"")).version == over
            if fits:
                self._values[key] = Versioned(over + 1, data)
            saved.append(fits)
        return saved

    async def places(self, persons: Sequence[str]) -> list[dict[str, Place]]:
        self._check()
        return [
            {household: unpack_place(data) for household, data in self._persons.get(person, {}).items()}
            for person in persons
        ]

    async def list_persons(self, listings: Sequence[Listing]) -> None:
        for person, household, place in listings:
            data = pack_place(place)
            places = self._persons.setdefault(person, {})
            if places.get(household, b"")[:8] <= data[:8]:
                places[household] = data

    async def load_part(self, part: int, names: Sequence[str]) -> Part:
        self._check()
        applied, unsent = self._parts.get(part, (0, b""))
        return Part(applied, unsent, [self._part_values.get((part, name), b"") for name in names])

    async def save_part(self, part: int, over: Part, applied: int, unsent: bytes, values: Mapping[str, bytes]) -> bool:
        if self._parts.get(part, (0, b""))[0] != over.applied:
            return False
        self._parts[part] = (applied, unsent)
        self._part_values.update({(part, name): data for name, data in values.items()})
        return True

    async def sent(self, part: int, applied: int) -> None:
        if self._parts.get(part, (0, b""))[0] == applied:
            self._parts[part] = (applied, b"")

    async def applied(self, topic: str) -> dict[int, int]:
        self._check()
        return dict(self._applied.get(topic, {}))

    async def set_applied(self, topic: str, offsets: Mapping[int, int]) -> None:
        known = self._applied.setdefault(topic, {})
        for partition, offset in offsets.items():
            known[partition] = max(offset, known.get(partition, 0))

    async def mark(self, partitions: int = 0) -> None:
        self._marked = True
        self._partitions = partitions

    async def partitions(self) -> int:
        self._check()
        return self._partitions

    async def close(self) -> None:
        """Nothing is held open."""
