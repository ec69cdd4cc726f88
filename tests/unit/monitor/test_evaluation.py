"""The counting rules of contract.md §7."""

import pytest

from monitor.evaluation import evaluate
from monitor.labels import Truth
from monitor.replaying.register import Said
from streams.moments import DAY, parse_day, parse_instant


def truth(kind: str, since: str, until: str = "", person: str = "P", household: str = "H", **more: str) -> Truth:
    return Truth(
        line=int(more.get("line", 2)),
        household_id=household,
        person=person,
        kind=kind,
        since=parse_day(since),
        until=parse_day(until) if until else None,
        feed=more.get("feed", ""),
        region=more.get("region", ""),
        size="",
        begins=parse_instant(since),
    )


def said(
    source: str, at: str, occurred: str = "", person: str = "P", household: str | None = "H", **more: object
) -> Said:
    first = parse_instant(at)
    given: dict[str, object] = {
        "alert_id": f"{source}-{at}-{person}-{household}",
        "source": source,
        "source_kind": "rule",
        "direction": "exit",
        "severity": "high",
        "household_id": household,
        "person": person,
        "region": "420525101003",
        "feeds": (),
        "shadow": False,
        "occurred_at": parse_instant(occurred or at),
        "due_at": first,
        "first_at": first,
        "raised_at": first,
    }
    return Said(**{**given, **more})


def outcome(kind: str, truths: list[Truth], alerts: list[Said]) -> tuple[int, int, int]:
    found = evaluate(truths, alerts, 1000.0).kinds[kind]
    return found.found, found.right, found.false


@pytest.mark.parametrize(
    ("at", "counts"), [("2025-02-28", False), ("2025-03-01", True), ("2025-06-30", True), ("2025-07-02", False)]
)
def test_a_detectors_alert_counts_until_three_months_after_the_onset(at: str, counts: bool) -> None:
    result = outcome("income-drop", [truth("income-drop", "2025-03-01", "2025-03-31")], [said("income-drop", at)])
    assert result == ((1, 1, 0) if counts else (0, 0, 1))


@pytest.mark.parametrize(("at", "counts"), [("2025-10-31", True), ("2025-11-03", False)])
def test_a_drift_counts_until_eight_months_after_its_beginning(at: str, counts: bool) -> None:
    result = outcome("income-drift", [truth("income-drift", "2025-03-01", "2025-05-31")], [said("income-drift", at)])
    assert result[0] == int(counts)


def test_another_rise_of_the_same_person_counts() -> None:
    truths = [truth("income-drift", "2025-03-01")]
    found = evaluate(truths, [said("second-source", "2025-09-15")], 1000.0)
    assert found.kinds["income-drift"].found == 1
    assert (found.kinds["second-source"].right, found.kinds["second-source"].false) == (1, 0)
    assert evaluate(truths, [said("second-source", "2025-09-15", person="Q")], 1000.0).kinds["second-source"].false == 1
    assert evaluate(truths, [said("income-drop", "2025-04-15")], 1000.0).kinds["income-drop"].false == 1


def test_a_feeds_label_without_a_region_is_met_by_any_cell() -> None:
    burst = said("feed-burst", "2025-03-02T12:00", household=None, person="", feeds=("taxes",))
    for region, counts in (("", 1), ("420525", 1), ("420526", 0)):
        about = truth("feed-burst", "2025-03-02", household="", person="", feed="taxes", region=region)
        assert outcome("feed-burst", [about], [burst]) == (counts, counts, 1 - counts)


@pytest.mark.parametrize(("kind", "at", "counts"), [
    ("feed-burst", "2025-03-03T23:00", True), ("feed-burst", "2025-03-04T01:00", False),
    ("feed-shift", "2025-03-05T23:00", True), ("feed-shift", "2025-03-06T01:00", False),
])  # fmt: skip
def test_a_feeds_alert_counts_for_a_day_and_a_shifts_for_three(kind: str, at: str, counts: bool) -> None:
    label = truth(kind, "2025-03-01", "2025-03-02", person="", household="", feed="medical", region="420525")
    alert = said(kind, at, person="", household=None, region="420525", feeds=("medical",))
    assert outcome(kind, [label], [alert])[0] == int(counts)
    elsewhere = said(kind, "2025-03-02", person="", household=None, region="420526", feeds=("medical",))
    assert outcome(kind, [label], [elsewhere]) == (0, 0, 1)


def test_what_was_taken_back_soon_is_neither_found_nor_false() -> None:
    label = truth("vehicle-owned", "2025-03-01")
    alert = said("vehicle-owned", "2025-03-02")
    alert.retracted_at = alert.raised_at + 7 * DAY
    assert outcome("vehicle-owned", [label], [alert]) == (0, 0, 0)
    alert.retracted_at += 1
    assert outcome("vehicle-owned", [label], [alert]) == (0, 0, 1)
    alert.by_feed_shift = True
    assert outcome("vehicle-owned", [label], [alert]) == (0, 0, 0)


def test_a_second_case_is_not_taken_for_the_first() -> None:
    labels = [truth("job-lost", "2025-03-01"), truth("job-lost", "2025-09-01", line="3")]
    assert outcome("job-lost", labels, [said("job-lost", "2025-09-04", occurred="2025-09-01")]) == (1, 1, 0)
    both = [said("job-lost", "2025-03-04"), said("job-lost", "2025-09-04")]
    assert outcome("job-lost", labels, both) == (2, 2, 0)


def test_a_rules_alert_from_before_the_label_is_false() -> None:
    assert outcome("vehicle-owned", [truth("vehicle-owned", "2025-03-01")], [said("vehicle-owned", "2025-02-01")]) == (
        0, 0, 1,
    )  # fmt: skip


def test_the_summary_has_what_the_contract_names() -> None:
    labels = [truth("death-receiving", "2025-03-01"), truth("death-receiving", "2025-05-01", household="H2")]
    alerts = [said("death-receiving", "2025-03-04"), said("vehicle-owned", "2025-04-01")]
    summary = evaluate(labels, alerts, 2000.0).summary()
    kind = summary["death-receiving"]
    assert (kind["truths"], kind["found"], kind["recall"], kind["precision"]) == (2, 1, 0.5, 1.0)
    assert kind["median_days_to_alert"] == 3.0
    assert kind["recall_interval"] == (0.0945, 0.9055)
    assert summary["vehicle-owned"]["precision"] == 0.0
    assert summary["vehicle-owned"]["recall"] is None
    assert summary["false_alerts_per_1000_household_months"] == 0.5
