"""The console on a real PostgreSQL, and households' lines out of a real Redis."""

import threading
from collections.abc import Iterator

import pytest
from redis import Redis

from monitor.console import audit
from monitor.console.roster import line_finder, unsealer
from monitor.console.stream import _news
from streams.enrolment import Enrolled
from streams.enrolment_agent import Kept, encode_household, household_key
from streams.moments import parse_day, parse_instant
from streams.roster_lines import line_from_plain
from streams.secrets import Keys
from tests.unit.alert_sinks.order_examples import make_alert
from tests.unit.monitor.console_office import Office

pytestmark = pytest.mark.parts
KEYS = Keys(b"a secret of the test, of thirty-two bytes at least")
NUMBER = "420525195403123511"


@pytest.fixture
def office(postgres_url: str) -> Iterator[Office]:
    made = Office(url=postgres_url)
    yield made
    made.close()


def test_an_officers_day(office: Office) -> None:
    office.attach()
    li = office.person("li")
    for step, fields in (
        ("assign", {}),
        ("verify", {}),
        ("evidence", {"kind": "register", "source": "vehicle office", "text": "owns it"}),
        ("check", {"evidence": "1"}),
        ("notify", {"how": "letter", "note": "told"}),
        ("hear", {"note": "agrees"}),
        ("suppress", {"source": "vehicle-owned", "until": "2026-06-30", "note": "agreed"}),
        ("close", {"outcome": "stopped", "verdict.a1": "true", "note": "car"}),
    ):
        assert li.step(step, **fields).status_code == 303, step
    assert office.person("wang").step("approve").status_code == 303
    assert office.order().outcome == "stopped"
    chen = office.person("chen")
    for path in (
        "/figures",
        "/report?month=2026-03",
        "/suppressions",
        "/feeds",
        "/orders/WO-0000001",
        "/?state=closed",
    ):
        assert chen.get(path).status_code == 200, path
    with office.desk.database.reading() as session:
        found = audit.verify(session)
    assert found.broken_at is None
    assert found.entries == 13, "three sign-ins, nine steps, one household viewed"


def test_the_inbox_filters(office: Office) -> None:
    office.attach(*(make_alert(f"a{n}", household_id=f"H-{n:03d}", programs=("tekun",)) for n in range(60)))
    li = office.person("li")
    first = li.get("/?program=tekun&direction=exit&severity=high&region=4205&source=vehicle-owned")
    assert first.text.count('class="home">H-') == 50
    assert 'rel="next"' in first.text


def test_entries_written_at_once_keep_the_chain_whole(office: Office) -> None:
    def write(name: str) -> None:
        for _ in range(20):
            with office.desk.database.writing() as session:
                audit.write(session, office.now, name, "household_viewed", "x")

    threads = [threading.Thread(target=write, args=(f"p{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with office.desk.database.reading() as session:
        assert (audit.verify(session).entries, audit.verify(session).broken_at) == (80, None)


def test_a_listener_hears_of_the_own_centres_orders_only(office: Office) -> None:
    console = office.app.state.console
    tokens = {name: office.person(name).client.cookies["monitor_session"] for name in ("li", "zhou")}
    office.attach()
    heard = _news(console, tokens["li"], 0, set())
    assert heard is not None
    assert [(order_id, kind) for _, order_id, kind in heard] == [
        ("WO-0000001", "opened"),
        ("WO-0000001", "alert_attached"),
    ]
    known = {number for number, _, _ in heard}
    assert _news(console, tokens["li"], max(known), known) == []
    assert _news(console, tokens["zhou"], 0, set()) == []
    assert _news(console, "nobody's", 0, set()) is None


def test_a_households_line_comes_from_redis(redis_url: str) -> None:
    def line(as_of: str, amount: int) -> Enrolled:
        plain = {
            "household_id": "H-1",
            "region": "420525101003",
            "as_of": as_of,
            "programs": [{"program": "dibao", "monthly_amount": amount}],
            "members": [{"id_number": NUMBER, "name": "张三", "relation": "head"}],
        }
        return Enrolled(parse_day(as_of), line_from_plain(plain, KEYS))

    lines = [line("2026-01-01", 900), line("2026-03-01", 950), line("2027-01-01", 1000)]
    stored = encode_household(Kept("420525", lines))
    with Redis.from_url(redis_url) as client:
        client.set(household_key("H-1"), (7).to_bytes(8, "big") + stored)
    find = line_finder(redis_url, lambda: parse_instant("2026-03-10"))
    found = find("H-1")
    assert found is not None
    assert found.programs[0].monthly_amount == 950, "the line in force today"
    assert unsealer(KEYS)(found.members[0]) == ("张三", NUMBER)
    assert find("H-2") is None


def test_redis_away_is_no_line() -> None:
    assert line_finder("redis://127.0.0.1:1/0", lambda: 0)("H-1") is None
