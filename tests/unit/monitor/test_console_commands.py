"""`monitor users`, `monitor labels` and `monitor report`, as operators type them."""

import csv
import re
from pathlib import Path

import pytest

from alert_sinks.database import open_database
from alert_sinks.routing import load_routing
from alert_sinks.work_orders import Desk, closing, steps
from monitor import cli
from monitor.console import audit
from monitor.console.accounts import NAME
from monitor.console.signing_in import sign_in
from monitor.settings import load
from tests.unit.alert_sinks.order_examples import NOW, make_alert


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("MONITOR_DATABASE", f"sqlite:///{tmp_path / 'orders.db'}")
    settings = load()
    return Desk(open_database(settings.database), load_routing(settings.config / "centres.yaml"))


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["monitor", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


def test_users_are_managed_from_the_shell(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "users", "add", "li", "--role", "officer", "--centre", "main") == 0
    first = capsys.readouterr().out.strip()
    assert run(monkeypatch, "users", "reset", "li") == 0
    second = capsys.readouterr().out.strip()
    assert sign_in(desk.database, "li", first, "127.0.0.1", NOW) is None
    assert sign_in(desk.database, "li", second, "127.0.0.1", NOW) is not None
    assert run(monkeypatch, "users", "list") == 0
    assert capsys.readouterr().out == "li\tofficer\tmain\tone-time password\n"
    assert run(monkeypatch, "users", "disable", "li") == 0
    assert sign_in(desk.database, "li", second, "127.0.0.1", NOW) is None
    assert run(monkeypatch, "users", "disable", "li", "--undo") == 0
    assert run(monkeypatch, "users", "token", "li", "--scope", "orders:read") == 0
    assert capsys.readouterr().out.startswith("snm_")
    # An account named "shell" may do things too: the log must tell them apart.
    with desk.database.reading() as session:
        doers = {entry.actor for entry in audit.entries(session, 0, "", 10) if entry.action != "sign_in_failed"}
    assert doers == {"li", "(shell)"}
    assert not re.fullmatch(NAME, "(shell)")
    desk.database.close()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("add", "li", "--role", "king"), "no such role"),
        (("add", "li", "--role", "officer"), "belong to a centre"),
        (("add", "li", "--role", "officer", "--centre", "nowhere"), "belong to a centre"),
        (("add", "Li Xiao", "--role", "admin"), "a name has"),
        (("reset", "nobody"), "no such user"),
        (("token", "nobody", "--scope", "orders:read"), "no such user"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    told: str,
) -> None:
    desk.database.close()
    assert run(monkeypatch, "users", *arguments) == 2
    said = capsys.readouterr().err
    assert told in said
    assert said.count("\n") == 1


def closed_order(desk: Desk) -> None:
    """An order whose first alert was right and whose second was not."""
    desk.attach([make_alert("a1", person="p"), make_alert("a2", source="business-owner")], NOW)
    with desk.case(1, version=3, actor="li", now=NOW) as case:
        steps.assign(case, "li")
        steps.verify(case)
        closing.close(case, "no_change", {"a1": "true", "a2": "false"}, "x")
    desk.database.close()


def test_verdicts_become_labels(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    closed_order(desk)
    out = tmp_path / "labels.csv"
    assert run(monkeypatch, "labels", "--out", str(out)) == 0
    with out.open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert {name: row[name] for name in ("household_id", "kind", "direction", "since", "verdict")} == {
        "household_id": "H-1",
        "kind": "vehicle-owned",
        "direction": "exit",
        "since": "2026-03-01",
        "verdict": "true",
    }
    assert "business-owner" in (tmp_path / "labels.refuted.csv").read_text(encoding="utf-8")
    assert run(monkeypatch, "labels", "--out", str(tmp_path / "nowhere" / "labels.csv")) == 2


def test_the_monthly_report(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    closed_order(desk)
    assert run(monkeypatch, "report", "--month", "2026-03", "--language", "en") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == "Opened: 1, closed: 1"
    assert "By outcome\tno change\t1\t1\t1" in lines
    assert run(monkeypatch, "report", "--month", "2026-03", "--out", str(tmp_path / "r.xlsx")) == 0
    assert (tmp_path / "r.xlsx").read_bytes().startswith(b"PK")
    assert run(monkeypatch, "report", "--month", "March") == 2


def test_formulas_stay_text(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import openpyxl

    desk.attach([make_alert("a1", programs=("=1+1",))], NOW)
    desk.database.close()
    assert run(monkeypatch, "report", "--month", "2026-03", "--out", str(tmp_path / "r.xlsx")) == 0
    cells = [cell for row in openpyxl.load_workbook(tmp_path / "r.xlsx").active.iter_rows() for cell in row]
    (cell,) = [cell for cell in cells if cell.value == "=1+1"]
    assert cell.data_type == "s"
