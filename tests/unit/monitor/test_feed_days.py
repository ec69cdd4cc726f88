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
from monitor.division_counts import MOST_DIVISIONS, DivisionCounts
from monitor.feed_days import WINDOW, FeedDay, FeedStanding, Standing, add, standings
from monitor.metrics import Metrics
from monitor.worker.feed_tallies import FeedTallies
from streams.feeds import FEEDS
from streams.moments import DAY, day_of
from tests.unit.alert_sinks.order_examples import NOW, make_alert
from tests.unit.monitor.console_office import Office

TODAY = day_of(NOW)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(f"sqlite:///{tmp_path / 'feeds.db'}")
    yield opened
    opened.close()


def standing(database: Database, feed: str, now: int = NOW) -> Standing:
    return both(database, feed, now).whole


def both(database: Database, feed: str, now: int = NOW) -> FeedStanding:
    with database.reading() as session:
        return next(one for one in standings(session, now) if one.feed == feed)


def test_the_migrations_make_all_tables(database: Database) -> None:
    assert tables.Account.__tablename__ in Base.metadata.tables
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_workers_add_up_and_the_latest_record_wins(database: Database) -> None:
    with database.writing() as session:
        add(session, {("deaths", "", ""): 5, ("deaths", "", "missing"): 2}, {("deaths", ""): NOW - 5}, TODAY)
    with database.writing() as session:
        add(session, {("deaths", "", ""): 3, ("deaths", "", "future"): 1}, {("deaths", ""): NOW - 9}, TODAY)
    found = standing(database, "deaths")
    assert (found.records, found.newest) == (8, NOW - 5)
    assert found.refused == {"missing": 2, "future": 1}


def test_days_without_a_record_are_unknown_but_for_today(database: Database) -> None:
    with database.writing() as session:
        for day in (TODAY - 20, TODAY - WINDOW, TODAY - 3):
            add(session, {("taxes", "", ""): 1}, {("taxes", ""): day * DAY}, day)
    found = standing(database, "taxes")
    assert found.unknown == [(TODAY - 13, TODAY - 4), (TODAY - 2, TODAY - 1)]
    assert (found.records, found.days_with_records) == (2, 2)
    never = standing(database, "deaths")
    assert (never.newest, never.unknown) == (None, [(TODAY - WINDOW, TODAY - 1)])
    later = standing(database, "taxes", NOW + 60 * DAY)
    assert later.newest == (TODAY - 3) * DAY
    assert later.records == 0


def test_divisions_have_their_own_last_record_rhythm_refusals_and_gaps(database: Database) -> None:
    for back, county, town in ((1, 10, 4), (2, 30, 0), (3, 20, 0)):
        counts = {("taxes", "420525", ""): county, ("taxes", "420526", ""): town}
        with database.writing() as session:
            came = {key: count for key, count in counts.items() if count}
            add(session, came, {(feed, division): NOW - back * DAY for feed, division, _ in came}, TODAY - back)
    with database.writing() as session:
        add(session, {("taxes", "420526", ""): 1, ("taxes", "420526", "missing"): 1}, {("taxes", "420526"): NOW}, TODAY)
    feed = both(database, "taxes")
    county, town = feed.divisions
    assert (county.division, county.newest, county.usual, county.unknown) == (
        "420525",
        NOW - DAY,
        20,
        [(TODAY - WINDOW, TODAY - 4)],
    )
    assert (town.newest, town.refused, town.unknown) == (NOW, {"missing": 1}, [(TODAY - WINDOW, TODAY - 2)])
    assert town.days[-2:] == [4, 1]
    assert (feed.whole.newest, feed.whole.records, feed.whole.usual) == (NOW, 65, 20)


def test_what_is_no_division_code_is_none(database: Database) -> None:
    counts = DivisionCounts()
    counts.add("taxes", {("420525101003", ""): 2, (" 420525 ", ""): 1, ("北京", ""): 1, ("42", "missing"): 1}, NOW)
    counts.add("taxes", {(f"{100000 + n}", ""): 1 for n in range(2 * MOST_DIVISIONS)}, NOW - 1)
    assert counts.records["taxes", "420525", ""] == 3
    assert counts.records["taxes", "", ""] == 1 + 2 * MOST_DIVISIONS - (MOST_DIVISIONS - 1)
    assert counts.records["taxes", "", "missing"] == 1
    assert counts.newest["taxes", "420525"] == NOW


def test_every_feed_has_its_line(database: Database) -> None:
    with database.reading() as session:
        assert [one.feed for one in standings(session, NOW)] == list(FEEDS)


def test_a_worker_writes_what_it_counted_once(database: Database) -> None:
    metrics = Metrics()
    tallies = FeedTallies(database, metrics.divisions, lambda: NOW)
    metrics.regions("deaths", {("420525", ""): 7, ("420525", "missing"): 2}, NOW)
    asyncio.run(tallies())
    asyncio.run(tallies())
    assert (standing(database, "deaths").records, standing(database, "deaths").newest) == (7, NOW)
    metrics.regions("deaths", {("420525", ""): 1}, NOW + 1)
    asyncio.run(tallies())
    assert standing(database, "deaths").records == 8
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(FeedDay)) == 2


def test_what_could_not_be_written_is_written_later(database: Database) -> None:
    metrics = Metrics()
    tallies = FeedTallies(database, metrics.divisions, lambda: NOW)
    metrics.regions("deaths", {("420525", ""): 7}, NOW)
    with database.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE feed_days RENAME TO away"))
    asyncio.run(tallies())
    with database.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE away RENAME TO feed_days"))
    asyncio.run(tallies())
    assert standing(database, "deaths").records == 7


def test_the_page_says_unknown_and_never_nothing(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.attach(
        make_alert("f1", household_id=None, direction="data", region="420525"),
        make_alert("f2", household_id=None, direction="data", region="420526", status="retracted"),
    )
    with office.desk.database.writing() as session:
        counts = {("vehicles", "420525", ""): 1234, ("vehicles", "420525", "bad_date"): 3}
        add(session, counts, {("vehicles", "420525"): NOW}, TODAY)
    page = office.person("ops").get("/feeds").text
    office.close()
    assert page.count('<td class="n">1,234</td>') == 1, "the only division is the feed"
    assert "日期有误: 3" in page
    assert page.count('<td class="n">不明</td>') == len(FEEDS) - 1
    assert page.count('<span class="tag strong">名下有车</span>') == 1
    assert page.count("情况不明:") == len(FEEDS)
