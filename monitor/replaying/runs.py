"""Matches wait on disk until everything is screened, so that memory does not grow with the number of events.

Each `Run` is sorted; merging them gives all matches in the order in which the sources reported, whatever the order in
the files.
"""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from streams.changes import Change
from streams.screening import Home, Match, event_key
from streams.secrets import Keys

_RUN_LENGTH = 20_000
_READ_AT_ONCE = 1 << 16
_FINGERPRINT_BYTES = 8


class Waiting(msgspec.Struct, frozen=True, array_like=True, order=True, gc=False):
    """A match as it waits. The fields' order is the order of replay; the last ones settle ties by content.

    `event` is the event's fingerprint, empty where it can have no other version.
    """

    reported_at: int
    feed: str
    event_id: str
    change: bytes
    homes: tuple[Home, ...]
    event: bytes

    @classmethod
    def of(cls, match: Match, keys: Keys) -> "Waiting":
        """Put a match into the form in which it waits."""
        change, key = match.change, event_key(match.change, keys)
        homes, event = tuple(sorted(match.homes)), fingerprint(key) if key else b""
        return cls(change.reported_at, change.feed, change.event_id, _encode(change), homes, event)

    def match(self) -> Match:
        """The match itself."""
        return Match(0, _decode_change(self.change), self.homes)


class Runs:
    """Writes matches to files of a folder, each a sorted run; `name` keeps those of several writers apart."""

    def __init__(self, folder: Path, name: str, keys: Keys) -> None:
        self._folder = folder
        self._name = name
        self._keys = keys
        self._waiting: list[Waiting] = []
        self.paths: list[Path] = []
        self.fingerprints = Fingerprints(folder / f"{name}.events")
        """Which events the matches are versions of."""

    def add(self, matches: Iterable[Match]) -> None:
        """Let matches wait."""
        added = [Waiting.of(match, self._keys) for match in matches]
        self.fingerprints.add(waiting.event for waiting in added)
        self._waiting.extend(added)
        if len(self._waiting) >= _RUN_LENGTH:
            self.flush()

    def flush(self) -> None:
        """Write what is not yet written."""
        if not self._waiting:
            return
        path = self._folder / f"{self._name}-{len(self.paths)}.run"
        self._waiting.sort()
        with path.open("wb") as file:
            for waiting in self._waiting:
                data = _encode(waiting)
                file.write(len(data).to_bytes(4, "big"))
                file.write(data)
        self.paths.append(path)
        self._waiting = []


def merged(paths: Sequence[Path]) -> Iterator[Waiting]:
    """All matches of the runs in the order of replay."""
    return heapq.merge(*(_read(path) for path in paths))


def _read(path: Path) -> Iterator[Waiting]:
    with path.open("rb", buffering=_READ_AT_ONCE) as file:
        while length := file.read(4):
            yield _decode(file.read(int.from_bytes(length, "big")))


def fingerprint(key: str) -> bytes:
    """8 bytes that stand for an event's key; two events that share them by chance cost a little memory only."""
    return blake2b(key.encode(), digest_size=_FINGERPRINT_BYTES).digest()


class Fingerprints:
    """Which events have more than one version: counted by 8 bytes of a hash each, in a file until all are known."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, digests: Iterable[bytes]) -> None:
        """Note one version of each of these events."""
        with self.path.open("ab") as file:
            file.write(b"".join(digests))


def repeated(paths: Iterable[Path]) -> frozenset[bytes]:
    """The fingerprints that were noted more than once."""
    noted: NDArray[np.uint64] = np.concatenate(
        [np.zeros(0, dtype=np.uint64), *(np.fromfile(path, dtype=np.uint64) for path in paths if path.exists())]
    )
    values, counts = np.unique(noted, return_counts=True)
    return frozenset(value.tobytes() for value in values[counts > 1])


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Waiting).decode
_decode_change = msgspec.msgpack.Decoder(Change).decode
