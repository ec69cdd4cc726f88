"""Tables of departments, in CSV, Excel or Parquet, as columns of text under the names that a feed or roster knows."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Literal, NamedTuple

import pyarrow
import pyarrow.parquet

from streams.csv_files import CsvRows, read_csv
from streams.errors import UnusableError
from streams.text_files import is_text
from streams.xlsx_files import cell_text, read_xlsx

SUFFIXES = (".csv", ".jsonl", ".xlsx", ".parquet")
"""The files that are read; those of JSON Lines are no tables."""
_ROWS = 4096

Reason = Literal["bad_columns", "undecodable"]


class Fault(NamedTuple):
    """A row that is no row of its table: other columns than the header, or bytes that are no text."""

    line: int
    reason: Reason


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
    lines: Sequence[int],
    rows: Sequence[Sequence[str | None]],
    places: Mapping[str, int],
    faults: list[Fault],
    read: int,
) -> Chunk:
    gathered = list(zip(*rows, strict=True))
    columns: dict[str, Sequence[str | None]] = {name: gathered[place] if rows else () for name, place in places.items()}
    return Chunk(lines, columns, faults, read)


def _csv(path: Path, headers: Mapping[str, str]) -> Iterator[Chunk]:
    places: dict[str, int] = {}
    width = 0
    for lines, cells, read, sound in read_csv(path):
        start = 0
        if not places and cells:
            header = cells[0] or []
            if not is_text("".join(header)):
                raise UnusableError(f"{path}: its header is neither UTF-8 nor GB18030")
            places, width, start = _places(path, header, headers), len(header), 1
        yield _csv_chunk(CsvRows(lines[start:], cells[start:], read, sound), places, width)
    if not places:
        raise UnusableError(f"{path}: is empty; a header is expected in its first line")


def _csv_chunk(rows: CsvRows, places: Mapping[str, int], width: int) -> Chunk:
    whole = [cells for cells in rows.cells if cells is not None]
    if rows.sound and len(whole) == len(rows.cells) and set(map(len, whole)) <= {width}:
        return _chunk(rows.lines, whole, places, [], rows.read)
    reasons = [_csv_fault(cells, width, rows.sound) for cells in rows.cells]
    good = [cells for cells, reason in zip(rows.cells, reasons, strict=True) if cells is not None and reason is None]
    told = list(zip(rows.lines, reasons, strict=True))
    faults = [Fault(line, reason) for line, reason in told if reason is not None]
    return _chunk([line for line, reason in told if reason is None], good, places, faults, rows.read)


def _csv_fault(cells: list[str] | None, width: int, sound: bool) -> Reason | None:
    if cells is None or len(cells) != width:
        return "bad_columns"
    return None if sound or is_text("".join(cells)) else "undecodable"


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
        good = [[cell_text(cell) for cell in cells] for line, cells in some if line not in wrong]
        lines = [line for line, _ in some if line not in wrong]
        yield _as_months(_chunk(lines, good, places, faults, size * some[-1][0] // last), months)


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
            chunk.columns[name] = [_month(text) if text and text[7:8] == "-" else text for text in column]
    return chunk


def _month(text: str) -> str:
    """The month of a date; what is no date stays as it is, to be refused."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return text
    return text[:7]
