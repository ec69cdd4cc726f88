"""CSV as departments write it: quoted or not, with line breaks in quotes, with a quote too many."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from streams.text_files import text_blocks

_LONGEST_FIELD = 16 << 20
_MOST_LINES = 100
"""Lines that one quoted row may span; beyond it the quote was never meant to open."""
_END = "\n"
"""A further line: a row that takes it in is one whose quote was never closed."""


class CsvRows(NamedTuple):
    """Some thousand rows: on which line each begins, and its cells, None where they cannot be told from the next row's.

    `read` is how many bytes of the file have been read; unless `sound`, cells may hold bytes that are no text.
    """

    lines: Sequence[int]
    cells: Sequence[list[str] | None]
    read: int = 0
    sound: bool = True


def read_csv(path: Path) -> Iterator[CsvRows]:
    """The rows of a CSV file, header first; blank lines are left out. Raises UnusableError."""
    csv.field_size_limit(_LONGEST_FIELD)
    read, sound = 0, True
    line, delimiter, width = 1, ",", 0
    pending: list[str] = []
    for block, read, sound in text_blocks(path):
        lines = pending + block
        if not width:
            header = next((line for line in lines if line.strip()), "")
            delimiter = max(",;\t", key=header.count)
            width = len(next(csv.reader([header], delimiter=delimiter), []))
        rows, used = _rows(lines, line, delimiter, width, last=False)
        pending = lines[used:]
        line += used
        yield rows._replace(read=read, sound=sound)
    while pending:
        rows, used = _rows(pending, line, delimiter, width, last=True)
        pending = pending[used:]
        line += used
        yield rows._replace(read=read, sound=sound)


def _rows(lines: list[str], first: int, delimiter: str, width: int, *, last: bool) -> tuple[CsvRows, int]:
    """The rows that begin within the lines, and how many lines they use up; all of them if these are the last."""
    try:
        rows = list(csv.reader([*lines, _END], delimiter=delimiter))
    except csv.Error:
        rows = []
    if len(rows) != len(lines) + 1:
        return _careful_rows(lines, first, delimiter, width, last=last)
    rows.pop()
    if all(rows):
        return CsvRows(range(first, first + len(rows)), rows), len(lines)
    filled = [line for line, cells in enumerate(rows, first) if cells]
    return CsvRows(filled, [cells for cells in rows if cells]), len(lines)


def _careful_rows(lines: list[str], first: int, delimiter: str, width: int, *, last: bool) -> tuple[CsvRows, int]:
    """Row by row: one that spans lines counts if it has as many columns as the header, else each line is its own."""
    begun: list[int] = []
    found: list[list[str] | None] = []
    at = 0
    while at < len(lines):
        given = lines[at : at + _MOST_LINES]
        cells, used = _first_row(given, delimiter, strict=True)
        if used > len(given) and len(given) < _MOST_LINES and not last:
            break
        if cells is None or (used > 1 and len(cells) != width):
            cells, used = _first_row(given[:1], delimiter, strict=False)[0], 1
        if cells != []:
            begun.append(first + at)
            found.append(cells)
        at += used
    return CsvRows(begun, found), at


def _first_row(lines: list[str], delimiter: str, *, strict: bool) -> tuple[list[str] | None, int]:
    """The row that begins with the lines, and how many it takes: more than there are if its quote stays open."""
    reader = csv.reader([*lines, _END], delimiter=delimiter, strict=strict)
    try:
        cells = next(reader)
    except csv.Error:
        return None, max(reader.line_num, 1)
    return (cells if reader.line_num <= len(lines) else None), reader.line_num
