"""A feed on another scale: rules' alerts that rest on its amounts say so, as long as it lasts and afterwards."""

from typing import Any

import pytest

from alert_sinks.work_orders.reading import in_doubt
from detectors.alerts import Alert
from detectors.doubts import Doubt, Doubts
from detectors.rules.rule_book import RuleBook
from monitor.household import HouseholdState
from streams.messages import Matched
from streams.moments import DAY, HOUR, iso, parse_instant
from tests import plain
from tests.engine import ASSESSOR, RULES
from tests.unit.monitor.test_assessment import NOW, car, enrolled

SINCE = parse_instant("2026-03-04T00:00:00")
DOUBT = Doubt("social-insurance", "420525", SINCE)
OVER = Doubt("social-insurance", "420525", SINCE, SINCE + 5 * DAY)


def paid(month: str = "2026-02", base: float = 300_000, **fields: Any) -> dict[str, Any]:
    return {
        "feed": "social-insurance", "event_id": f"s-{month}", "id_number": "father", "occurred_at": "2026-03-05",
        "reported_at": "2026-03-05", "region": "420525000000", "employer": "示例厂", "base": base, "period": month,
        "kind": "employee", "status": "paid", **fields,
    }  # fmt: skip


def tell(state: HouseholdState, doubts: Doubts, feed: str, **record: Any) -> list[Alert]:
    message = Matched(household_id="H-1", change=plain.change(feed, {"id_number": "father", **record}))
    return ASSESSOR.assess(state, message, NOW, None, doubts)


def resolve(state: HouseholdState, doubts: Doubts, doubt: Doubt) -> list[Alert]:
    return [
        alert
        for household_id in doubts.take(doubt)
        for alert in ASSESSOR.doubted(state, household_id, doubt, NOW, None, doubts)
    ]


def sources(alerts: list[Alert]) -> set[tuple[str, int, bool]]:
    return {(alert.source, alert.revision, "feed_doubtful" in alert.evidence) for alert in alerts}


def test_what_was_said_gets_a_revision_when_the_doubt_begins_and_one_when_it_ends() -> None:
    state, doubts = enrolled(), Doubts()
    tell(state, doubts, **car())
    assert sources(tell(state, doubts, **paid())) == {("formal-employment", 1, False), ("income-above-line", 1, False)}
    marked = resolve(state, doubts, DOUBT)
    assert sources(marked) == {("formal-employment", 2, True), ("income-above-line", 2, True)}
    shown = {"feed": "social-insurance", "region": "420525", "since": iso(SINCE)}
    assert [alert.evidence["feed_doubtful"] for alert in marked] == [[shown], [shown]]
    assert all(in_doubt(alert) for alert in marked)
    over = resolve(state, doubts, OVER)
    assert sources(over) == {("formal-employment", 3, True), ("income-above-line", 3, True)}
    assert not any(in_doubt(alert) for alert in over)
    assert over[0].evidence["feed_doubtful"][0]["until"] == iso(SINCE + 5 * DAY)
    assert resolve(state, doubts, DOUBT) == []


def test_what_is_said_during_the_doubt_says_so_at_once() -> None:
    state, doubts = enrolled(), Doubts()
    doubts.take(DOUBT)
    alerts = tell(state, doubts, **paid())
    assert sources(alerts) == {("formal-employment", 1, True), ("income-above-line", 1, True)}
    assert sources(tell(state, doubts, **car())) == {("vehicle-owned", 1, False)}


@pytest.mark.parametrize(
    "fields",
    [{"region": "420526000000"}, {"region": ""}, {"reported_at": "2026-03-03", "occurred_at": "2026-03-03"}],
    ids=["another county's feed", "nobody's feed", "before the doubt"],
)
def test_other_amounts_are_not_in_doubt(fields: dict[str, str]) -> None:
    state, doubts = enrolled(), Doubts()
    doubts.take(DOUBT)
    assert not any(marked for _, _, marked in sources(tell(state, doubts, **paid(**fields))))


def test_a_corrected_record_is_not_in_doubt() -> None:
    state, doubts = enrolled(), Doubts()
    doubts.take(OVER)
    tell(state, doubts, **paid())
    said = tell(state, doubts, **paid(base=3000, reported_at="2026-03-20"))
    assert {(alert.source, alert.status) for alert in said} == {
        ("formal-employment", "raised"),
        ("income-above-line", "raised"),
    }
    assert not any(marked for _, _, marked in sources(said))


def test_the_shipped_rules_that_rest_on_amounts() -> None:
    assert {rule.id: sorted(rule.amounts) for rule in RULES.rules if rule.amounts} == {
        "catastrophic-medical": ["medical"],
        "formal-employment": ["social-insurance"],
        "housing-fund-paid": ["housing-fund"],
        "income-above-line": ["housing-fund", "pensions", "social-insurance", "taxes"],
        "large-subsidy": ["subsidies"],
        "retirement-pension": ["pensions"],
        "supporter-means": ["social-insurance"],
    }
    assert isinstance(RULES, RuleBook)


def test_doubts_are_kept_and_what_nobody_needs_is_forgotten() -> None:
    doubts = Doubts()
    doubts.take(DOUBT)
    for number in range(5000):
        doubts.rests("medical", f"H-{number}", SINCE + number * HOUR)
    assert len(doubts.rested["medical"]) < 2000
    assert doubts.take(Doubt("medical", "420525", SINCE + 4990 * HOUR)) == [f"H-{n}" for n in range(4990, 5000)]
    again = Doubts.decode(doubts.encode())
    assert again == doubts
    assert again.of("social-insurance", "420525", SINCE - 1) is None
    assert Doubts.decode(None) == Doubts.decode(b"\x90\x00") == Doubts()
