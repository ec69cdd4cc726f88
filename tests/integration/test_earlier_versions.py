"""A database of each earlier version becomes one of this version, keeps every row, and the service goes on with it.

`versions/` holds a backup as each revision of the schema wrote it. Whoever adds a revision adds the one of the
revision before; none is ever changed.
"""

import gzip
import json
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from alert_sinks import migrations
from alert_sinks.database import Database, open_database
from alert_sinks.work_orders import Desk
from alert_sinks.work_orders.listing import list_orders
from monitor.backups import restore
from monitor.console.audit import verify
from tests.integration.test_backups import rows
from tests.unit.alert_sinks.order_examples import NOW, ROUTING, make_alert

pytestmark = pytest.mark.parts
VERSIONS = {path.stem: path for path in sorted((Path(__file__).parent / "versions").glob("*.jsonl"))}


def test_there_is_a_database_of_every_earlier_version() -> None:
    script = ScriptDirectory(str(Path(migrations.__file__).parent))
    earlier = {one.revision for one in script.walk_revisions()} - {script.get_current_head()}
    assert earlier <= VERSIONS.keys()


@pytest.mark.parametrize("version", VERSIONS)
def test_an_sqlite_database_is_migrated(tmp_path: Path, version: str) -> None:
    check(open_database(f"sqlite:///{tmp_path / 'orders.db'}", migrate=False), tmp_path, version)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_postgresql_database_is_migrated(tmp_path: Path, postgres_url: str, version: str) -> None:
    check(open_database(postgres_url, migrate=False), tmp_path, version)


def check(database: Database, folder: Path, version: str) -> None:
    """Make the tables of a version, fill them, migrate: `restore` does just that."""
    backup = folder / "backup.gz"
    backup.write_bytes(gzip.compress(VERSIONS[version].read_bytes()))
    restore(database, backup)
    current, head = database.versions()
    assert current == head
    after = rows(database)
    was = [json.loads(line) for line in VERSIONS[version].read_text(encoding="utf-8").splitlines()[1:]]
    assert len(was) > 10
    for table in {one["table"] for one in was}:
        assert len(after[table]) == sum(one["table"] == table for one in was)
    # What was open goes on: another alert joins the order, another household gets its own.
    Desk(database, ROUTING).attach([make_alert("a2"), make_alert("c1", household_id="H-3", region="420525101003")], NOW)
    with database.reading() as session:
        orders = {order.household_id: set(order.alerts) for order in list_orders(session)}
        assert verify(session).broken_at is None
    assert orders == {"H-1": {"a1", "a2"}, "H-2": {"b1"}, "H-3": {"c1"}}
    database.close()
