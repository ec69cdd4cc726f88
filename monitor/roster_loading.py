"""Loads a roster: everything is checked first, then what is new or changed is published."""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, NamedTuple

import msgspec

from streams import roster_topic
from streams.errors import UnusableError
from streams.publishing import Outgoing, Publisher, PublishError
from streams.roster import Line
from streams.roster_files import RosterFault, read_roster
from streams.roster_history import published_lines
from streams.roster_lines import read_line
from streams.secrets import Keys
from streams.topics import ROSTER

_BATCH = 2000
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Line).decode


class _Latest(NamedTuple):
    """What the latest line of a household in the file says."""

    as_of: int
    lacks_consent: bool


@dataclass
class Draft:
    """A roster file that has been checked; its good lines wait in a file until they are published.

    Households stand in it by the hash of their ids, so that a province's fit into memory.
    """

    spool: IO[bytes]
    households: dict[int, _Latest] = field(default_factory=dict)
    faulty: set[int] = field(default_factory=set)
    faults: int = 0
    _read: int = 0
    _last: dict[int, int] = field(default_factory=dict)
    """By the hash of a line's key, which of the good lines says the last word under it."""

    def take(self, line: Line, today: int) -> None:
        """Let a good line wait. Consent counts as of today."""
        key = hash(line.household_id)
        known = self.households.get(key)
        if known is None or known.as_of <= line.as_of:
            lacks = line.active and (line.consent_until is None or line.consent_until < today)
            self.households[key] = _Latest(line.as_of, lacks)
        self._last[hash(roster_topic.message(line).key)] = self._read
        self._read += 1
        data = _encode(line)
        self.spool.write(len(data).to_bytes(4, "big") + data)

    def lines(self) -> Iterator[Line]:
        """The good lines in the order of the file, but for those that a later line for the same day replaces."""
        self.spool.seek(0)
        last = set(self._last.values())
        for number in range(self._read):
            line = _decode(self.spool.read(int.from_bytes(self.spool.read(4), "big")))
            if number in last:
                yield line

    @property
    def as_of(self) -> int:
        """The day as of which the roster is meant: its latest line's."""
        return max(latest.as_of for latest in self.households.values())

    @property
    def without_consent(self) -> int:
        """Active households whose changes will not be read."""
        return sum(latest.lacks_consent for latest in self.households.values())


@contextmanager
def checked(path: Path, keys: Keys, today: int, report: Callable[[RosterFault], object]) -> Iterator[Draft]:
    """Check a whole file; `report` hears every fault. Nothing plain is written down. Raises UnusableError."""
    with tempfile.TemporaryFile() as spool:
        draft = Draft(spool)

        def fault(found: RosterFault) -> None:
            draft.faults += 1
            draft.faulty.add(found.household)
            report(found)

        for line in read_roster(path, keys, fault):
            draft.take(line, today)
        if not draft.households:
            raise UnusableError(f"{path}: holds no household that can be used")
        yield draft


class Known(NamedTuple):
    """What is on the roster already: hashes of lines by the hash of their key, and who is absent from the file."""

    lines: Mapping[int, int]
    absent: list[Line]


def known(kafka: str, draft: Draft, keys: Keys) -> Known:
    """Read the roster as it is published. Absent are active households that the file does not name.

    One that has a later line than the file was made for is not absent: the file could not know it.
    """
    lines: dict[int, int] = {}
    others: dict[str, Line] = {}
    for key, value in published_lines(kafka):
        lines[hash(key)] = hash(value)
        household_id = key.rpartition("/")[0]
        if hash(household_id) not in draft.households:
            with suppress(ValueError):  # no household: enrolment has refused it
                line = read_line(value, keys)
                if household_id not in others or others[household_id].as_of <= line.as_of:
                    others[household_id] = line
    absent = [line for line in others.values() if line.active and line.as_of <= draft.as_of]
    return Known(lines, absent)


def endings(absent: list[Line], as_of: int) -> list[Line]:
    """Lines that say that households have left as of a day."""
    return [msgspec.structs.replace(line, programs=(), as_of=as_of) for line in absent]


async def publish(publisher: Publisher, lines: Iterator[Line], known: Mapping[int, int]) -> tuple[int, int]:
    """Publish the lines that say something new; how many were published, and how many were known already."""
    published = same = 0
    batch: list[Outgoing] = []
    for line in lines:
        message = roster_topic.message(line)
        if known.get(hash(message.key)) == hash(message.value):
            same += 1
            continue
        batch.append(message)
        if len(batch) == _BATCH:
            published += await _send(publisher, batch, published)
            batch = []
    return published + await _send(publisher, batch, published), same


async def _send(publisher: Publisher, batch: list[Outgoing], before: int) -> int:
    try:
        await publisher.publish(batch)
    except PublishError as error:
        raise UnusableError(
            f"{ROSTER}: the broker did not take the lines after the first {before} ({error}); run it again"
        ) from error
    return len(batch)
