"""What every detector of households owes: one suite over all of them."""

from collections.abc import Callable
from functools import cache

import pytest

from detectors.household_state import HouseholdSeries
from detectors.settings import PARAMETERS
from detectors.signals import Signal
from streams.changes import Change
from tests.unit.detectors.street import ONE, Known, Street, bill, peers, subsidy, unsteady, wage

MONTHS = 18
ONSET = 11
Story = Callable[[int, int], list[Change]]
"""What happens to one household: from the month of the onset on, in so many months."""


def _steady(month: int) -> float:
    return 3000 * unsteady("one", month)


def jump(onset: int, months: int) -> list[Change]:
    return [wage("one", m, _steady(m) * (2.5 if m >= onset else 1)) for m in range(months)]


def drop(onset: int, months: int) -> list[Change]:
    return [wage("one", m, _steady(m) * (0.4 if m >= onset else 1)) for m in range(months)]


def stop(onset: int, months: int) -> list[Change]:
    return [wage("one", m, _steady(m)) for m in range(min(onset, months))]


def drift(onset: int, months: int) -> list[Change]:
    return [wage("one", m, _steady(m) * 1.045 ** max(0, m - onset + 1)) for m in range(months)]


def second(onset: int, months: int) -> list[Change]:
    first = [wage("one", m, _steady(m)) for m in range(months)]
    return first + [wage("one", m, 1800, payer="乙公司") for m in range(onset, months)]


def surge(onset: int, months: int) -> list[Change]:
    return [bill("one", m, 100 * unsteady("one", m) * (12 if m >= onset else 1)) for m in range(months)]


def outlier(onset: int, months: int) -> list[Change]:
    found = [bill("one", m, 100 * unsteady("one", m) * (2.5 if m >= onset else 1)) for m in range(months)]
    return found + [subsidy("one", m, 300 * unsteady("one", m) * (4 if m >= onset else 1)) for m in range(months)]


STORIES: dict[str, tuple[str, Story]] = {
    "jump": ("income-jump", jump),
    "drop": ("income-drop", drop),
    "stop": ("income-drop", stop),
    "drift": ("income-drift", drift),
    "second": ("second-source", second),
    "surge": ("medical-surge", surge),
    "outlier": ("household-outlier", outlier),
}
each = pytest.mark.parametrize(("source", "story"), STORIES.values(), ids=STORIES)


@cache
def ran(story: Story) -> Street:
    """The street to which this has happened; nobody may change it."""
    return Street().run(peers(MONTHS) + story(ONSET, MONTHS))


def told(street: Street) -> list[Signal]:
    return [signal for signal in street.said if signal.household_id == ONE]


@each
def test_speaks_about_the_one_and_about_nobody_else(source: str, story: Story) -> None:
    street = ran(story)
    assert source in {signal.source for signal in told(street)}
    assert {signal.household_id for signal in street.said} == {ONE}


@each
def test_says_what_was_expected_what_came_and_never_more_than_medium(source: str, story: Story) -> None:
    street = ran(story)
    signal = next(signal for signal in told(street) if signal.source == source)
    assert signal.severity in ("medium", "low")
    assert signal.p_value is not None
    assert 0 < signal.p_value < 0.05
    assert signal.event_ids == tuple(sorted(set(signal.event_ids)))
    assert signal.event_ids
    assert signal.evidence["peers"] > 0
    assert "{" not in signal.explanation.zh + signal.explanation.en
    assert "核实" in signal.explanation.zh or "了解" in signal.explanation.zh
    assert "check" in signal.explanation.en or "Ask" in signal.explanation.en


@each
def test_is_silent_in_the_warm_up(source: str, story: Story) -> None:
    """The first six months of a series are its past, whatever happens in them."""
    street = Street()
    for change in sorted(peers(MONTHS) + story(3, 6), key=lambda c: (c.reported_at, c.event_id)):
        street.take(change)
    assert street.about() == []


@each
def test_is_silent_for_a_series_that_begins_late_until_six_months_have_passed(source: str, story: Story) -> None:
    late = [change for change in story(12, 15) if change.occurred_at >= wage("x", 8, 1).occurred_at]
    street = Street()
    for change in sorted(peers(MONTHS) + late, key=lambda c: (c.reported_at, c.event_id)):
        street.take(change)
    if source not in ("medical-surge", "household-outlier"):  # months without bills are months of a series, too
        assert street.about() == []


def test_a_constant_series_never_alarms() -> None:
    constant = [wage("one", m, 3000) for m in range(40)] + [bill("one", m, 100) for m in range(40)]
    constant += [subsidy("one", m, 300) for m in range(40)]
    assert Street().run(peers(40) + constant).said == []


def test_what_moves_everybody_does_not_alarm() -> None:
    """A base adjustment by a third in one month, everybody's."""
    everybody = peers(MONTHS, lambda month: 1.33 if month >= ONSET else 1.0)
    own = [wage("one", m, _steady(m) * (1.33 if m >= ONSET else 1)) for m in range(MONTHS)]
    assert Street().run(everybody + own).said == []


def test_a_single_month_that_returns_is_nothing() -> None:
    for factor in (3.0, 0.3):
        own = [wage("one", m, _steady(m) * (factor if m == ONSET else 1)) for m in range(MONTHS)]
        assert Street().run(peers(MONTHS) + own).said == []


def test_a_gap_of_two_months_is_no_stop() -> None:
    own = [wage("one", m, _steady(m)) for m in range(MONTHS) if m not in (ONSET, ONSET + 1)]
    assert Street().run(peers(MONTHS) + own).said == []


