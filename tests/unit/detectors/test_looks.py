"""Whoever asks sees what a detector compared, also where it stayed silent; and asking changes nothing."""

from functools import cache

import pytest

from detectors.looks import Look, Watched
from detectors.online import Online
from detectors.settings import load_detectors
from monitor.evaluation import HOUSEHOLD_DETECTORS
from streams.changes import Change
from tests.unit.detectors.street import CONFIGS, FIRST, ONE, Street, bill, peers, subsidy, unsteady, wage
from tests.unit.detectors.test_conformance import MONTHS, ONSET, Story, each, ran, second, stop


@cache
def watched(story: Story) -> tuple[Street, list[Look]]:
    looks: list[Look] = []
    online = Online(load_detectors(CONFIGS), Watched(ONE, lambda at, look: looks.append(look)))
    return Street(online).run(peers(MONTHS) + story(ONSET, MONTHS)), looks


def of(source: str, looks: list[Look]) -> list[Look]:
    return [look for look in looks if look.source == source]


@each
def test_the_look_at_which_it_speaks_holds_in_every_check(source: str, story: Story) -> None:
    street, looks = watched(story)
    assert street.said == ran(story).said
    assert any(all(check.holds for check in look.checks) for look in of(source, looks))


def steady(onset: int, months: int) -> list[Change]:
    found = [wage("one", m, 3000 * unsteady("one", m)) for m in range(months)]
    found += [bill("one", m, 100 * unsteady("one", m)) for m in range(months)]
    return found + [subsidy("one", m, 300 * unsteady("one", m)) for m in range(months)]


def test_a_silent_detector_shows_score_peers_and_threshold() -> None:
    street, looks = watched(steady)
    assert street.said == []
    assert {look.source for look in looks} == HOUSEHOLD_DETECTORS
    for look in looks:
        assert not all(check.holds for check in look.checks), look
    last = of("income-jump", looks)[-1]
    assert FIRST + MONTHS - 4 <= last.month <= FIRST + MONTHS - 2
    values = {name: value for check in last.checks for name, value in check.values.items()}
    assert values["expected"] == pytest.approx(3000, rel=0.12)
    assert float(values["peers"]) > 100
    assert 0 < float(values["threshold"]) < 0.001 < float(values["p_value"])
    holds = {check.condition: check.holds for check in last.checks}
    assert not holds["change >= least_change"]
    assert not holds["p_value <= threshold"]
    assert holds["peers >= least_peers"]
    assert holds["the same was not said before"]


def test_the_first_six_months_say_that_too_little_is_known() -> None:
    _, looks = watched(steady)
    early = [look for look in of("medical-surge", looks) if look.month == FIRST + 3]
    assert [check.condition for look in early for check in look.checks] == ["6 months and 3 periods are known before"]


def test_what_kept_a_stop_and_a_second_payer_silent() -> None:
    (found,) = [look for look in of("income-drop", watched(stop)[1]) if look.series == "wages that stop"][-1:]
    assert "share_of_peers_who_stopped" in {name for check in found.checks for name in check.values}
    *_, both = [look for look in of("second-source", watched(second)[1]) if look.month == FIRST + ONSET]
    assert [check.holds for check in both.checks] == [True, False]


def epidemic(onset: int, months: int) -> list[Change]:
    """Many have a great bill in the same month, this one last."""
    found = [bill("one", m, 100 * unsteady("one", m)) for m in range(months)]
    found += [bill(f"peer{index}", onset, 5000, day=20) for index in range(20)]
    return [*found, bill("one", onset, 5000, day=22)]


def test_what_many_peers_have_in_a_month_is_seen_to_keep_a_surge_silent() -> None:
    street, looks = watched(epidemic)
    assert street.about() == []
    *_, look = [look for look in of("medical-surge", looks) if look.month == FIRST + ONSET]
    season = next(check for check in look.checks if check.condition == "share_of_peers_that_month <= peers_share")
    assert not season.holds
    assert float(season.values["share_of_peers_that_month"]) > 0.25 > float(season.values["peers_share"]) == 0.05


def begun_late(onset: int, months: int) -> list[Change]:
    """A first wage, which comes before those of the peers for the same period."""
    return [wage("one", month, 3000) for month in range(onset, months)]


def test_a_first_record_is_looked_at_although_its_period_is_too_young_to_be_judged() -> None:
    _, looks = watched(begun_late)
    assert of("income-drift", looks)[0].month == FIRST + ONSET
