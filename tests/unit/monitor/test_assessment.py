"""Assessment step by step: revisions, retractions, saving at any point, and a ledger that does not grow for ever."""

from typing import Any

import pytest

from detectors.alerts import Alert
from monitor.household import HouseholdState
from streams.messages import Matched, RosterNote
from streams.moments import parse_instant
from tests import plain
from tests.engine import ASSESSOR

HOUSEHOLD = {
    "household_id": "H-1",
    "region": "420525101003",
    "as_of": "2020-01-01",
    "consent_until": "2099-12-31",
    "programs": [{"program": "dibao"}],
    "members": [{"id_number": "father", "name": "张三"}, {"id_number": "mother"}],
}
NOW = parse_instant("2026-03-06T08:00:00")


def enrolled(**fields: Any) -> HouseholdState:
    state = ASSESSOR.load(None)
    note = RosterNote(household_id="H-1", version=1, line=plain.line({**HOUSEHOLD, **fields}))
    assert ASSESSOR.assess(state, note, NOW) == []
    return state


def tell(state: HouseholdState, feed: str, at: int = NOW, **record: Any) -> list[Alert]:
    message = Matched(household_id="H-1", change=plain.change(feed, {"id_number": "father", **record}))
    return ASSESSOR.assess(state, message, at)


def car(plate: str = "DEMO-1", **fields: Any) -> dict[str, Any]:
    return {
        "feed": "vehicles", "event_id": plate, "occurred_at": "2026-03-01", "reported_at": "2026-03-05",
        "plate": plate, "vehicle_type": "car", "action": "registered", **fields,
    }  # fmt: skip


def pension(month: str, amount: float = 2400, **fields: Any) -> dict[str, Any]:
    return {
        "feed": "pensions", "event_id": f"p-{month}", "occurred_at": f"{month}-10", "amount": amount,
        "period": month, **fields,
    }  # fmt: skip


def test_a_change_raises_what_the_rule_says():
    (alert,) = tell(enrolled(), **car())
    assert (alert.source, alert.status, alert.revision, alert.severity) == ("vehicle-owned", "raised", 1, "high")
    assert alert.occurred_at == "2026-03-01T00:00:00+08:00"
    assert alert.detected_at == "2026-03-06T08:00:00+08:00"
    assert alert.due_at == "2026-03-25T23:59:59+08:00"
    assert alert.event_ids == ("DEMO-1",)
    assert alert.feeds == ("vehicles",)
    assert alert.evidence["vehicles"] == 1
    assert alert.evidence["declared_vehicles"] == 0
    assert alert.evidence["days_to_act"] == 20
    assert "DEMO-1" in alert.explanation.zh
    assert "DEMO-1" in alert.explanation.en


def test_the_same_change_again_says_nothing_new():
    state = enrolled()
    tell(state, **car())
    assert tell(state, **car()) == []


def test_a_retraction_retracts_and_a_new_record_raises_again():
    state = enrolled()
    (first,) = tell(state, **car())
    (gone,) = tell(state, **car(op="retract", reported_at="2026-03-07"))
    (again,) = tell(state, **car(event_id="another"))
    assert [(a.alert_id, a.revision, a.status) for a in (first, gone, again)] == [
        (first.alert_id, 1, "raised"),
        (first.alert_id, 2, "retracted"),
        (first.alert_id, 3, "raised"),
    ]
    assert gone.event_ids == first.event_ids


def test_a_retraction_that_comes_first_holds_for_good():
    state = enrolled()
    assert tell(state, **car(op="retract")) == []
    assert tell(state, **car()) == []


def test_every_change_that_alters_an_alert_makes_a_revision():
    state = enrolled()
    tell(state, **car())
    (second,) = tell(state, **car(event_id="again", occurred_at="2026-03-02"))
    assert second.revision == 2
    assert second.event_ids == ("DEMO-1", "again")
    assert second.occurred_at == "2026-03-01T00:00:00+08:00"


def test_a_doubtful_match_is_a_step_milder_and_says_so():
    revisions = {alert.source: alert for alert in tell(enrolled(), **car(name="李四"))}
    assert revisions["vehicle-owned"].severity == "medium"
    assert revisions["vehicle-owned"].match == "doubtful"
    assert revisions["identity-mismatch"].severity == "low"


def test_a_line_of_the_same_day_that_comes_earlier_but_was_read_first_is_passed_over():
    state = enrolled()
    older = RosterNote(household_id="H-1", version=0, line=plain.line({**HOUSEHOLD, "declared_vehicles": 3}))
    ASSESSOR.assess(state, older, NOW)
    assert [alert.source for alert in tell(state, **car())] == ["vehicle-owned"]


