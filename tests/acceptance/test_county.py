"""The committed county: made by its command, and labelled as an independent reading of the rules reads it."""

import csv
import json
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from monitor.simulation import COUNTY, simulate
from monitor.simulation.feeds import FEEDS
from tests.oracle import judge
from tests.oracle.records import Row

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "replay_data"
MADE = ["households.jsonl", "labels.csv", "near_misses.csv", *(f"events/{feed}.csv" for feed in FEEDS)]


def test_the_command_in_the_readme_makes_these_bytes(tmp_path: Path) -> None:
    command = "monitor simulate --households 240 --days 365 --seed 22 --start 2025-01-01 --out replay_data"
    assert command in (FOLDER / "README.md").read_text(encoding="utf-8")
    simulate(COUNTY, 240, 365, 22, tmp_path, start=date(2025, 1, 1))
    for name in MADE:
        assert (tmp_path / name).read_bytes() == (FOLDER / name).read_bytes(), name


def test_it_is_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()) < 10_000_000


def _rows(feed: str, people: set[str]) -> list[Row]:
    """The feed's records that name somebody of the roster: the oracle takes its time with each."""
    with (FOLDER / "events" / f"{feed}.csv").open(encoding=FEEDS[feed].encoding, newline="") as file:
        header, *body = csv.reader(file)
    fitting = (row for row in body if len(row) == len(header) and not people.isdisjoint(row))
    return [dict(zip(header, row, strict=True)) for row in fitting]


@pytest.fixture(scope="module")
def standing() -> Counter[tuple[str, str, str]]:
    """Household, rule and day of every alert that the oracle leaves standing."""
    roster = [json.loads(line) for line in (FOLDER / "households.jsonl").read_text(encoding="utf-8").splitlines()]
    numbers = {member["id_number"] for home in roster for member in home["members"]}
    people = {way for n in numbers for way in (n, n.lower(), n[:6] + n[8:17])}
    verdict = judge(roster, {feed: _rows(feed, people) for feed in FEEDS}, None, datetime.now(UTC))
    return Counter((alert.household_id, alert.source, alert.occurred_at[:10]) for alert in verdict.alerts)


def _table(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_labels_are_what_the_rules_say(standing: Counter[tuple[str, str, str]]) -> None:
    rules = {path.stem for path in (ROOT / "configs" / "rules").glob("*.yaml")}
    labels = [label for label in _table("labels.csv") if label["kind"] in rules]
    assert {label["kind"] for label in labels} == rules
    assert Counter((label["household_id"], label["kind"], label["since"]) for label in labels) == standing


def test_near_misses_do_not_fire(standing: Counter[tuple[str, str, str]]) -> None:
    fired = {(household, rule) for household, rule, _ in standing}
    assert not fired & {(miss["household_id"], miss["kind"]) for miss in _table("near_misses.csv")}
