"""Whoever guesses passwords waits: by name, by address, and alike for names that nobody has."""

import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from alert_sinks.database import Database, open_database
from monitor.console import throttle
from monitor.console.signing_in import sign_in
from monitor.console.tables import AuditEntry, Guesses
from monitor.console.throttle import OF_A_NAME, OF_AN_ADDRESS, RestingError
from streams.moments import DAY, SECOND
from tests.unit.alert_sinks.order_examples import NOW
from tests.unit.monitor.console_office import PASSWORD, Browser, Office

HERE = "203.0.113.7"
MINUTE = 60 * SECOND


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    yield made
    made.close()


def guess(database: Database, name: str, address: str = HERE, now: int = NOW) -> int:
    """Try a wrong password; the seconds to wait, 0 where it was looked at."""
    try:
        assert sign_in(database, name, "wrong", address, now) is None
    except RestingError as error:
        return error.seconds
    return 0


def answer(office: Office, name: str) -> httpx.Response:
    return Browser(office.app).post("/sign-in", data={"name": name, "password": "wrong"})


@pytest.mark.parametrize("name", ["li", "nobody", "Li ", ""])
def test_a_name_rests_after_five_failures_for_longer_and_longer(office: Office, name: str) -> None:
    now, rests = NOW, []
    for _ in range(5):
        assert guess(office.desk.database, name, now=now) == 0
    for _ in range(6):
        rests.append(guess(office.desk.database, name, now=now))
        now += rests[-1] * SECOND
        assert guess(office.desk.database, name, now=now) == 0
    assert rests == [30, 60, 120, 240, 480, 900]


def test_the_answer_does_not_tell_whether_a_name_is_known(office: Office) -> None:
    for _ in range(7):
        known, unknown = answer(office, "li"), answer(office, "qi")
        assert known.status_code == unknown.status_code
        assert known.text == unknown.text.replace('value="qi"', 'value="li"')
    assert "30" in known.text


def test_a_right_password_ends_the_counting_of_a_name(office: Office) -> None:
    for _ in range(3):
        for _ in range(4):
            assert guess(office.desk.database, "li") == 0
        assert sign_in(office.desk.database, "li", PASSWORD, HERE, NOW) is not None


def test_an_address_rests_whatever_names_it_tries(office: Office) -> None:
    database = office.desk.database
    for number in range(OF_AN_ADDRESS.free):
        assert guess(database, f"name{number}") == 0
    assert guess(database, "another") == 30
    with pytest.raises(RestingError):
        sign_in(database, "li", PASSWORD, HERE, NOW)
    assert sign_in(database, "li", PASSWORD, "203.0.113.8", NOW) is not None
    # What rested looks at passwords again, and forgives one failure a minute.
    assert guess(database, "another", now=NOW + 30 * SECOND) == 0
    assert guess(database, "yet-another", now=NOW + 31 * SECOND) == 59


def test_an_own_account_does_not_wash_an_address_clean(office: Office) -> None:
    database = office.desk.database
    for number in range(OF_AN_ADDRESS.free):
        assert guess(database, f"name{number}") == 0
        if number % 3 == 0 and number < OF_AN_ADDRESS.free - 1:
            assert sign_in(database, "li", PASSWORD, HERE, NOW) is not None
    assert guess(database, "another") == 30


def test_an_office_with_a_typo_now_and_then_is_left_alone(office: Office) -> None:
    for number in range(3 * OF_AN_ADDRESS.free):
        assert guess(office.desk.database, f"name{number}", now=NOW + number * MINUTE) == 0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:203.0.113.7", "203.0.113.7", True),
        ("203.0.113.7", "203.0.113.8", False),
    ],
)
def test_an_ipv6_network_is_one_address(office: Office, one: str, other: str, same: bool) -> None:
    database = office.desk.database
    for number in range(OF_AN_ADDRESS.free):
        guess(database, f"name{number}", one)
    assert (guess(database, "another", other) > 0) is same


def test_what_is_remembered_is_bounded(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "MOST_KEPT", 20)
    database = office.desk.database
    for number in range(60):
        guess(database, f"name{number}", f"203.0.113.{number}", NOW + number)

    def kept() -> set[str]:
        with database.reading() as session:
            return set(session.scalars(sa.select(Guesses.source)))

    assert len(kept()) == 20
    assert {f"from 203.0.113.{number}" for number in range(50, 60)} < kept()
    guess(database, "li", now=NOW + 2 * DAY)
    assert len(kept()) == 2
    assert not any("li" in source.split() for source in kept()), "names are hashes"


def test_another_console_knows(office: Office, tmp_path: Path) -> None:
    for _ in range(OF_A_NAME.free):
        guess(office.desk.database, "li")
    other = open_database(f"sqlite:///{tmp_path}/office.db")
    assert guess(other, "li") == 30
    other.close()


def test_many_guesses_at_once_are_all_counted(office: Office) -> None:
    seen: list[int] = []
    threads = [threading.Thread(target=lambda: seen.append(guess(office.desk.database, "li"))) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(waited == 0 for waited in seen) == OF_A_NAME.free


def test_the_log_tells_from_where_and_keeps_no_unknown_name(office: Office) -> None:
    for name in ("li", "420525195403123511"):
        guess(office.desk.database, name)
    with office.desk.database.reading() as session:
        entries = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [(entry.actor, entry.action) for entry in entries] == [("li", "sign_in_failed"), ("?", "sign_in_failed")]
    assert all(HERE in entry.detail for entry in entries)
