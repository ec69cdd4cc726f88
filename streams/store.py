"""What the live service keeps between records, behind one small protocol: Redis in service, memory in tests.

Values that several workers could write, because one of them has stalled and does not know yet that it lost its
partition, carry a version: a value is saved only over the version that it was made from.
"""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import NamedTuple, Protocol

import msgspec

from streams.changes import Change
from streams.packing import pack, unpack
from streams.roster import Membership
from streams.screening import Held, Home, Match, RosterStore


class EmptyStoreError(Exception):
    """The store holds nothing, not even its marker: what it held is lost, and no member may look like a stranger."""


class Versioned(NamedTuple):
    """A value and its version; version 0 is a value that does not exist."""

    version: int
    data: bytes


class Saving(NamedTuple):
    """A value to be saved over the version that it was made from."""

    key: str
    over: int
    data: bytes


class Place(NamedTuple):
    """A person's place in a household, as the person index holds it. `version` is that of the household's value."""

    county: str
    version: int
    memberships: tuple[Membership, ...]


class Listing(NamedTuple):
    """An entry for the person index."""

    person: str
    household_id: str
    place: Place


class Part(NamedTuple):
    """What is kept of a partition of the messages about households.

    `applied` is the offset after the last message whose effect is in `values`; `unsent` what the messages up to it
    have left to be published; `renewals` how often values were sealed anew since, in place and by somebody else.
    """

    applied: int
    unsent: bytes
    values: list[bytes]
    renewals: int = 0


class Store(RosterStore, Protocol):
    """What the live service keeps. Every call may be repeated after a failure; lookups raise EmptyStoreError."""

    async def load(self, keys: Sequence[str]) -> list[Versioned]:
        """The values of keys."""

    async def save(self, changes: Sequence[Saving]) -> list[bool]:
        """Save each value whose version is still the one it was made from; whether it was."""

    async def places(self, persons: Sequence[str]) -> list[dict[str, Place]]:
        """For each person, the places by household."""

    async def list_persons(self, listings: Sequence[Listing]) -> None:
        """Write entries of the person index, none over a newer one."""

    async def load_part(self, part: int, names: Sequence[str]) -> Part:
        """A partition's progress and some of its values, empty ones where there are none."""

    async def save_part(self, part: int, over: Part, applied: int, unsent: bytes, values: Mapping[str, bytes]) -> bool:
        """Save progress and values in one step, if nobody saved or renewed any since `over` was loaded; whether so."""

    async def sent(self, part: int, applied: int) -> None:
        """What was left to be published up to here has been; nothing is done if the progress is another by now."""

    async def applied(self, topic: str) -> dict[int, int]:
        """By partition, the offset after the last record whose effect is kept."""

    async def set_applied(self, topic: str, offsets: Mapping[int, int]) -> None:
        """Say that all records before these offsets have been applied; never goes back."""

    async def mark(self, partitions: int = 0) -> None:
        """Set the marker by which a store that lost everything is told from one that holds nothing yet.

        `partitions` are those of the messages about households, by which its parts are numbered.
        """

    async def partitions(self) -> int:
        """The partitions with which the store was marked; 0 where none were given."""

    async def close(self) -> None:
        """Let go of all connections."""


_encode = msgspec.msgpack.Encoder().encode
_decode_place = msgspec.msgpack.Decoder(list[tuple[int, int, tuple[str, ...], bool, bool]]).decode
_decode_change = msgspec.msgpack.Decoder(Change).decode


def pack_place(place: Place) -> bytes:
    """A place as the index holds it: version, county, memberships."""
    rows = [(one.as_of, one.version, one.programs, one.listed, one.co_resident) for one in place.memberships]
    return place.version.to_bytes(8, "big") + place.county.encode("ascii").ljust(6) + _encode(rows)


def unpack_place(data: bytes) -> Place:
    """A place from its packed form."""
    memberships = tuple(
        Membership(as_of=as_of, version=version, programs=programs, listed=listed, co_resident=co_resident)
        for as_of, version, programs, listed, co_resident in _decode_place(data[14:])
    )
    return Place(packed_county(data), int.from_bytes(data[:8], "big"), memberships)


def packed_county(data: bytes) -> str:
    """The county alone, which is all that screening needs."""
    return data[8:14].decode("ascii").rstrip()


HOME, VERSION = b"h", b"v"
"""What the fields of a held event begin with."""


def event_fields(match: Match) -> dict[bytes, bytes]:
    """What a match adds to its event."""
    fields = {HOME + home.household_id.encode(): home.county.encode() for home in match.homes}
    encoded = _encode(match.change)
    fields[_field(encoded)] = pack(encoded)
    return fields


def version_field(change: Change) -> bytes:
    """The field of a version; equal versions have the same one."""
    return _field(_encode(change))


def _field(encoded: bytes) -> bytes:
    return VERSION + blake2b(encoded, digest_size=9).digest()


def held(fields: Mapping[bytes, bytes]) -> Held:
    """An event from its fields; versions in a fixed order, so that every worker decides alike."""
    homes = frozenset(Home(field[1:].decode(), value.decode()) for field, value in fields.items() if field[:1] == HOME)
    versions = tuple(_decode_change(unpack(value)) for field, value in sorted(fields.items()) if field[:1] == VERSION)
    return Held(homes, versions)
