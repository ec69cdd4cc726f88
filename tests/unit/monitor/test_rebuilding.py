"""After a rebuild a household continues from what was said last, and says only what is new."""

from msgspec.structs import replace

from detectors.alerts import Alert
from monitor.household import Published
from monitor.worker.rebuilding import continue_from
from tests.unit.alert_sinks.order_examples import make_alert

NOW = "2026-06-01T00:00:00+08:00"


def recomputed(*published: tuple[Alert, bool]) -> dict[str, Published]:
    """What was said as it comes out of the messages alone: revisions counted from 1."""
    return {alert.alert_id: Published(1, raised, alert) for alert, raised in published}


def test_what_was_said_is_not_said_again() -> None:
    alert = make_alert("a")
    said = recomputed((alert, True))
    assert continue_from(said, {"a": replace(alert, revision=7, detected_at="earlier")}, {}, NOW) == []
    assert said["a"].revision == 7


def test_what_differs_is_a_new_revision() -> None:
    alert = make_alert("a")
    said = recomputed((replace(alert, severity="low"), True))
    (new,) = continue_from(said, {"a": replace(alert, revision=7)}, {}, NOW)
    assert (new.revision, new.severity, new.status, new.detected_at) == (8, "low", "raised", NOW)
    assert said["a"].revision == 8


def test_a_retraction_that_was_never_said_is_said() -> None:
    alert = make_alert("a")
    said = recomputed((alert, False))
    (new,) = continue_from(said, {"a": replace(alert, revision=1)}, {}, NOW)
    assert (new.revision, new.status) == (2, "retracted")


def test_what_rests_on_expired_records_stays_as_it_was_said() -> None:
    said = recomputed()
    assert continue_from(said, {"a": make_alert("a", revision=4)}, {}, NOW) == []
    assert (said["a"].revision, said["a"].raised, said["a"].settled) == (4, True, True)


def test_what_was_lost_before_it_was_published_is_published() -> None:
    (new,) = continue_from(recomputed((make_alert("a"), True)), {}, {}, NOW)
    assert (new.alert_id, new.revision, new.status) == ("a", 1, "raised")


def test_every_revision_that_was_lost_before_it_was_published_is_published() -> None:
    """The store was lost between two changes' messages and their alerts: what is said is what would have been."""
    first, second = make_alert("a", severity="low"), make_alert("a", 2, severity="high")
    raised = {"a": Published(2, True, second)}
    new = continue_from(raised, {}, {"a": [first, second]}, NOW)
    assert [(one.revision, one.severity) for one in new] == [(1, "low"), (2, "high")]
    assert raised["a"].revision == 2
    assert [one.revision for one in continue_from(raised, {"a": first}, {"a": [first, second]}, NOW)] == [2]
    assert continue_from(raised, {"a": second}, {"a": [second]}, NOW) == []


def test_of_a_history_under_other_rules_only_the_end_is_said() -> None:
    first, second, third = (
        make_alert("a", number, severity=word) for number, word in ((4, "low"), (5, "medium"), (6, "high"))
    )
    changed = {"a": Published(6, True, third)}
    said = {"a": replace(first, severity="critical")}
    assert [one.severity for one in continue_from(changed, said, {"a": [first, second, third]}, NOW)] == ["high"]
    assert continue_from(changed, {"a": replace(third, revision=4)}, {"a": [first, second, third]}, NOW) == []


def test_an_alert_that_was_raised_and_taken_back_before_it_was_published_is_said_so() -> None:
    alert = make_alert("a")
    back = {"a": Published(2, False, alert)}
    new = continue_from(back, {}, {"a": [alert, replace(alert, revision=2, status="retracted")]}, NOW)
    assert [(one.revision, one.status) for one in new] == [(1, "raised"), (2, "retracted")]
