"""After a rebuild a household continues from what was said last, and says only what is new."""

from msgspec.structs import replace

from detectors.alerts import Alert
from detectors.rules.casebook import Casebook
from monitor.assessment import HouseholdState, Published
from monitor.configuration import SHIPPED, load_configuration
from monitor.worker.rebuilding import continue_from
from tests.unit.alert_sinks.order_examples import make_alert

NOW = "2026-06-01T00:00:00+08:00"


def recomputed(*published: tuple[Alert, bool]) -> HouseholdState:
    """A state as it comes out of the messages alone: revisions counted from 1."""
    state = HouseholdState(Casebook(load_configuration(SHIPPED).rules))
    for alert, raised in published:
        state.published[alert.alert_id] = Published(1, raised, alert)
    return state


def test_what_was_said_is_not_said_again() -> None:
    alert = make_alert("a")
    state = recomputed((alert, True))
    assert continue_from(state, {"a": replace(alert, revision=7, detected_at="earlier")}, NOW) == []
    assert state.published["a"].revision == 7


def test_what_differs_is_a_new_revision() -> None:
    alert = make_alert("a")
    state = recomputed((replace(alert, severity="low"), True))
    (new,) = continue_from(state, {"a": replace(alert, revision=7)}, NOW)
    assert (new.revision, new.severity, new.status, new.detected_at) == (8, "low", "raised", NOW)
    assert state.published["a"].revision == 8


def test_a_retraction_that_was_never_said_is_said() -> None:
    alert = make_alert("a")
    state = recomputed((alert, False))
    (new,) = continue_from(state, {"a": replace(alert, revision=1)}, NOW)
    assert (new.revision, new.status) == (2, "retracted")


def test_what_rests_on_expired_records_stays_as_it_was_said() -> None:
    state = recomputed()
    assert continue_from(state, {"a": make_alert("a", revision=4)}, NOW) == []
    assert (state.published["a"].revision, state.published["a"].raised, state.published["a"].settled) == (4, True, True)


def test_what_was_lost_before_it_was_published_is_published() -> None:
    (new,) = continue_from(recomputed((make_alert("a"), True)), {}, NOW)
    assert (new.alert_id, new.revision, new.status) == ("a", 1, "raised")
