"""The demo's end on a terminal: people who may sign in at once, and a port that is free."""

import socket
from pathlib import Path

import pytest

from alert_sinks.database import open_database
from monitor.console.accounts import find_browser
from monitor.console.signing_in import sign_in
from monitor.demo.staying import OFFICER, SUPERVISOR, make_people, open_port
from monitor.settings import load
from tests.unit.alert_sinks.order_examples import NOW


def test_the_demos_people_may_sign_in_without_a_new_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONITOR_DATABASE", f"sqlite:///{tmp_path / 'demo.db'}")
    passwords = make_people(load())
    assert passwords[OFFICER] != passwords[SUPERVISOR]
    database = open_database(load().database)
    for name, password in passwords.items():
        token = sign_in(database, name, password, "127.0.0.1", NOW)
        with database.reading() as session:
            browser = find_browser(session, token or "", NOW)
        assert browser is not None
        assert not browser.one_time
        assert (browser.viewer.role, browser.viewer.centre) == (name, "main")
    database.close()


def test_a_taken_port_is_left_alone() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        wanted = taken.getsockname()[1]
        assert open_port("127.0.0.1", wanted) != wanted
    assert open_port("127.0.0.1", wanted) == wanted