def test_a_replaced_line_retracts_what_only_it_supported():
    state = enrolled()
    tell(state, **car())
    newer = RosterNote(household_id="H-1", version=2, line=plain.line({**HOUSEHOLD, "programs": []}))
    (gone,) = ASSESSOR.assess(state, newer, NOW)
    assert (gone.source, gone.status) == ("vehicle-owned", "retracted")


@pytest.mark.parametrize("every", [1, 2, 3])
def test_a_state_that_is_stored_and_loaded_at_any_point_says_the_same(every):
    story = [car(), pension("2026-01"), car("DEMO-2", name="李四"), pension("2026-02"), car(op="retract"),
             car("DEMO-1", event_id="x"), pension("2026-01", 100, reported_at="2026-03-08")]  # fmt: skip
    straight, stored = enrolled(), enrolled()
    for place, told in enumerate(story):
        if place % every == 0:
            stored = ASSESSOR.load(ASSESSOR.store(stored))
        assert tell(stored, **told) == tell(straight, **told)
    assert ASSESSOR.store(ASSESSOR.load(ASSESSOR.store(stored))) == ASSESSOR.store(straight)


def test_other_rules_judge_a_stored_household_anew():
    from detectors.rules.rule_book import RuleBook
    from monitor.assessment import Assessor
    from tests.engine import RULES

    state = enrolled()
    tell(state, **car())
    fewer = RuleBook(tuple(rule for rule in RULES.rules if rule.id != "vehicle-owned"), RULES.standards)
    assert RULES.version != fewer.version
    other = Assessor(fewer, ASSESSOR.keys)
    loaded = other.load(ASSESSOR.store(state))
    assert loaded.casebook.dirty == {rule.id for rule in fewer.rules}


def test_a_record_far_too_old_is_counted_and_not_judged():
    assert tell(enrolled(), **pension("2022-01", reported_at="2026-03-05")) == []


def test_the_ledger_forgets_what_no_rule_needs_and_keeps_what_was_said():
    state = enrolled()
    months = [f"{year}-{month:02d}" for year in range(2020, 2027) for month in range(1, 13)]
    raised = [alert for month in months for alert in tell(state, **pension(month))]
    kept = {change.text("period") for change in state.records()}
    assert {alert.source for alert in raised} == {"retirement-pension", "income-above-line"}
    assert {alert.status for alert in raised} == {"raised"}, "nothing may be taken back because it has grown old"
    assert len({alert.alert_id for alert in raised}) == 2, "a running excess stays one excess"
    assert len(kept) <= 42
    assert max(kept) == "2026-12"


def test_a_window_stays_quiet_after_its_records_have_expired():
    state = enrolled()
    subsidy = {"feed": "subsidies", "kind": "other"}
    tell(state, **subsidy, event_id="big", occurred_at="2020-02-01", amount=20000)
    said = []
    for year, month in [(y, m) for y in range(2020, 2026) for m in (3, 9)]:
        said += tell(state, **subsidy, event_id=f"{year}{month}", occurred_at=f"{year}-{month:02d}-01", amount=10)
    assert said == []
    assert not any(change.event_id == "big" for change in state.records())


def test_a_window_of_which_a_part_has_expired_is_not_found_anew():
    state = enrolled()
    subsidy = {"feed": "subsidies", "kind": "other", "amount": 6000}
    said = []
    for year, month in [(y, m) for y in range(2020, 2027) for m in (3, 9)]:
        said += tell(state, **subsidy, event_id=f"{year}{month}", occurred_at=f"{year}-{month:02d}-01")
    assert [alert.occurred_at[:10] for alert in said] == [f"{year}-09-01" for year in range(2020, 2027)]


def test_a_lost_job_stays_as_it_was_said_when_the_payments_before_it_have_expired():
    state = enrolled()
    months = [f"{year}-{month:02d}" for year in range(2020, 2025) for month in range(1, 13)]
    said = []
    for period in months:
        status = "stopped" if period == "2020-06" else "paid"
        said += tell(
            state, feed="social-insurance", event_id=period, occurred_at=f"{period}-20", period=period, employer="E",
            base=500, kind="employee", status=status,
        )  # fmt: skip
    assert [(a.status, a.event_ids) for a in said if a.source == "job-lost"] == [("raised", ("2020-06",))]
    assert min(change.text("period") for change in state.records()) > "2020-06"
