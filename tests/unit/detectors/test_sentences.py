"""Sentences of rules.md about the detectors, each in a small scenario on the street."""

from collections.abc import Callable

import msgspec
import pytest

from detectors.doubts import Doubt
from detectors.feed_names import SERIES
from streams.changes import Change
from streams.moments import DAY, day_of, iso_month, month_start
from tests.unit.detectors.street import FIRST, ONE, PEERS, Street, bill, peers, subsidy, unsteady, wage
from tests.unit.detectors.test_conformance import MONTHS, ONSET, STORIES, jump, ran, stop

HIGH = 2.5


def pay(month: int, factor: float = 1.0, *, feed: str = "social-insurance") -> Change:
    return wage("one", month, 3000 * unsteady("one", month) * factor, feed=feed)


def stopped(month: int) -> Change:
    change = wage("one", month, 0.0)
    return msgspec.structs.replace(change, event_id=f"stop/{month}", values={**change.values, "status": "stopped"})


def again(change: Change, days: int) -> Change:
    """The same record under another event_id, delivered later."""
    return msgspec.structs.replace(
        change, event_id=change.event_id + "/again", reported_at=change.reported_at + days * DAY
    )


def sources(street: Street) -> list[str]:
    return [source for source, _, status in street.about() if status == "raised"]


@pytest.mark.parametrize("kind", ["flexible", "resident"])
def test_other_insurances_than_an_employees_are_no_payer(kind: str) -> None:
    own = [pay(m) for m in range(MONTHS)]
    for month in range(ONSET, MONTHS):
        other = wage("one", month, 2000, payer="乙公司")
        own.append(msgspec.structs.replace(other, values={**other.values, "kind": kind}))
    assert sources(Street().run(peers(MONTHS) + own)) == []


def test_a_second_payer_who_was_there_in_the_warm_up_raises_nothing() -> None:
    own = [pay(m) for m in range(MONTHS)]
    own += [wage("one", m, 1800, payer="乙公司") for m in (3, *range(ONSET, MONTHS))]
    assert sources(Street().run(peers(MONTHS) + own)) == []


def test_one_onset_gives_one_alert_of_the_three_rises() -> None:
    """The second payer pays more than the first, so that the greatest value jumps as well."""
    own = [pay(m) for m in range(MONTHS)]
    own += [wage("one", m, 9000, payer="乙公司") for m in range(ONSET, MONTHS)]
    assert len(sources(Street().run(peers(MONTHS) + own))) == 1


def test_nothing_new_within_six_months_but_when_the_level_changes_again() -> None:
    own = [pay(m, 1 if m < 8 else 2 if m < 14 else 5) for m in range(20)]
    assert sources(Street().run(peers(20) + own)) == ["income-jump", "income-jump"]
    flat = [pay(m, 1 if m < 8 else 2) for m in range(20)]
    assert sources(Street().run(peers(20) + flat)) == ["income-jump"]


def test_a_notice_is_no_silent_stop() -> None:
    own = [*stop(ONSET, MONTHS), stopped(ONSET)]
    assert sources(Street().run(peers(MONTHS) + own)) == []


def test_a_wage_in_another_feed_is_no_stop() -> None:
    own = [pay(m, feed="housing-fund") for m in range(MONTHS)] + stop(ONSET, MONTHS)
    assert sources(Street().run(peers(MONTHS) + own)) == []


def test_a_stop_is_dated_to_the_last_day_of_the_third_missing_period_and_names_no_more_than_it_knows() -> None:
    (signal,) = [signal for signal in ran(stop).said if signal.household_id == ONE]
    assert day_of(signal.occurred_at) == day_of(month_start(FIRST + ONSET + 3)) - 1
    assert signal.evidence["missing"] == [iso_month(FIRST + ONSET + index) for index in range(3)]


def test_the_stops_of_few_others_are_no_common_movement() -> None:
    """Three of thirty others stopped in the same month, which is more than the share asked of many."""
    assert sources(Street().run([*_without(3), *stop(ONSET, MONTHS)])) == ["income-drop"]
    assert sources(Street().run([*_without(12), *stop(ONSET, MONTHS)])) == []