def test_one_overlapping_month_is_no_second_source() -> None:
    own = [wage("one", m, _steady(m)) for m in range(ONSET + 1)]
    own += [wage("one", m, _steady(m), payer="乙公司") for m in range(ONSET, MONTHS)]
    assert Street().run(peers(MONTHS) + own).said == []


def test_the_same_payer_in_other_brackets_is_no_second() -> None:
    own = [wage("one", m, _steady(m), payer="甲(宜昌)公司") for m in range(MONTHS)]
    own += [wage("one", m, _steady(m), payer="甲（宜昌） 公司") for m in range(ONSET, MONTHS)]
    assert Street().run(peers(MONTHS) + own).said == []


@each
def test_learns_without_looking_ahead(source: str, story: Story) -> None:
    """What was said up to a month does not depend on what came later."""
    changes = peers(MONTHS) + story(ONSET, MONTHS)
    whole = ran(story)
    end = wage("x", ONSET + 3, 1).reported_at
    part = Street().run([change for change in changes if change.reported_at <= end])
    assert part.said == whole.said[: len(part.said)]
    assert part.after == whole.after[: len(part.after)]


@each
def test_is_the_same_after_saving_and_loading_at_any_point(source: str, story: Story) -> None:
    changes = peers(MONTHS) + story(ONSET, MONTHS)
    forgetful = Street()
    forgetful.forgetful = True
    whole = ran(story)
    assert forgetful.run(changes).said == whole.said
    assert forgetful.population.encode() == whole.population.encode()
    assert {n: s.encode() for n, s in forgetful.states.items()} == {n: s.encode() for n, s in whole.states.items()}


def test_memory_is_bounded() -> None:
    changes = [wage("one", m, _steady(m)) for m in range(50)] + [bill("one", m, 90) for m in range(50)]
    changes += [wage("one", m, _steady(m), feed="housing-fund") for m in range(50)]
    street = Street().run(peers(50) + changes)
    assert len(street.states[ONE].encode()) < 600
    shorter = Street().run(peers(30))
    assert len(street.population.encode()) < 1.5 * len(shorter.population.encode())


@pytest.mark.parametrize(("source", "story"), [case for case in STORIES.values() if case[1] is not stop])
def test_a_retraction_restores_the_series_and_takes_back_what_rested_on_it(source: str, story: Story) -> None:
    """As if the records from the onset on had never come."""
    changes = peers(MONTHS) + story(ONSET, MONTHS)
    before = {c.event_id for c in story(MONTHS, ONSET)}
    street = Street().run(changes)
    assert told(street)
    for change in story(ONSET, MONTHS):
        if change.event_id not in before:
            street.take(
                Change(
                    feed=change.feed,
                    event_id=change.event_id,
                    person=change.person,
                    op="retract",
                    occurred_at=change.occurred_at,
                    reported_at=wage("x", MONTHS + 1, 1).reported_at,
                )
            )
    kept = [change for change in story(ONSET, MONTHS) if change.event_id in before]
    never = Street().run(peers(MONTHS) + kept)
    assert _series(street.states[ONE]) == _series(never.states[ONE])
    last = {(s.source, s.about): s.status for s in told(street)}
    assert set(last.values()) == {"retracted"}


def _series(state: HouseholdSeries) -> object:
    """The series alone, without the marks of what peers have learned."""
    persons = {
        name: (
            {feed: (s.first, s.cells, s.payers) for feed, s in person.incomes.items()},
            person.medical and (person.medical.first, person.medical.start, person.medical.fen),
            person.stopped,
            person.last_paid,
        )
        for name, person in state.persons.items()
    }
    return persons, {name: (s.first, s.start, s.fen) for name, s in state.sums.items()}


def test_a_late_record_that_fills_the_gap_takes_the_stop_back() -> None:
    street = Street().run(peers(MONTHS) + stop(ONSET, MONTHS))
    assert street.about() == [("income-drop", "2023-12", "raised")]
    street.take(wage("one", ONSET + 1, 3000))
    assert street.about()[1:] == [("income-drop", "2023-12", "retracted")]


def test_nobody_stops_while_a_wage_feed_is_late() -> None:
    street = Street()
    for change in sorted(peers(MONTHS) + stop(ONSET, MONTHS), key=lambda c: (c.reported_at, c.event_id)):
        street.take(change)
    assert street.about() == []
    street.progress(street.population.progress.get("x", 0))
    assert street.about() == []


def test_too_few_peers_are_not_enough_to_judge_by() -> None:
    few = [change for change in peers(MONTHS) if change.person in ("peer1", "peer2")]
    street = Street().run(few + jump(ONSET, MONTHS))
    assert street.about() == []
    assert street.population.unknown["income-jump"] > 0


def test_nothing_is_read_without_consent() -> None:
    street = Street()
    street.homes[ONE] = Known("one", consent_until=None)
    street.run(peers(MONTHS) + jump(ONSET, MONTHS))
    assert street.about() == []
    assert street.states[ONE].persons == {}


def test_an_old_version_is_learned_anew() -> None:
    packed = bytearray(HouseholdSeries().encode())
    packed[1] = 0
    assert HouseholdSeries.decode(bytes(packed)) == HouseholdSeries()


def test_every_household_detector_is_in_this_suite() -> None:
    assert {source for source, _ in STORIES.values()} == {name for name in PARAMETERS if not name.startswith("feed-")}
