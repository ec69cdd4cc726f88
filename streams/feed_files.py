"""Departments' files: `<feed>.csv`, `.jsonl`, `.xlsx` or `.parquet`, checked like what comes through Kafka."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from streams.batches import Batch
from streams.decoding import FeedDecoder, holds_records, read_object
from streams.errors import UnusableError
from streams.feeds import FEEDS, english_headers
from streams.secrets import Keys
from streams.tabular import SUFFIXES, Fault, read_table
from streams.text_files import byte_blocks

_MONTHS = ("period",)
_OTHER_FORMS = frozenset(
    ("xls", "xlsm", "xlsb", "ods", "et", "txt", "tsv", "json", "ndjson", "zip", "csv.gz", "csv.zip", "jsonl.gz")
)


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """A row of a file that was refused; `line` is the row's number in a sheet or a Parquet file."""

    feed: str
    file: str
    line: int
    field: str
    reason: str


class Piece:
    """Some rows of a file, checked; `lines` gives the line of each record of `batch`.

    `bytes_read` is how much of the file has been read so far.
    """

    def __init__(
        self, file: "FeedFile", batch: Batch, lines: Sequence[int], faults: Sequence[Fault], bytes_read: int
    ) -> None:
        """`faults` are the rows that are no records of the batch at all."""
        self.batch = batch
        self.lines = lines
        self.bytes_read = bytes_read
        self._file = file
        self._faults = faults

    def __len__(self) -> int:
        """The rows read, refused ones included."""
        return len(self.batch) + len(self._faults)

    def refused(self) -> list[Refusal]:
        """The rows that were refused, by line."""
        refused: list[tuple[int, str, str]] = [(fault.line, "", fault.reason) for fault in self._faults]
        refused += [(self.lines[record], found.field, found.reason) for record, found in self.batch.refused]
        feed, name = self._file.feed, self._file.path.name
        return [Refusal(feed=feed, file=name, line=line, field=f, reason=r) for line, f, r in sorted(refused)]


class FeedFile(NamedTuple):
    """A file and the feed whose records it holds."""

    feed: str
    path: Path

    def pieces(self, keys: Keys, clock: int) -> Iterator[Piece]:
        """Read and check the file in bounded memory; `clock` counts as now. Raises UnusableError."""
        return self._of_json(keys, clock) if self._holds_json else self._of_table(keys, clock)

    def rows(self) -> "Iterator[Row]":
        """The rows of the file as JSON values to be published, unchecked. Raises UnusableError."""
        return self._json_rows() if self._holds_json else self._table_rows()

    @property
    def _holds_json(self) -> bool:
        return self.path.suffix.lower() == ".jsonl"

    def _of_json(self, keys: Keys, clock: int) -> Iterator[Piece]:
        if not self.path.stat().st_size:
            raise UnusableError(f"{self.path}: is empty; remove it if there was nothing to report")
        decoder = FeedDecoder(self.feed, keys)
        for lines, values, read in _numbered(self.path):
            elements, batch = decoder.decode(values, [clock] * len(values))
            if elements.places is not None:
                lines = [lines[position] for position, _ in elements.places]
            yield Piece(self, batch, lines, [], read)

    def _of_table(self, keys: Keys, clock: int) -> Iterator[Piece]:
        for chunk in read_table(self.path, english_headers(self.feed), _MONTHS):
            clocks = np.full(len(chunk.lines), clock, dtype=np.int64)
            batch = Batch(self.feed, chunk.columns, clocks, chunk.row, keys)
            yield Piece(self, batch, chunk.lines, chunk.faults, chunk.read)

    def _json_rows(self) -> "Iterator[Row]":
        for lines, values, _ in _numbered(self.path):
            for line, value in zip(lines, values, strict=True):
                given = read_object(value)
                if given is not None:
                    yield Row(line, value.strip(), str(given.get("id_number", "")))
                elif holds_records(value):
                    yield Row(line, value.strip(), str(line))
                else:
                    yield Row(line, None, reason="undecodable")

    def _table_rows(self) -> "Iterator[Row]":
        for chunk in read_table(self.path, english_headers(self.feed), _MONTHS):
            for record, line in enumerate(chunk.lines):
                given = {name: cell for name, cell in chunk.row(record).items() if cell}
                yield Row(line, msgspec.json.encode(given), given.get("id_number", ""))
            yield from (Row(fault.line, None, reason=fault.reason) for fault in chunk.faults)


class Row(NamedTuple):
    """A row of a file, unchecked: as a JSON value, or None and the reason why it cannot be read as a record.

    `person` is the plain identity number as it was given, to keep one person's records in order; never to be shown.
    """

    line: int
    value: bytes | None
    person: str = ""
    reason: str = ""


def _numbered(path: Path) -> Iterator[tuple[list[int], list[bytes], int]]:
    """The lines of a file that are not blank, and their numbers, in blocks; and how many bytes have been read."""
    start = 1
    for block, read in byte_blocks(path):
        filled = [(line, value) for line, value in enumerate(block, start) if not value.isspace()]
        start += len(block)
        yield [line for line, _ in filled], [value for _, value in filled], read


def find_feed_files(paths: Iterable[Path], feed: str | None = None) -> list[FeedFile]:
    """The files among the paths and in the folders among them, by name.

    The feed is the file's name unless it is given. Raises UnusableError for what is missing or of no known feed.
    """
    found = []
    for path in paths:
        if path.is_dir():
            entries = sorted(entry for entry in path.iterdir() if entry.is_file())
            inside = [entry for entry in entries if entry.suffix.lower() in SUFFIXES]
            _refuse_other_forms(entries)
            if not inside:
                raise UnusableError(f"{path}: holds no file of a feed; expected e.g. deaths.csv")
            found += [_feed_file(entry, feed) for entry in inside]
        elif path.exists():
            found.append(_feed_file(path, feed))
        else:
            raise UnusableError(f"{path}: does not exist")
    return found


def _refuse_other_forms(entries: Iterable[Path]) -> None:
    """A department's deaths must not be passed over because they came as .xls."""
    for entry in entries:
        stem, _, form = entry.name.partition(".")
        if stem in FEEDS and form.lower() in _OTHER_FORMS:
            raise UnusableError(f"{entry}: .{form} is not read; save it as one of {', '.join(SUFFIXES)}")


def _feed_file(path: Path, feed: str | None) -> FeedFile:
    name = feed or path.stem
    if name not in FEEDS:
        raise UnusableError(f"{path}: {name!r} is no feed; name the file after one of {', '.join(FEEDS)}")
    if path.suffix.lower() not in SUFFIXES:
        raise UnusableError(f"{path}: expected one of {', '.join(SUFFIXES)}")
    return FeedFile(name, path)
