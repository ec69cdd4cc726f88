"""Work orders on a real PostgreSQL: the model, two writers at once, and what the database refuses."""

import threading
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from alert_sinks.database import Base, Database, open_database
from alert_sinks.work_orders import Desk
from alert_sinks.work_orders.tables import OrderEvent, StoredAlert, WorkOrder
from tests.unit.alert_sinks.order_examples import NOW, ROUTING, make_alert
from tests.unit.alert_sinks.order_machine import OrderMachine

pytestmark = pytest.mark.parts


@pytest.fixture
def database(postgres_url: str) -> Iterator[Database]:
    opened = open_database(postgres_url)
    yield opened
    opened.close()


def test_the_model_holds(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OrderMachine, "shared", database)
    run_state_machine_as_test(OrderMachine, settings=settings(max_examples=8, stateful_step_count=15, deadline=None))


def test_migrations_make_the_tables_of_the_models(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        missing = [
            difference
            for difference in compare_metadata(context, Base.metadata)
            if not (isinstance(difference, tuple) and str(difference[0]).startswith("remove"))
        ]
    assert missing == []


def test_two_who_migrate_at_once_do_not_meet(postgres_url: str) -> None:
    failed: list[Exception] = []

    def migrate() -> None:
        try:
            open_database(postgres_url).close()
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=migrate) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_two_workers_that_bring_the_same_alerts_make_them_once(database: Database) -> None:
    alerts = [make_alert(f"a{n}", household_id=f"H-{n % 40}") for n in range(200)]
    desk = Desk(database, ROUTING)
    effects: list[str] = []

    def work(batch_size: int) -> None:
        for start in range(0, len(alerts), batch_size):
            batch = sorted(alerts[start : start + batch_size], key=lambda alert: hash((alert.alert_id, batch_size)))
            effects.extend(done.effect for done in desk.attach(batch, NOW))

    threads = [threading.Thread(target=work, args=(size,)) for size in (7, 50, 200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (effects.count("opened"), effects.count("attached"), effects.count("known")) == (40, 160, 400)
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(WorkOrder)) == 40
        assert session.scalar(sa.select(sa.func.count()).select_from(StoredAlert)) == 200


def test_what_the_database_cannot_store_is_refused_alone(database: Database) -> None:
    poison = make_alert("a2", region="4205\x0025")
    done = Desk(database, ROUTING).attach([make_alert("a1"), poison, make_alert("a3")], NOW)
    assert [result.effect for result in done] == ["opened", "refused", "attached"]


def test_events_can_be_neither_changed_nor_removed(database: Database) -> None:
    Desk(database, ROUTING).attach([make_alert("a1")], NOW)
    for statement in (sa.update(OrderEvent).values(note="x"), sa.delete(OrderEvent), sa.text("TRUNCATE order_events")):
        with pytest.raises(sa.exc.DBAPIError, match="only ever added"), database.writing() as session:
            session.execute(statement)
