"""Opening, migrating, and what a person is told when it cannot be used."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from alert_sinks.database import Base, open_database
from alert_sinks.work_orders import tables
from streams.errors import UnusableError


def test_migrations_make_the_tables_of_the_models(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'orders.db'}")
    assert tables.WorkOrder.__tablename__ in Base.metadata.tables
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        ours = {table.name for table in Base.metadata.sorted_tables}
        differences = [d for d in compare_metadata(context, Base.metadata) if not _of_another_module(d, ours)]
    database.close()
    assert differences == []


def _of_another_module(difference: object, ours: set[str]) -> bool:
    """A table of the console, whose models this test does not import."""
    return (
        isinstance(difference, tuple)
        and difference[0] in ("remove_table", "remove_index")
        and getattr(difference[1], "table", difference[1]).name not in ours
    )


def test_opening_again_keeps_what_is_there(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'orders.db'}"
    first = open_database(url)
    with first.writing() as session:
        session.add(tables.Household(household_id="H-1"))
    first.close()
    second = open_database(url)
    with second.reading() as session:
        assert session.scalars(sa.select(tables.Household.household_id)).all() == ["H-1"]
    second.close()


def test_a_writer_that_fails_leaves_nothing(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'orders.db'}")

    def fail() -> None:
        with database.writing() as session:
            session.add(tables.Household(household_id="H-1"))
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with database.reading() as session:
        assert session.scalars(sa.select(tables.Household)).all() == []
    database.close()


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("sqlite:////no/such/folder/orders.db", "does not exist"),
        ("postgresql://someone:hidden@127.0.0.1:1/orders", "cannot be used"),
        ("oracle://someone:hidden@127.0.0.1:1/orders", "no SQLAlchemy URL"),
        ("nonsense", "no SQLAlchemy URL"),
    ],
)
def test_what_cannot_be_used_is_told_in_one_line(url: str, told: str) -> None:
    with pytest.raises(UnusableError, match=told) as raised:
        open_database(url)
    assert "\n" not in str(raised.value)
    assert "hidden" not in str(raised.value)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "orders.db"
    path.write_text("not a database, but longer than nothing " * 20)
    with pytest.raises(UnusableError, match="not a database"):
        open_database(f"sqlite:///{path}")


def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'orders.db'}"
    database = open_database(url)
    with database.writing() as session:
        session.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    with pytest.raises(UnusableError, match="newer version"):
        open_database(url)
