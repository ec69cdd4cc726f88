"""What the workers write of each feed's days, and what the console makes of it."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from alert_sinks.database import Base, Database, open_database
from monitor.console import tables
from monitor.feed_days import WINDOW, FeedDay, Standing, add, standings
from monitor.metrics import Metrics
from monitor.worker.feed_tallies import FeedTallies
from streams.feeds import FEEDS
from streams.moments import DAY, day_of
from tests.unit.alert_sinks.order_examples import NOW
from tests.unit.monitor.console_office import Office

TODAY = day_of(NOW)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(f"sqlite:///{tmp_path / 'feeds.db'}")
    yield opened
    opened.close()


def standing(database: Database, feed: str, now: int = NOW) -> Standing:
    with database.reading() as session:
        return next(one for one in standings(session, now) if one.feed == feed)


def test_the_migrations_make_all_tables(database: Database) -> None:
    assert tables.Account.__tablename__ in Base.metadata.tables
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_workers_add_up_and_the_latest_record_wins(database: Database) -> None:
    with database.writing() as session:
        add(session, {("deaths", ""): 5, ("deaths", "missing"): 2}, {"deaths": NOW - 5}, TODAY)
    with database.writing() as session:
        add(session, {("deaths", ""): 3, ("deaths", "future"): 1}, {"deaths": NOW - 9}, TODAY)
    found = standing(database, "deaths")
    assert (found.records, found.newest) == (8, NOW - 5)
    assert found.refused == {"missing": 2, "future": 1}


def test_days_without_a_record_are_unknown_but_for_today(database: Database) -> None:
    with database.writing() as session:
        for day in (TODAY - 20, TODAY - WINDOW, TODAY - 3):
            add(session, {("taxes", ""): 1}, {"taxes": day * DAY}, day)
    found = standing(database, "taxes")
    assert found.unknown == [(TODAY - 13, TODAY - 4), (TODAY - 2, TODAY - 1)]
    assert (found.records, found.days_with_records) == (2, 2)
    never = standing(database, "deaths")
    assert (never.newest, never.unknown) == (None, [(TODAY - WINDOW, TODAY - 1)])
    later = standing(database, "taxes", NOW + 60 * DAY)
    assert later.newest == (TODAY - 3) * DAY
    assert later.records == 0


def test_every_feed_has_its_line(database: Database) -> None:
    with database.reading() as session:
        assert [one.feed for one in standings(session, NOW)] == list(FEEDS)


def test_a_worker_writes_what_it_counted_once(database: Database) -> None:
    metrics = Metrics()
    tallies = FeedTallies(database, metrics.registry, lambda: NOW)
    metrics.changes("deaths", 7, NOW)
    metrics.rejected("deaths", "missing", 2)
    metrics.rejected("roster", "undecodable")
    asyncio.run(tallies())
    asyncio.run(tallies())
    assert (standing(database, "deaths").records, standing(database, "deaths").newest) == (7, NOW)
    metrics.changes("deaths", 1, NOW + 1)
    asyncio.run(tallies())
    assert standing(database, "deaths").records == 8
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(FeedDay)) == 2


def test_what_could_not_be_written_is_written_later(database: Database) -> None:
    metrics = Metrics()
    tallies = FeedTallies(database, metrics.registry, lambda: NOW)
    metrics.changes("deaths", 7, NOW)
    with database.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE feed_days RENAME TO away"))
    asyncio.run(tallies())
    with database.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE away RENAME TO feed_days"))
    asyncio.run(tallies())
    assert standing(database, "deaths").records == 7


def test_the_page_says_unknown_and_never_nothing(tmp_path: Path) -> None:
    office = Office(tmp_path)
    with office.desk.database.writing() as session:
        add(session, {("deaths", ""): 1234, ("deaths", "bad_date"): 3}, {"deaths": NOW}, TODAY)
    page = office.person("ops").get("/feeds").text
    office.close()
    assert "1,234" in page
    assert "日期有误: 3" in page
    assert page.count("<td>不明</td>") == 2 * (len(FEEDS) - 1)
