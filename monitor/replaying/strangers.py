"""Records about persons on no line that correct a record about somebody on one: they undo it (rules.md, fact 4).

Only once everything is screened is it known which of them do. Until then nothing is kept of strangers but hashes of
their events' ids, in files that end with the replay.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from monitor.replaying.runs import Runs
from monitor.replaying.screened import Screened
from streams.batches import Batch
from streams.feed_files import FeedFile
from streams.screening import Match
from streams.secrets import Keys

_NO_EVENT = 0


class EventHashes:
    """The hashes of a file's event ids, in the order of its records: of matches and of strangers' records.

    Hashes of one run only: they differ from one to the next.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._strangers = path.with_suffix(".strangers")

    def add(self, batch: Batch, matched: Iterable[int]) -> None:
        """Take in a batch; `matched` are the numbers of its records that concern the roster."""
        hashes = np.array([hash(name) if name else _NO_EVENT for name in batch.event_ids()], dtype=np.int64)
        known = np.zeros(len(batch), dtype=np.bool_)
        known[list(matched)] = True
        _append(self.path, hashes[known])
        _append(self._strangers, np.where(known, _NO_EVENT, hashes))

    def matches(self) -> NDArray[np.int64]:
        """Of the matches."""
        return _read(self.path)

    def among(self, wanted: NDArray[np.int64]) -> NDArray[np.int64]:
        """The numbers of the strangers' records whose event is one of the wanted, counted through the file."""
        strangers = _read(self._strangers)
        return np.flatnonzero(np.isin(strangers, wanted[wanted != _NO_EVENT]))


def with_corrections(
    screened: Sequence[Screened], files: Sequence[FeedFile], keys: Keys, clock: int, folder: Path
) -> list[Screened]:
    """What was screened, each file with the corrections that name strangers among its runs."""
    matches: dict[str, list[NDArray[np.int64]]] = defaultdict(list)
    for done, file in zip(screened, files, strict=True):
        matches[file.feed].append(EventHashes(done.events_seen).matches())
    found = []
    for number, (done, file) in enumerate(zip(screened, files, strict=True)):
        wanted = np.unique(np.concatenate(matches[file.feed]))
        records = EventHashes(done.events_seen).among(wanted)
        if len(records):
            runs = Runs(folder, f"{number:03d}-strangers", keys)
            runs.add(_corrections(file, records, keys, clock))
            runs.flush()
            fingerprints = [*done.fingerprints, runs.fingerprints.path]
            done = replace(done, runs=[*done.runs, *runs.paths], fingerprints=fingerprints)
        found.append(done)
    return found


def _corrections(file: FeedFile, records: NDArray[np.int64], keys: Keys, clock: int) -> Iterator[Match]:
    """Records of a file by number, as matches that concern nobody by themselves."""
    before = 0
    for piece in file.pieces(keys, clock):
        until = before + len(piece.batch)
        for record in records[np.searchsorted(records, before) : np.searchsorted(records, until)].tolist():
            match = Match(record, piece.batch.change(record - before), ())
            if not match.change.derived:
                yield match
        before = until


def _append(path: Path, numbers: NDArray[np.int64]) -> None:
    with path.open("ab") as file:
        numbers.tofile(file)


def _read(path: Path) -> NDArray[np.int64]:
    return np.fromfile(path, dtype=np.int64) if path.exists() else np.zeros(0, dtype=np.int64)
