"""Roster files: a household a line (JSON Lines), or a member a row (CSV, Excel, Parquet), as checked lines."""

from collections.abc import Callable, Iterator, Mapping, Set
from pathlib import Path
from typing import Any, NamedTuple

from streams.decoding import read_object
from streams.errors import UnusableError
from streams.roster import Line
from streams.roster_lines import FaultyHouseholdError, line_from_plain
from streams.roster_words import HOUSEHOLD_FIELDS, MEMBER_FIELDS
from streams.secrets import Keys
from streams.tabular import SUFFIXES, read_table
from streams.text_files import byte_blocks

__all__ = ["RosterFault", "line_from_plain", "read_roster"]

_HEADERS = {word: name for word, name in {**HOUSEHOLD_FIELDS, **MEMBER_FIELDS}.items() if name != "members"}
_MEMBERS = frozenset(MEMBER_FIELDS.values())
_EITHERS = ("declared_monthly_income", "categories")
"""Columns that are the household's where they repeat on all its rows, and each member's own where they differ."""


class RosterFault(NamedTuple):
    """Something wrong in a roster file. `household` is the line on which the household begins that was left out.

    Its text holds no value of the file.
    """

    household: int
    line: int
    column: str
    what: str

    def __str__(self) -> str:
        return f"line {self.line}, {self.column}: {self.what}" if self.column else f"line {self.line}: {self.what}"


Report = Callable[[RosterFault], object]


def read_roster(path: Path, keys: Keys, report: Report) -> Iterator[Line]:
    """The good households of a file, in its order and in bounded memory; `report` hears every fault in the others.

    Raises UnusableError for a file that cannot be read.
    """
    if path.is_dir():
        raise UnusableError(f"{path}: is a folder; give the file of households")
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise UnusableError(f"{path}: expected one of {', '.join(SUFFIXES)}")
    for place, household, columns in _json_households(path, report) if suffix == ".jsonl" else _tabled(path, report):
        try:
            yield line_from_plain(household, keys)
        except FaultyHouseholdError as error:
            for problem in error.problems:
                line = place if problem.member is None else columns[problem.member] if columns else place
                column = problem.field if columns else problem.place
                report(RosterFault(place, line, column, problem.what))


_Household = tuple[int, Mapping[str, Any], list[int]]
"""A household's line, its fields, and in a table the line of each member."""


def _json_households(path: Path, report: Report) -> Iterator[_Household]:
    line = 0
    for block, _ in byte_blocks(path):
        for data in block:
            line += 1
            household = None if data.isspace() else read_object(data)
            if household is not None:
                yield line, household, []
            elif not data.isspace():
                report(RosterFault(line, line, "", "is no JSON object in UTF-8 or GB18030"))


class _Rows:
    """The rows of one household of a table, which become one household."""

    def __init__(self, line: int, row: Mapping[str, str]) -> None:
        self.line = line
        self._own = {name: cell for name, cell in row.items() if name not in _MEMBERS}
        self._rows: list[tuple[int, Mapping[str, str]]] = []
        self.add(line, row)

    def add(self, line: int, row: Mapping[str, str]) -> None:
        """Take in another row of the household."""
        self._rows.append((line, row))

    def household(self, broken: Set[int], report: Report) -> _Household | None:
        """The household in the contract's form; None, after a report, if its rows contradict each other.

        Nor can it be told who belongs to it if one of the `broken` lines stands beside its own.
        """
        differing = {name for name in self._own for _, row in self._rows if row[name] != self._own[name]}
        faults = [
            RosterFault(self.line, line, name, f"is not what line {self.line} says of the same household")
            for line, row in self._rows
            for name in sorted(differing.difference(_EITHERS))
            if row[name] not in ("", self._own[name])
        ]
        faults += [
            RosterFault(self.line, line, "", f"a member may be missing, for line {beside} cannot be read")
            for line, _ in self._rows
            for beside in (line - 1, line + 1)
            if beside in broken
        ]
        for fault in faults:
            report(fault)
        if faults:
            return None
        members, lines = [], []
        for line, row in self._rows:
            member = {name: row[name] for name in row.keys() & _MEMBERS.union(differing.intersection(_EITHERS))}
            if any(member.values()):
                members.append(member)
                lines.append(line)
        own = {name: cell for name, cell in self._own.items() if name not in differing.intersection(_EITHERS)}
        return self.line, {**own, "members": members}, lines


def _tabled(path: Path, report: Report) -> Iterator[_Household]:
    """The households of a table: rows with one id and `as_of`, which need not follow one another."""
    scattered = _scattered(path)
    waiting: dict[tuple[str, str], _Rows] = {}
    broken: set[int] = set()
    current: tuple[str, str] | None = None

    def finished(rows: _Rows) -> Iterator[_Household]:
        household = rows.household(broken, report)
        if household is not None:
            yield household

    for key, line, row in _rows(path, broken, report):
        if key in waiting:
            waiting[key].add(line, row)
            continue
        if current is not None and current not in scattered:
            yield from finished(waiting.pop(current))
        waiting[key], current = _Rows(line, row), key
    for rows in waiting.values():
        yield from finished(rows)


def _scattered(path: Path) -> set[tuple[str, str]]:
    """The households whose rows do not follow one another; few, so they can wait in memory for the file's end."""
    seen: set[int] = set()
    found: set[tuple[str, str]] = set()
    last: tuple[str, str] | None = None
    for key, _, _ in _rows(path, set(), lambda fault: None):
        if key != last:
            if hash(key) in seen:
                found.add(key)
            seen.add(hash(key))
            last = key
    return found


def _rows(path: Path, broken: set[int], report: Report) -> Iterator[tuple[tuple[str, str], int, dict[str, str]]]:
    """Each row with its household's id and `as_of`, and its line; `broken` receives the lines that are no rows."""
    for chunk in read_table(path, _HEADERS):
        for fault in chunk.faults:
            broken.add(fault.line)
            what = "more or fewer columns than the header" if fault.reason == "bad_columns" else "is no text"
            report(RosterFault(fault.line, fault.line, "", what))
        for record, line in enumerate(chunk.lines):
            row = {name: cell or "" for name, cell in chunk.row(record).items()}
            yield (row.get("household_id", "").strip(), row.get("as_of", "").strip()), line, row
