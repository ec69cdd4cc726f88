"""A backup of SQLite becomes a PostgreSQL database, and one of that an SQLite file again; nothing is lost."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from alert_sinks.database import Database, open_database
from alert_sinks.work_orders import Desk
from alert_sinks.work_orders.listing import list_orders
from monitor.backups import back_up, restore
from streams.errors import UnusableError
from tests.unit.alert_sinks.order_examples import NOW, ROUTING, make_alert
from tests.unit.monitor.console_office import Office

pytestmark = pytest.mark.parts


def rows(database: Database) -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables."""
    metadata = sa.MetaData()
    found = {}
    with database.engine.connect() as connection:
        metadata.reflect(connection)
        for table in metadata.sorted_tables:
            found[table.name] = sorted((dict(row) for row in connection.execute(sa.select(table)).mappings()), key=str)
    return found


def office(folder: Path) -> Office:
    """Orders, accounts and an audit log."""
    made = Office(folder)
    made.attach(make_alert("a1"), make_alert("b1", household_id="H-2", region="420525101003"))
    lead = made.person("lead")
    lead.get("/orders")
    return made


def test_there_and_back(tmp_path: Path, postgres_url: str) -> None:
    made = office(tmp_path)
    before = rows(made.desk.database)
    assert sum(map(len, before.values())) > 10
    counts = back_up(made.desk.database, tmp_path / "one.gz")
    made.close()
    assert (tmp_path / "one.gz").stat().st_mode & 0o777 == 0o600

    server = open_database(postgres_url, migrate=False)
    assert restore(server, tmp_path / "one.gz") == {name: count for name, count in counts.items() if count}
    back_up(server, tmp_path / "two.gz")
    # New orders are numbered after the restored ones.
    Desk(server, ROUTING).attach([make_alert("c1", household_id="H-3", region="420525101003")], NOW)
    with server.reading() as session:
        assert len(list(list_orders(session))) == 3
    server.close()

    again = open_database(f"sqlite:///{tmp_path / 'again.db'}", migrate=False)
    restore(again, tmp_path / "two.gz")
    assert rows(again) == before
    again.close()


def test_a_restore_goes_into_an_empty_database_only(tmp_path: Path) -> None:
    made = office(tmp_path)
    back_up(made.desk.database, tmp_path / "one.gz")
    with pytest.raises(UnusableError, match="empty database"):
        restore(made.desk.database, tmp_path / "one.gz")
    made.close()


def flipped(data: bytes) -> bytes:
    """The same with a piece in the middle of it that is no code of gzip's."""
    middle = len(data) // 2
    return data[:middle] + b"\xff" * 40 + data[middle + 40 :]


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "cut": lambda data: data[:-200],
    "flipped": flipped,
    "another form": lambda _data: gzip.compress(b'{"form": "another"}\n'),
    "no row": lambda data: gzip.compress(gzip.decompress(data) + b"[1]\n"),
    "no gzip": lambda data: gzip.decompress(data),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_no_backup_is_refused_and_leaves_the_database_empty(tmp_path: Path, damage: str) -> None:
    made = office(tmp_path)
    file, damaged = tmp_path / "one.gz", tmp_path / "damaged.gz"
    back_up(made.desk.database, file)
    made.close()
    damaged.write_bytes(DAMAGES[damage](file.read_bytes()))
    empty = open_database(f"sqlite:///{tmp_path / 'empty.db'}", migrate=False)
    with pytest.raises(UnusableError):
        restore(empty, damaged)
    assert restore(empty, file)
    empty.close()