def _without(gone: int) -> list[Change]:
    """What the peers report, of whom the first ones get no wage any more."""
    names = {f"peer{index}" for index in range(gone)}
    end = month_start(FIRST + ONSET)
    return [c for c in peers(MONTHS) if c.person not in names or c.feed == "medical" or c.occurred_at <= end + 10 * DAY]


def test_pay_that_came_back_and_stops_again_is_told_again() -> None:
    """A year later: what was missing once is no longer within the last twelve months."""
    months = 34
    own = [pay(m) for m in range(months) if m not in range(9, 12) and m < 28]
    assert sources(Street().run(peers(months) + own)) == ["income-drop", "income-drop"]


def test_nobody_stops_whose_own_wage_feed_has_shown_no_progress() -> None:
    taxed = []
    for month in range(ONSET):
        change = wage("one", month, 3000, feed="taxes")
        values = {"income_kind": "wages", "amount": 3000.0, "period": iso_month(FIRST + month)}
        taxed.append(msgspec.structs.replace(change, values=values))
    assert sources(Street().run(peers(MONTHS) + stop(ONSET, MONTHS) + taxed)) == []


def test_a_stopped_notice_replaces_what_the_same_payer_had_paid_for_the_period() -> None:
    street = Street().run(pay(m) for m in range(4))
    street.take(msgspec.structs.replace(stopped(3), occurred_at=pay(4).occurred_at))
    assert [at - FIRST for at in street.states[ONE].persons["one"].incomes["social-insurance"].unpack()] == [0, 1, 2]


def test_of_one_payer_and_period_the_latest_record_counts() -> None:
    street = Street().run(pay(m) for m in range(4))
    street.take(msgspec.structs.replace(again(pay(2, 2.0), 40), occurred_at=pay(3).occurred_at))
    ((_, level),) = [cell for cell in _cells(street) if cell[0] == 2]
    assert level == pytest.approx(2 * 3000 * unsteady("one", 2), rel=0.01)


def _cells(street: Street) -> list[tuple[int, float]]:
    series = street.states[ONE].persons["one"].incomes["social-insurance"]
    from detectors.series import amount_of

    values = series.values()
    return [(at - FIRST, amount_of(level)) for at, level in zip(values.periods, values.levels, strict=True)]


def _twice(month: int) -> list[Change]:
    """A month that comes late and is delivered twice, the second time under other ids, everybody's."""
    found = []
    for change in peers(MONTHS) + [pay(m) for m in range(MONTHS)]:
        found.append(change)
        if change.feed != "medical" and day_of(change.occurred_at) // 31 == day_of(pay(month).occurred_at) // 31:
            found.append(again(change, 20))
    return found


def test_a_month_that_is_delivered_twice_does_not_alarm() -> None:
    assert Street().run(c for c in _twice(ONSET) if c.feed != "subsidies").said == []


def test_the_july_adjustment_does_not_alarm_even_where_it_differs_by_person() -> None:
    def raised(person: str, month: int) -> float:
        return 1.04 + sum(map(ord, person)) % 5 / 100 if month >= ONSET else 1.0

    everybody = []
    for change in peers(MONTHS):
        if change.feed in ("social-insurance", "housing-fund"):
            month = next(m for m in range(MONTHS) if iso_month(FIRST + m) == change.values["period"])
            base = change.number("base") * raised(change.person, month)
            change = msgspec.structs.replace(change, values={**change.values, "base": base})
        everybody.append(change)
    own = [pay(m, 1.05 if m >= ONSET else 1) for m in range(MONTHS)]
    assert Street().run(everybody + own).said == []


def test_a_pension_with_back_pay_in_july_does_not_alarm() -> None:
    def pension(person: str, month: int, amount: float) -> Change:
        values = {"amount": float(amount), "period": iso_month(FIRST + month)}
        change = wage(person, month, 1.0, feed="pensions")
        return msgspec.structs.replace(change, values=values)

    own = [pension("one", m, 1500 * (1.5 if m == ONSET else 1.05 if m > ONSET else 1)) for m in range(MONTHS)]
    others = [
        pension(f"peer{index}", m, (1200 + 20 * index) * (1.05 if m >= ONSET else 1))
        for index in range(PEERS)
        for m in range(MONTHS)
    ]
    assert Street().run(peers(MONTHS) + own + others).said == []


