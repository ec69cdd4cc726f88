"""The first sheet of an Excel file, read only after a look at how large it would become."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from streams.errors import UnusableError

_LARGEST = 2 << 30
"""Bytes that the parts of the file may unpack to; a full sheet of ours takes some hundred million."""
_HARMLESS = 64 << 20
_STEEPEST = 100
"""How many times its packed size a larger file may unpack to; ordinary sheets stay below 30."""
_MOST_CELLS = 40_000_000
"""Cells of a sheet's rectangle, which are all held in memory."""
_BLOCK = 1 << 20
_LONGEST_CELL = 32
_CELL = re.compile(rb"""[ \t\n]r=["']([A-Z]{1,3})?([0-9]{1,7})["']""")


def read_xlsx(path: Path) -> tuple[int, Iterator[tuple[int, list[Any]]]]:
    """The last row's number, and the rows of the first sheet with their numbers, header first. Raises UnusableError.

    Empty rows are left out.
    """
    try:
        _look(path)
        sheet = CalamineWorkbook.from_path(path).get_sheet_by_index(0)
    except OSError as error:
        raise UnusableError(f"{path}: {error.strerror or error}") from error
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, CalamineError, EOFError) as error:
        raise UnusableError(f"{path}: is no Excel file (.xlsx) that can be read; save it anew, or as CSV") from error
    first = (sheet.start or (0, 0))[0] + 1
    rows = enumerate(sheet.to_python(skip_empty_area=True), first)
    return (sheet.end or (0, 0))[0] + 1, ((line, cells) for line, cells in rows if any(cell != "" for cell in cells))


def _look(path: Path) -> None:
    """Refuse a file that would fill the memory: one that unpacks to too much, or whose cells lie too far apart."""
    with zipfile.ZipFile(path) as parts:
        unpacked = sum(part.file_size for part in parts.infolist())
        if unpacked > max(_HARMLESS, min(_LARGEST, _STEEPEST * path.stat().st_size)):
            raise UnusableError(f"{path}: unpacks to {unpacked >> 20} MiB; split it, or save it as CSV")
        for part in parts.infolist():
            columns, rows = _extent(parts, part.filename)
            if columns * rows > _MOST_CELLS:
                raise UnusableError(
                    f"{path}: a sheet of {rows} rows and {columns} columns; split it, or save it as CSV"
                )


def _extent(parts: zipfile.ZipFile, name: str) -> tuple[int, int]:
    """The rightmost column and the lowest row that a part names. Reads it to its end, which proves its size."""
    column = row = 1
    with parts.open(name) as part:
        tail = b""
        while block := part.read(_BLOCK):
            if name.startswith("xl/worksheets/"):
                block = tail + block
                for letters, digits in set(_CELL.findall(block)):
                    column, row = max(column, _column(letters)), max(row, int(digits))
                tail = block[-_LONGEST_CELL:]
    return column, row


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def cell_text(value: Any) -> str | None:
    """A cell of a typed table as the text that a CSV file would hold; None for an empty one."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if value != value:  # the tables' way to say that there is no number
            return None
        return str(int(value)) if value.is_integer() and abs(value) < 1e18 else str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)
