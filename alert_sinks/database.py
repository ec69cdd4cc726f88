"""The database of work orders: SQLite by default, PostgreSQL in service; opened, migrated, read and written here."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.orm import DeclarativeBase, Session

from streams.errors import UnusableError

_WRITES = "monitor_writes"
_MIGRATION_LOCK = 0x6D6F6E6974
_BUSY_SECONDS = 15
_AWAY_SECONDS = 10
"""So long a database that does not answer is waited for; whoever waits for a page is told then."""


class Base(DeclarativeBase):
    """All tables of the database; `monitor` adds the console's own."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Database:
    """An open database. Sessions of `reading` see committed work; one of `writing` is a single transaction."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        self._writing = engine.execution_options(**{_WRITES: True})

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for looking only; what it changes is forgotten."""
        with Session(self.engine) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that commits at the end, or takes everything back when an exception leaves it.

        On SQLite the write lock is taken at the beginning (BEGIN IMMEDIATE), so that no transaction has to give up
        between its reading and its writing.
        """
        with Session(self._writing, expire_on_commit=False) as session, session.begin():
            yield session

    def migrate(self, to: str | None = None) -> None:
        """Bring the tables to this version's form, or to an earlier revision's that is named.

        Several processes may do so at once; one does, the others wait.
        """
        script = ScriptDirectory.from_config(_alembic())
        head = to or script.get_current_head()
        _refuse_newer(script, to)
        with self._writing.connect() as connection:
            if not self.is_sqlite:
                connection.execute(sa.select(sa.func.pg_advisory_lock(_MIGRATION_LOCK)))
                connection.commit()
            try:
                with connection.begin():
                    current = MigrationContext.configure(connection).get_current_revision()
                    if current == head:
                        return
                    _refuse_newer(script, current)
                    config = _alembic()
                    config.attributes["connection"] = connection
                    command.upgrade(config, head or "head")
            finally:
                if not self.is_sqlite:
                    connection.execute(sa.select(sa.func.pg_advisory_unlock(_MIGRATION_LOCK)))
                    connection.commit()

    def versions(self) -> tuple[str | None, str | None]:
        """The schema's revision in the database (None: no tables yet) and this version's."""
        head = ScriptDirectory.from_config(_alembic()).get_current_head()
        with self.engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision(), head

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def open_database(url: str, *, migrate: bool = True) -> Database:
    """Open the database at a SQLAlchemy URL and bring it to this version.

    Raises UnusableError where the URL, the driver or the server cannot be used.
    """
    try:
        parsed = sa.make_url(url)
        if parsed.drivername in ("postgresql", "postgres"):
            parsed = parsed.set(drivername="postgresql+psycopg")
        if parsed.get_backend_name() == "sqlite":
            engine = _open_sqlite(parsed)
        else:
            engine = sa.create_engine(
                parsed,
                pool_pre_ping=True,
                pool_size=10,
                max_overflow=20,
                pool_timeout=_AWAY_SECONDS,
                connect_args={"connect_timeout": _AWAY_SECONDS},
                hide_parameters=True,
            )
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError):
        raise UnusableError(
            "MONITOR_DATABASE is no SQLAlchemy URL of SQLite or PostgreSQL; "
            "write sqlite:///orders.db or postgresql://user:password@host/name"
        ) from None
    database = Database(engine)
    if migrate:
        try:
            database.migrate()
        except DBAPIError as error:
            database.close()
            shown = parsed.render_as_string(hide_password=True)
            raise UnusableError(
                f"database {shown} cannot be used: {first_line(error)}; start it or set it right"
            ) from None
    return database


def first_line(error: sa.exc.DBAPIError) -> str:
    """The driver's own words, on one line; without the statement and its values."""
    return next(iter(str(error.orig).strip().splitlines()), "no reason given")


def _open_sqlite(url: sa.URL) -> sa.Engine:
    in_memory = url.database in (None, "", ":memory:")
    pool: dict[str, Any] = {"poolclass": sa.pool.StaticPool} if in_memory else {}
    engine = sa.create_engine(
        url, connect_args={"check_same_thread": False, "timeout": _BUSY_SECONDS}, hide_parameters=True, **pool
    )
    if not in_memory and url.database is not None:
        folder = Path(url.database).parent
        if not folder.is_dir():
            raise UnusableError(f"database folder {folder} does not exist; make it or set MONITOR_DATABASE")

    @sa.event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # transactions are begun below, not by the driver's guess
        for pragma in ("foreign_keys=ON", "journal_mode=WAL", "synchronous=FULL"):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _alembic() -> Config:
    config = Config()
    config.set_main_option("script_location", "alert_sinks:migrations")
    config.set_main_option("path_separator", "os")
    return config


def _refuse_newer(script: ScriptDirectory, current: str | None) -> None:
    known = {revision.revision for revision in script.walk_revisions()}
    if current is not None and current not in known:
        raise UnusableError(
            f"the database was made by a newer version ({current}); install that version or a newer one"
        )
