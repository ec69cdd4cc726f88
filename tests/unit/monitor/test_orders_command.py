"""`monitor orders`: exactly the contract's fields, in order of opening."""

import json
from pathlib import Path

import pytest

from alert_sinks.database import open_database
from alert_sinks.routing import load_routing
from alert_sinks.work_orders import Desk
from alert_sinks.work_orders.tables import WorkOrder
from detectors.alerts import Alert
from monitor import cli
from streams.moments import parse_instant
from tests.unit.alert_sinks.order_examples import make_alert

NOW = parse_instant("2026-03-10T09:00:00+08:00")
CENTRES = Path(__file__).parents[3] / "configs" / "centres.yaml"


def alert(alert_id: str, household_id: str) -> Alert:
    return make_alert(
        alert_id, household_id=household_id, region="420525101003", occurred_at="2026-03-09T00:00:00+08:00"
    )


@pytest.fixture
def _orders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'orders.db'}"
    monkeypatch.setenv("MONITOR_DATABASE", url)
    database = open_database(url)
    Desk(database, load_routing(CENTRES)).attach([alert("b", "H-2"), alert("z", "H-1"), alert("a", "H-1")], NOW)
    with database.writing() as session:
        order = session.get_one(WorkOrder, 1)
        order.state, order.outcome, order.closed_at = "closed", "helped", NOW
    database.close()


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["monitor", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


@pytest.mark.usefixtures("_orders")
def test_lists_orders(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert run(monkeypatch, "orders") == 0
    lines = [json.loads(line) for line in capfdbinary.readouterr().out.splitlines()]
    assert lines == [
        {
            "order_id": "WO-0000001",
            "household_id": "H-2",
            "region": "420525101003",
            "state": "closed",
            "outcome": "helped",
            "opened_at": "2026-03-10T09:00:00+08:00",
            "due_at": "2026-03-30T23:59:59+08:00",
            "alerts": ["b"],
        },
        {
            "order_id": "WO-0000002",
            "household_id": "H-1",
            "region": "420525101003",
            "state": "new",
            "outcome": None,
            "opened_at": "2026-03-10T09:00:00+08:00",
            "due_at": "2026-03-30T23:59:59+08:00",
            "alerts": ["a", "z"],
        },
    ]


@pytest.mark.usefixtures("_orders")
def test_only_one_state(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert run(monkeypatch, "orders", "--state", "new") == 0
    assert [json.loads(line)["order_id"] for line in capfdbinary.readouterr().out.splitlines()] == ["WO-0000002"]


@pytest.mark.usefixtures("_orders")
def test_an_unknown_state_is_unusable(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, "orders", "--state", "lost") == 2
    assert "no such state" in capsys.readouterr().err
