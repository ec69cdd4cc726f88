"""The audit log only grows, and what was done to it is found."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from alert_sinks.database import Database, open_database
from monitor import cli
from monitor.console import audit


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    url = f"sqlite:///{tmp_path / 'audit.db'}"
    monkeypatch.setenv("MONITOR_DATABASE", url)
    opened = open_database(url)
    for number in range(5):
        with opened.writing() as session:
            audit.write(session, number, "li", "household_viewed", f"WO-{number}", {"why": "因为"})
    return opened


def tamper(database: Database, statement: str) -> None:
    """As somebody with the database's password could."""
    with database.writing() as session:
        for action in ("UPDATE", "DELETE"):
            session.execute(sa.text(f"DROP TRIGGER audit_log_{action}_refused"))
        session.execute(sa.text(statement))


def verify(monkeypatch: pytest.MonkeyPatch, *options: str) -> int:
    monkeypatch.setattr("sys.argv", ["monitor", "audit", "verify", *options])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


def test_an_untouched_log_is_unbroken(
    database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    database.close()
    assert verify(monkeypatch) == 0
    said = capsys.readouterr().out
    assert said.startswith("5 entries, unbroken")
    assert verify(monkeypatch, "--head", said.split()[-1]) == 0


@pytest.mark.parametrize(
    ("statement", "broken_at"),
    [
        ("UPDATE audit_log SET actor = 'wang' WHERE id = 3", 3),
        ("UPDATE audit_log SET at = at + 1 WHERE id = 5", 5),
        ("DELETE FROM audit_log WHERE id = 2", 2),
        ("DELETE FROM audit_log WHERE id = 1", 1),
        ("UPDATE audit_log SET hash = 'x' WHERE id = 5", 5),
    ],
)
def test_what_was_done_to_it_is_found(
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    statement: str,
    broken_at: int,
) -> None:
    tamper(database, statement)
    database.close()
    assert verify(monkeypatch) == 1
    assert f"entry {broken_at} " in capsys.readouterr().err


def test_entries_cut_off_at_the_end_are_found_by_an_earlier_head(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.reading() as session:
        head = audit.verify(session).head
    tamper(database, "DELETE FROM audit_log WHERE id = 5")
    database.close()
    assert verify(monkeypatch) == 0
    assert verify(monkeypatch, "--head", head) == 1


def test_the_database_refuses_changes(database: Database) -> None:
    for statement in ("UPDATE audit_log SET actor = 'x'", "DELETE FROM audit_log"):
        with pytest.raises(sa.exc.DBAPIError, match="only ever added"), database.writing() as session:
            session.execute(sa.text(statement))
    database.close()
