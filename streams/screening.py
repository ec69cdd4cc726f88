"""Screening: which households does a change concern? Sees everybody, lets pass what concerns somebody on the roster.

A batch goes through three steps, with a question to the store before the second and the third:

1. `suspects`: who in the batch may be on the roster;
2. `screen`: the changes of those who are, each with the households concerned; the others leave no trace;
3. `deliveries`: what each household must learn, also of another version of the same event.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

import msgspec

from streams.batches import Batch
from streams.changes import Change
from streams.ledger import Reveal, alters
from streams.messages import Matched
from streams.roster_filter import RosterFilter
from streams.secrets import Keys


class Home(NamedTuple):
    """A household that lists a person on any of its lines, and its county: six digits of its earliest line's region."""

    household_id: str
    county: str


class Match(NamedTuple):
    """A change that concerns households, and the number of its record in the batch."""

    record: int
    change: Change
    homes: tuple[Home, ...]


class Found(NamedTuple):
    """The households of some persons, none for a stranger, and how far the roster had been applied by then.

    `applied` has the offset by partition: it had been reached before the persons were looked up, and still was after.
    """

    homes: Sequence[Sequence[Home]]
    applied: Mapping[int, int]


class Held(NamedTuple):
    """What is known of an event: all households that were told of it, all versions that stood or may stand."""

    homes: frozenset[Home]
    versions: tuple[Change, ...]


class Delivery(NamedTuple):
    """A message for one household and the county by which its partition is chosen."""

    message: Matched
    county: str


class Origin(NamedTuple):
    """Where a record came from: an id to follow it by, and the instant at which its department published it."""

    correlation_id: str
    published_at: int


class RosterStore(Protocol):
    """What screening asks of the live store. Both calls may be repeated after a failure.

    `hold_events` adds each event's homes and version to what is known of it, then gives all that is known of it,
    the added included, in one atomic step an event: of two workers that add at once, one at least sees both. Events are
    kept for as long as a ledger keeps its records. Versions hold sealed text and pseudonyms only.
    """

    async def homes(self, persons: Sequence[str], topic: str) -> Found:
        """The households of each person; `topic` is the roster's."""

    async def hold_events(self, events: Sequence[tuple[str, Match]]) -> Sequence[Held]:
        """Add matches under their `event_key`, and give what is known of these events now."""

    async def drop_versions(self, versions: Sequence[tuple[str, Change]]) -> None:
        """Forget versions of events that others have replaced; the homes stay."""


def suspects(batch: Batch, roster_filter: RosterFilter | None) -> dict[str, list[int]]:
    """The persons of a batch who may be on the roster, each with the records that name them."""
    owners = batch.owners
    likely: Iterable[int] = range(len(owners))
    if roster_filter is not None:
        likely = roster_filter.likely(batch.digests).nonzero()[0].tolist()
    found: dict[str, list[int]] = {}
    for person in likely:
        found.setdefault(batch.pseudonym(person), []).append(int(owners[person]))
    return found


def screen(batch: Batch, named: Mapping[str, list[int]], homes: Mapping[str, Sequence[Home]]) -> list[Match]:
    """The changes that concern somebody's household, in the order of the batch.

    `named` is what `suspects` gave; `homes` the households of those persons who have any.
    """
    records = sorted({record for person, records in named.items() if homes.get(person) for record in records})
    found = []
    for record in records:
        change = batch.change(record)
        concerned = dict.fromkeys(home for person in change.persons for home in homes.get(person, ()))
        found.append(Match(record, change, tuple(concerned)))
    return found


def event_key(change: Change, keys: Keys) -> str:
    """The key under which an event is held; empty for one whose id was derived, which has a single version only."""
    return "" if change.derived else keys.id("held event", change.feed, change.event_id)


def deliveries(
    match: Match, held: Held | None, origin: Callable[[int], Origin], reveal: Reveal
) -> tuple[list[Delivery], list[Change]]:
    """The messages that a match makes, and the versions of its event that nobody needs any more.

    `held` is what the store knows of the event, the match included. A household that was told of another version
    learns this one, and the households of this one learn the version that stands, so that whatever the order of
    arrival everybody ends with the latest. Which one stands is the ledger's to say, here as there.
    """
    homes = dict.fromkeys(match.homes)
    told: list[tuple[Home, Change]] = []
    stale: list[Change] = []
    if held is None:
        told += [(home, match.change) for home in homes]
    else:
        homes |= dict.fromkeys(sorted(held.homes))
        standing = standing_version(held.versions, reveal)
        told += [(home, match.change) for home in homes]
        if standing != match.change:
            told += [(home, standing) for home in match.homes]
        stale += [version for version in held.versions if version != standing]
    correlation_id, published_at = origin(match.record)
    return [
        Delivery(
            Matched(
                household_id=home.household_id, change=change, correlation_id=correlation_id, published_at=published_at
            ),
            home.county,
        )
        for home, change in told
    ], stale


def standing_version(versions: Sequence[Change], reveal: Reveal) -> Change:
    """Of all versions of one event the one that decides: its retraction, else the one that stands.

    Where none may be judged, any will do.
    """
    if len(versions) == 1:
        return versions[0]
    standing: Change | None = None
    for version in versions:
        if version.op == "retract":
            return version
        if alters(version, standing, retracted=False, reveal=reveal):
            standing = version
    return versions[0] if standing is None else standing


class EventMemory:
    """The events held in memory, for a replay: no other worker can come in between, so one version is enough."""

    def __init__(self, reveal: Reveal) -> None:
        self._reveal = reveal
        self._held: dict[str, tuple[frozenset[Home], bytes]] = {}

    def hold(self, key: str, match: Match) -> Held:
        """Add a match to what is known of its event, and give all that is known."""
        before = self._held.get(key)
        homes = frozenset(match.homes)
        versions = [match.change]
        if before is not None:
            homes |= before[0]
            versions.append(_decode(before[1]))
        standing = standing_version(versions, self._reveal)
        self._held[key] = (homes, _encode(standing))
        return Held(homes, tuple(versions))


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Change).decode
