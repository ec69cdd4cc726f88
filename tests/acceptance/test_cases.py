"""Every folder of replay_data/cases leaves exactly the alerts that it expects: in a replay, and by the oracle."""

import csv
import json
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from detectors.alerts import decode
from monitor.configuration import Configuration, load_configuration
from monitor.replaying.inputs import gather
from monitor.replaying.run import replay
from streams.secrets import Keys, make_secret_file
from tests.oracle import judge
from tests.oracle.records import Row

ROOT = Path(__file__).parents[2]
CASES = sorted((ROOT / "replay_data" / "cases").iterdir())
Line = tuple[str, ...]
"""Source, household, status, severity, day, match; then the person, where the case says who it is."""


def expected(case: Path) -> list[dict[str, str]]:
    with (case / "expected.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def line(row: dict[str, str]) -> Line:
    return tuple(row[name] for name in ("source", "household_id", "status", "severity", "occurred_at", "match"))


@pytest.fixture(scope="module")
def configuration() -> Configuration:
    return load_configuration(ROOT / "configs")


def replayed(case: Path, folder: Path, keys: Keys, configuration: Configuration) -> dict[Line, set[str]]:
    """The rules' alerts as the replay left them, each with the persons it is about."""
    given = gather(case / "households.jsonl", case / "events", configuration, keys, time.time_ns() // 1000)
    assert not given.refused
    assert replay(given.inputs, folder).rejected == 0
    latest = {alert.alert_id: alert for alert in map(decode, (folder / "alerts.jsonl").read_bytes().splitlines())}
    found: dict[Line, set[str]] = {}
    for alert in latest.values():
        if alert.source_kind == "rule":
            said = (alert.source, alert.household_id or "", alert.status, alert.severity, alert.occurred_at[:10])
            found.setdefault((*said, alert.match), set()).add(alert.person if isinstance(alert.person, str) else "")
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_replay(case: Path, tmp_path: Path, configuration: Configuration) -> None:
    secret = tmp_path / "secret"
    make_secret_file(secret)
    keys = Keys.from_file(secret)
    found = replayed(case, tmp_path, keys, configuration)
    wanted = expected(case)
    assert sorted(found) == sorted({line(row) for row in wanted})
    assert sum(map(len, found.values())) == len(wanted)
    for row in wanted:
        if row["id_number"]:
            assert keys.pseudonym(row["id_number"]) in found[line(row)], f"{row['source']} is about somebody else"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_oracle(case: Path) -> None:
    roster = [json.loads(text) for text in (case / "households.jsonl").read_text(encoding="utf-8").splitlines()]
    events: dict[str, list[Row]] = {}
    for path in (case / "events").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            events[path.stem] = list(csv.DictReader(file))
    verdict = judge(roster, events, None, datetime.now(UTC))
    assert not verdict.refused
    found = [(a.source, a.household_id, "raised", a.severity, a.occurred_at[:10], a.match) for a in verdict.alerts]
    assert sorted(found) == sorted(line(row) for row in expected(case) if row["status"] == "raised")


def test_every_rule_has_a_case() -> None:
    rules = {path.stem for path in (ROOT / "configs" / "rules").glob("*.yaml")}
    assert {case.name for case in CASES} >= rules
    for case in CASES:
        assert (case / "story.md").read_text(encoding="utf-8").startswith("# ")
