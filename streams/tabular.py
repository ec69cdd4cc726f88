"""Tables of departments, in CSV, Excel or Parquet, as columns of text under the names that a feed or roster knows."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pyarrow
import pyarrow.parquet

from streams.csv_files import CsvRow, read_csv
from streams.errors import UnusableError
from streams.text_files import is_text
from streams.xlsx_files import cell_text, read_xlsx

SUFFIXES = (".csv", ".jsonl", ".xlsx", ".parquet")
"""The files that are read; those of JSON Lines are no tables."""
_ROWS = 4096


class Fault(NamedTuple):
    """A row that is no row of its table: other columns than the header, or bytes that are no text."""

    line: int
    reason: Literal["bad_columns", "undecodable"]


class Chunk(NamedTuple):
    """Some rows of a table: for each row its line (or the row's number in the sheet), for each known field a column.

    An empty cell is None or empty text. `read` is how many of the file's bytes have been read so far, about.
    """

    lines: Sequence[int]
    columns: dict[str, Sequence[str | None]]
    faults: list[Fault]
    read: int

    def row(self, record: int) -> dict[str, str | None]:
        """The fields of one row."""
        return {name: column[record] for name, column in self.columns.items()}


def read_table(path: Path, headers: Mapping[str, str], months: Sequence[str] = ()) -> Iterator[Chunk]:
    """Read a table in bounded memory. Raises UnusableError for a file that cannot be used.

    `headers` gives the field's name for each header that counts; columns under other headers are left out. In the
    fields `months` a date of a typed table, which is what spreadsheets make of ``2026-05``, is read as its month.
    """
    match path.suffix.lower():
        case ".csv":
            return _csv(path, headers)
        case ".xlsx":
            return _xlsx(path, headers, months)
        case ".parquet":
            return _parquet(path, headers, months)
        case other:
            raise UnusableError(f"{path}: {other or 'no suffix'}; expected one of {', '.join(SUFFIXES)}")


def _places(path: Path, header: Sequence[str | None], headers: Mapping[str, str]) -> dict[str, int]:
    """Where each known field stands."""
    places: dict[str, int] = {}
    for place, cell in enumerate(header):
        text = (cell or "").strip("\ufeff \t\r\n\u3000")
        name = headers.get(text) or headers.get(text.lower())
        if name in places:
            raise UnusableError(f"{path}: two columns hold {name}; rename or remove one of them")
        if name is not None:
            places[name] = place
    if not places:
        raise UnusableError(f"{path}: no column is known; is the header in the first line?")
    return places


def _chunk(
    rows: Sequence[tuple[int, Sequence[Any]]], places: Mapping[str, int], faults: list[Fault], read: int
) -> Chunk:
    gathered = list(zip(*(cells for _, cells in rows), strict=True))
    columns: dict[str, Sequence[str | None]] = {name: gathered[place] if rows else () for name, place in places.items()}
    return Chunk([line for line, _ in rows], columns, faults, read)


def _csv(path: Path, headers: Mapping[str, str]) -> Iterator[Chunk]:
    places: dict[str, int] = {}
    width = 0
    for rows, read in read_csv(path):
        if not places and rows:
            header = rows[0].cells or []
            if not is_text("".join(header)):
                raise UnusableError(f"{path}: its header is neither UTF-8 nor GB18030")
            places, width, rows = _places(path, header, headers), len(header), rows[1:]
        yield _csv_chunk(rows, places, width, read)
    if not places:
        raise UnusableError(f"{path}: is empty; a header is expected in its first line")


def _csv_chunk(rows: list[CsvRow], places: Mapping[str, int], width: int, read: int) -> Chunk:
    faults = []
    good = [(line, cells) for line, cells in rows if cells is not None and len(cells) == width]
    if len(good) < len(rows):
        faults = [Fault(line, "bad_columns") for line, cells in rows if cells is None or len(cells) != width]
    if not is_text("".join([cell for _, cells in good for cell in cells])):
        faults += [Fault(line, "undecodable") for line, cells in good if not is_text("".join(cells))]
        good = [(line, cells) for line, cells in good if is_text("".join(cells))]
    return _chunk(good, places, faults, read)


def _xlsx(path: Path, headers: Mapping[str, str], months: Sequence[str]) -> Iterator[Chunk]:
    last, rows = read_xlsx(path)
    size = path.stat().st_size
    _, header = next(rows, (0, []))
    texts = [cell_text(cell) for cell in header]
    places = _places(path, texts, headers)
    width = max(place for place, text in enumerate(texts) if text) + 1
    while some := list(islice(rows, _ROWS)):
        faults = [Fault(line, "bad_columns") for line, cells in some if any(cell != "" for cell in cells[width:])]
        wrong = {fault.line for fault in faults}
        good = [(line, [cell_text(cell) for cell in cells]) for line, cells in some if line not in wrong]
        yield _as_months(_chunk(good, places, faults, size * some[-1][0] // last), months)


def _parquet(path: Path, headers: Mapping[str, str], months: Sequence[str]) -> Iterator[Chunk]:
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            names = file.schema_arrow.names
            places = _places(path, names, headers)
            line, size = 1, path.stat().st_size
            for batch in file.iter_batches(batch_size=_ROWS, columns=[names[place] for place in places.values()]):
                columns = {
                    name: [cell_text(cell) for cell in batch.column(names[place]).to_pylist()]
                    for name, place in places.items()
                }
                lines = range(line, line + batch.num_rows)
                line += batch.num_rows
                read = size * (line - 1) // file.metadata.num_rows
                yield _as_months(Chunk(lines, dict(columns), [], read), months)
    except OSError as error:
        raise UnusableError(f"{path}: {error.strerror or 'is damaged'}; write it anew") from error
    except pyarrow.ArrowException as error:
        raise UnusableError(f"{path}: is no Parquet file that can be read; write it anew") from error


def _as_months(chunk: Chunk, months: Sequence[str]) -> Chunk:
    for name in months:
        column = chunk.columns.get(name)
        if column is not None:
            chunk.columns[name] = [text[:7] if text and text[7:8] == "-" else text for text in column]
    return chunk
