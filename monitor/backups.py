"""A backup of the database: orders, evidence, accounts, audit log, in one file that any database can take back.

The file is gzipped JSON Lines: a head with the schema's revision, then a row a line, tables in the order of their
references. Both SQLite and PostgreSQL write it and read it, so that it is also the way from one to the other.
"""

import base64
import gzip
import json
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import msgspec
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from alert_sinks.database import Database, first_line
from streams.errors import UnusableError

FORM = "safety-net-monitor backup 1"
_ROWS = 1000
_VERSION_TABLE = "alembic_version"
_DAMAGE = (gzip.BadGzipFile, zlib.error, EOFError, UnicodeDecodeError, msgspec.DecodeError, KeyError)


class _Line(msgspec.Struct):
    """A row of a table."""

    table: str
    row: dict[str, Any]


_decode_line = msgspec.json.Decoder(_Line).decode


def back_up(database: Database, path: Path) -> dict[str, int]:
    """Write a backup, as of one moment; the rows by table. The file appears whole. Raises UnusableError."""
    counts: dict[str, int] = {}
    draft = path.with_name(f"{path.name}.new")
    try:
        revision, _ = database.versions()
        if revision is None:
            raise UnusableError("MONITOR_DATABASE: holds no tables; there is nothing to back up")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            with gzip.open(file, "wt", encoding="utf-8") as text, database.engine.connect() as connection:
                # One moment for all tables; SQLite's transactions are so by themselves.
                if not database.is_sqlite:
                    connection = connection.execution_options(isolation_level="REPEATABLE READ")
                text.write(json.dumps({"form": FORM, "schema": revision}) + "\n")
                for table in _tables(connection):
                    counts[table.name] = 0
                    for row in connection.execute(sa.select(table)).mappings():
                        line = {"table": table.name, "row": {name: _plain(value) for name, value in row.items()}}
                        text.write(json.dumps(line, ensure_ascii=False) + "\n")
                        counts[table.name] += 1
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        raise UnusableError(f"{path}: {error.strerror}; choose a folder that can be written") from error
    except DBAPIError as error:
        raise UnusableError(f"MONITOR_DATABASE: {first_line(error)}") from error
    finally:
        draft.unlink(missing_ok=True)
    return counts


def restore(database: Database, path: Path) -> dict[str, int]:
    """Fill an empty database from a backup, and bring it to this version; the rows by table. Raises UnusableError."""
    counts: dict[str, int] = {}
    try:
        # To its end, before anything is made: a file that was cut off must leave the database as empty as it was.
        with _opened(path) as text:
            _head(text.readline(), path)
            for line in text:
                _decode_line(line)
        with _opened(path) as text:
            schema = _head(text.readline(), path)
            if database.versions()[0] is not None:
                raise UnusableError("MONITOR_DATABASE: holds tables already; restore into an empty database")
            database.migrate(schema)
            with database.engine.execution_options(monitor_writes=True).begin() as connection:
                tables = {table.name: table for table in _tables(connection)}
                for name, rows in _batches(text):
                    connection.execute(tables[name].insert(), rows)
                    counts[name] = counts.get(name, 0) + len(rows)
                if not database.is_sqlite:
                    _continue_counting(connection, tables)
        database.migrate()
    except _DAMAGE as error:
        raise UnusableError(f"{path}: is damaged, or no backup; nothing of it can be trusted") from error
    except OSError as error:
        raise UnusableError(f"{path}: {error.strerror}") from error
    except DBAPIError as error:
        raise UnusableError(f"MONITOR_DATABASE: {first_line(error)}") from error
    return counts


def _opened(path: Path) -> TextIO:
    return gzip.open(path, "rt", encoding="utf-8")


def _head(line: str, path: Path) -> str:
    head = msgspec.json.decode(line)
    if not isinstance(head, dict) or head.get("form") != FORM:
        raise UnusableError(f"{path}: is no backup of this service")
    return str(head["schema"])


def _tables(connection: sa.Connection) -> list[sa.Table]:
    metadata = sa.MetaData()
    metadata.reflect(connection)
    for table in metadata.tables.values():
        for column in table.columns:
            if isinstance(column.type, sa.JSON):
                column.type = sa.JSON(none_as_null=True)
    return [table for table in metadata.sorted_tables if table.name != _VERSION_TABLE]


def _batches(lines: Iterator[str]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Rows of one table, so many at a time."""
    name, rows = "", list[dict[str, Any]]()
    for line in lines:
        read = _decode_line(line)
        if read.table != name or len(rows) >= _ROWS:
            if rows:
                yield name, rows
            name, rows = read.table, []
        rows.append({key: _value(value) for key, value in read.row.items()})
    if rows:
        yield name, rows


def _continue_counting(connection: sa.Connection, tables: dict[str, sa.Table]) -> None:
    """Let PostgreSQL number new rows after the restored ones."""
    for table in tables.values():
        for column in table.primary_key:
            sequence = connection.scalar(sa.select(sa.func.pg_get_serial_sequence(table.name, column.name)))
            highest = connection.scalar(sa.select(sa.func.max(column))) if sequence else None
            if highest is not None:
                connection.execute(sa.select(sa.func.setval(sequence, highest)))


def _plain(value: Any) -> Any:
    return {"bytes": base64.b64encode(value).decode()} if isinstance(value, bytes) else value


def _value(value: Any) -> Any:
    if isinstance(value, dict) and value.keys() == {"bytes"}:
        return base64.b64decode(value["bytes"])
    return value
