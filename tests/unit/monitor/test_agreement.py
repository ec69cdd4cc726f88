"""Live and replay agree but for what may differ; every other difference is told."""

from typing import Any

from monitor.agreement import differences, standing


def alert(alert_id: str, revision: int = 1, **fields: Any) -> dict[str, Any]:
    base = {
        "alert_id": alert_id,
        "revision": revision,
        "status": "raised",
        "source": "vehicle-owned",
        "source_kind": "rule",
        "household_id": "H-1",
        "detected_at": "2026-01-01",
        "severity": "high",
        "evidence": {"count": 1},
    }
    return {**base, **fields}


def test_what_may_differ_is_no_difference() -> None:
    live = [alert("a", 3, detected_at="2026-05-05", evidence={"count": 1, "feed_doubtful": True})]
    assert differences(standing(live), standing([alert("a")])) == []


def test_only_what_stands_and_only_rules_count() -> None:
    live = [alert("a"), alert("a", 2, status="retracted"), alert("d", source_kind="detector")]
    assert differences(standing(live), standing([])) == []


def test_the_latest_revision_counts_in_whatever_order_they_come() -> None:
    assert standing([alert("a", 2, severity="low"), alert("a", 1)])["a"]["severity"] == "low"


def test_each_difference_is_told() -> None:
    live = standing([alert("a"), alert("b"), alert("c")])
    replayed = standing([alert("b", severity="low"), alert("c"), alert("e")])
    told = [(one.alert_id, one.kind, one.fields) for one in differences(live, replayed)]
    assert told == [("a", "only live", ()), ("b", "different", ("severity",)), ("e", "only replayed", ())]
