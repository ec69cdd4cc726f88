"""A batch of records of one feed, checked: who is named in it, what is refused, and each record when it is asked for.

Most records are about strangers and are dropped a moment later. So a batch is checked by columns, and a record is
built only when somebody asks for it.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from streams.changes import Change, Rejection
from streams.checking import Record, check
from streams.concealing import conceal
from streams.quick_check import Column, usual_rows
from streams.secrets import DIGEST_BYTES, Keys, pseudonym_text

Reader = Callable[[int], Mapping[str, Any] | None]
"""Gives the fields of one record of the batch, None if it cannot be decoded."""


class Refused(NamedTuple):
    """A record of the batch that was refused."""

    record: int
    rejection: Rejection


class Batch:
    """The checked records of a batch, numbered from 0 in the order in which they came.

    `digests` holds the pseudonyms of all persons whom the accepted records name, as rows of two numbers; `owners`
    says which record each belongs to. `columns` are the fields as they were given, None where they were absent or
    the record had to be read by the exact check.
    """

    def __init__(
        self, feed: str, columns: Mapping[str, Column], clocks: NDArray[np.int64], read: Reader, keys: Keys
    ) -> None:
        """Check the records. `clocks` is the clock of each; a record that `columns` lack is read by `read`."""
        self.feed = feed
        self.columns = columns
        self.refused: list[Refused] = []
        self._clocks = clocks
        self._read = read
        self._keys = keys
        self._exact: dict[int, Record] = {}
        usual = usual_rows(feed, columns, clocks)
        self.reported_at = usual.reported_at
        owners, numbers = usual.rows, usual.numbers
        if not usual.mask.all():
            odd = np.flatnonzero(~usual.mask).tolist()
            more = [(record, number) for record in odd for number in self._read_exactly(record)]
            owners = np.concatenate([owners, np.array([record for record, _ in more], dtype=np.int64)])
            numbers += [number for _, number in more]
        self.owners = owners
        self.digests = np.frombuffer(b"".join(keys.digests(numbers)), dtype=np.uint64).reshape(-1, DIGEST_BYTES // 8)

    def __len__(self) -> int:
        """The number of records, refused ones included."""
        return len(self._clocks)

    def pseudonym(self, person: int) -> str:
        """The pseudonym of a row of `digests`."""
        return pseudonym_text(self.digests[person].tobytes())

    def record(self, record: int) -> Record:
        """An accepted record in the plain; it must not leave the process. Raises KeyError for a refused one."""
        if record not in self._exact:
            self._read_exactly(record)
        return self._exact[record]

    def event_ids(self) -> list[str]:
        """The `event_id` of each record as its source gave it; empty where it gave none or the record is refused."""
        found = [
            name.strip() if name.__class__ is str else "" for name in self.columns.get("event_id") or [None] * len(self)
        ]
        for number, record in self._exact.items():
            found[number] = record.event_id
        for number, _ in self.refused:
            found[number] = ""
        return found

    def change(self, record: int) -> Change:
        """The change of a record that concerns the roster, pseudonymised and sealed. Strangers' must not be made."""
        return conceal(self.record(record), self._keys)

    def _read_exactly(self, record: int) -> tuple[str, ...]:
        """Keep the record, or why it is refused; gives the identity numbers that it names."""
        given = self._read(record)
        found: Record | Rejection = Rejection(feed=self.feed, reason="undecodable")
        if given is not None:
            found = check(self.feed, given, int(self._clocks[record]))
        if isinstance(found, Rejection):
            self.refused.append(Refused(record, found))
            return ()
        self._exact[record] = found
        self.reported_at[record] = found.reported_at
        return found.numbers