def test_a_regular_bill_is_own_history_and_one_that_returns_to_it_is_told_once() -> None:
    own = [bill("one", m, 900 * unsteady("one", m)) for m in range(MONTHS)]
    assert Street().run(peers(MONTHS) + own).said == []


def test_one_kind_of_records_alone_is_no_outlier() -> None:
    own = [subsidy("one", m, 300 * unsteady("one", m) * (4 if m >= ONSET else 1)) for m in range(MONTHS)]
    own += [bill("one", m, 100 * unsteady("one", m)) for m in range(MONTHS)]
    assert "household-outlier" not in sources(Street().run(peers(MONTHS) + own))


def test_the_same_everywhere_is_no_households_own() -> None:
    """A relief for everybody together with a wave of illness: two kinds leave their range in every household.

    The first ten households cannot know that yet; of a thousand ten are few.
    """
    changes: list[Change] = []
    for change in peers(MONTHS):
        at = next(m for m in range(-2, MONTHS + 2) if month_start(FIRST + m + 1) > change.occurred_at)
        if change.feed in ("medical", "subsidies") and ONSET <= at <= ONSET + 2:
            name = "out_of_pocket" if change.feed == "medical" else "amount"
            change = msgspec.structs.replace(change, values={**change.values, name: change.number(name) * 1.9})
        changes.append(change)
    assert len(Street().run(changes).said) < PEERS / 2


def test_while_a_feed_is_in_doubt_nothing_is_said_of_its_amounts_and_what_was_said_is_taken_back() -> None:
    street = Street().run(peers(MONTHS) + jump(ONSET, MONTHS))
    assert sources(street) == ["income-jump"]
    since = pay(ONSET).reported_at - DAY
    doubt = Doubt("social-insurance", "420525", since, pay(ONSET + 3).reported_at)
    assert street.population.doubts.take(doubt) == [ONE]
    state = street.states[ONE]
    (signal,) = street.online.doubted(street.population, state, street.homes[ONE], ONE)
    assert (signal.source, signal.status) == ("income-jump", "retracted")
    before = Street()
    before.population.doubts.take(Doubt("social-insurance", "420525", since))
    assert sources(before.run(peers(MONTHS) + jump(ONSET, MONTHS))) == []


@pytest.mark.parametrize("alone", [True, False])
@pytest.mark.parametrize("months", [1, 2, 4])
def test_the_way_back_after_a_shift_of_the_feed_is_no_drop(months: int, alone: bool) -> None:
    """Yuan became fen for everybody, or for one person among those of the cell, and became yuan again."""
    shifted = range(ONSET, ONSET + months)

    def scale(month: int) -> float:
        return 100.0 if month in shifted else 1.0

    street = Street()
    since, until = pay(ONSET).reported_at - DAY, pay(ONSET + months).reported_at - DAY
    street.population.doubts.take(Doubt("social-insurance", "420525", since, until))
    others = [c for c in peers(MONTHS, lambda month: 1.0 if alone else scale(month)) if c.feed != "housing-fund"]
    street.run(others + [pay(month, scale(month)) for month in range(MONTHS)])
    assert {source for source in sources(street) if source.startswith("income")} == set()


@pytest.mark.parametrize(("source", "story"), STORIES.values(), ids=STORIES)
def test_evidence_holds_a_charts_numbers_and_words_never_say_that_it_is_so(
    source: str, story: Callable[[int, int], list[Change]]
) -> None:
    signal = next(s for s in ran(story).said if s.source == source)
    if source == "household-outlier":
        assert len(signal.evidence["kinds"]) >= 2
        assert {"expected", "came"} <= set(next(iter(signal.evidence["kinds"].values())))
    else:
        assert len(signal.evidence["chart"]) >= 2
        for month, amount in signal.evidence["chart"]:
            assert len(month) == 7
            assert amount >= 0
        assert signal.evidence["series"] in SERIES
    peers_ = str(signal.evidence["peers"])
    for text in (signal.explanation.zh, signal.explanation.en):
        assert peers_ in text
        assert "p=" in text or "p<" in text
    assert "expect" in signal.explanation.en or source in ("household-outlier", "second-source", "income-drift")
