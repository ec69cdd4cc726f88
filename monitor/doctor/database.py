"""The database of work orders: reachable, at this version's schema, may be written."""

from collections.abc import Callable, Iterator
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from alert_sinks.database import Database, first_line, open_database
from alert_sinks.work_orders.listing import count_by_state
from alert_sinks.work_orders.tables import WorkOrder
from monitor.doctor.clocks import check_clock
from monitor.doctor.finding import Finding, fault, note, ok
from streams.errors import UnusableError
from streams.moments import SECOND


def check_database(url: str, clock: Callable[[], int]) -> Iterator[Finding]:
    """All findings; nothing is changed, the schema neither. `clock` gives the present instant."""
    if (file := sqlite_file(url)) is not None and not file.exists():
        yield note("database", f"{file} does not exist yet", "the first worker or console makes it")
        return
    try:
        database = open_database(url, migrate=False)
    except UnusableError as error:
        yield fault("database", str(error), "correct MONITOR_DATABASE")
        return
    try:
        yield from _look(database, clock)
    except DBAPIError as error:
        yield fault("database", first_line(error), "start it, or give this user all rights on its own database")
    finally:
        database.close()


def sqlite_file(url: str) -> Path | None:
    """The file of an SQLite database. None for a server, or for a URL that is none."""
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        return None
    return Path(parsed.database) if parsed.get_backend_name() == "sqlite" and parsed.database else None


def _look(database: Database, clock: Callable[[], int]) -> Iterator[Finding]:
    current, head = database.versions()
    if current is None:
        yield note("database", "holds no tables yet", "the first worker or console makes them")
        return
    if current != head:
        yield note("database", f"schema {current}, this version has {head}", "the next start migrates; back up first")
        return
    with database.writing() as session:
        # Changes no row; who may not change any is refused all the same.
        session.execute(sa.update(WorkOrder).where(sa.false()).values(state=WorkOrder.state))
        counts = count_by_state(session)
    yield ok("database", f"answers, may be written, schema {current}, {sum(counts.values())} orders")
    if not database.is_sqlite:
        with database.reading() as session:
            theirs = session.scalar(sa.select(sa.extract("epoch", sa.func.clock_timestamp())))
        yield check_clock("database", int(float(theirs or 0) * SECOND), clock())
