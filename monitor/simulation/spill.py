"""Lines that are made before their turn wait on disk, so that memory does not grow with the county."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self


class Spill:
    """Lines by feed and moment; taken out in the order of their moments, then in that of their coming."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute("CREATE TABLE line (feed TEXT, moment INTEGER, text TEXT)")
        self._database.execute("BEGIN")

    def add(self, lines: Iterable[tuple[str, int, str]]) -> None:
        """Put lines away: feed, moment, text."""
        self._database.executemany("INSERT INTO line VALUES (?, ?, ?)", lines)

    def order(self) -> None:
        """Make taking out quick; to be called once most lines are in."""
        self._database.execute("CREATE INDEX by_moment ON line (feed, moment)")

    def count(self) -> int:
        """How many lines are in."""
        return int(self._database.execute("SELECT count(*) FROM line").fetchone()[0])

    def between(self, feed: str, since: int, until: int) -> list[tuple[int, str]]:
        """A feed's lines with their moments, from one moment up to, not including, another."""
        return self._database.execute(
            "SELECT moment, text FROM line WHERE feed = ? AND moment >= ? AND moment < ? ORDER BY moment, rowid",
            (feed, since, until),
        ).fetchall()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()
        self._path.unlink(missing_ok=True)
