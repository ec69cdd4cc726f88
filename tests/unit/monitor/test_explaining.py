"""The parts of a condition, and why a record is not read."""

from pathlib import Path

import pytest

from detectors.rules.casebook import Casebook
from detectors.rules.condition import Condition
from detectors.rules.rule_book import RuleBook
from detectors.rules.vocabulary import VOCABULARY
from monitor.configuration import load_configuration
from monitor.explaining.trials import conjuncts, trials
from tests.plain import change, line

CONFIGS = Path(__file__).parents[3] / "configs"
RULES: RuleBook = load_configuration(CONFIGS).rules


@pytest.mark.parametrize(("source", "parts"), [
    ("change.action == 'hired'", ["change.action == 'hired'"]),
    ("change.action == 'a && b' && change.base > 2", ["change.action == 'a && b'", "change.base > 2"]),
    ("(change.base > 1 && change.base < 9) && change.base != 5",
     ["(change.base > 1 && change.base < 9)", "change.base != 5"]),
    ("change.base > 1 && change.base < 9 || change.base == 5",
     ["change.base > 1 && change.base < 9 || change.base == 5"]),
    ("change.base > 1 ? change.base < 9 : change.base == 5 && change.base > 0",
     ["change.base > 1 ? change.base < 9 : change.base == 5 && change.base > 0"]),
])  # fmt: skip
def test_what_stands_between_the_outermost_ands(source: str, parts: list[str]) -> None:
    assert [part.source for part in conjuncts(Condition(source, VOCABULARY))] == parts


def explained(rule_id: str, record: dict[str, object], household: dict[str, object]) -> tuple[bool, str]:
    casebook = Casebook(RULES)
    members = [{"id_number": "A"}, {"id_number": "S", "co_resident": False}]
    casebook.take_line(line({"members": members, "consent_until": "2027-12-31", **household}), 0)
    given = change("vehicles", {"id_number": "A", "occurred_at": "2026-03-01", "event_id": "E", "plate": "DEMO-1",
                                "vehicle_type": "car", "action": "registered", **record})  # fmt: skip
    casebook.take("vehicles/E", given)
    (rule,) = (rule for rule in RULES.rules if rule.id == rule_id)
    (trial,) = trials(casebook, rule)
    return trial.fires, trial.why


@pytest.mark.parametrize(("record", "household", "why"), [
    ({}, {}, ""),
    ({"vehicle_type": "tricycle"}, {}, "not: change.vehicle_type in params.counted"),
    ({"action": "scrapped"}, {}, "not: change.action == 'registered'"),
    ({"occurred_at": "2025-06-01"}, {"declared_vehicles": 1}, "not: facts.vehicles > household.declared_vehicles"),
    ({"id_number": "S"}, {}, "names no co-resident member of the line in force"),
    ({}, {"consent_until": "2026-01-31"}, "no consent on that day"),
    ({}, {"programs": []}, "the household held no programme"),
    ({"occurred_at": "2025-06-01", "action": "transferred"}, {}, "before the household's first line"),
])  # fmt: skip
def test_the_first_reason_is_told(record: dict[str, object], household: dict[str, object], why: str) -> None:
    assert explained("vehicle-owned", record, household) == (why == "", why)
