"""The detectors' parts: calibration, peers, series, sums, progress, settings."""

from pathlib import Path

import pytest

from detectors.calibration import Budget, Window, common
from detectors.doubts import Doubt
from detectors.drift import drift
from detectors.income import shift_at
from detectors.own_past import OwnPast
from detectors.peers import Movement
from detectors.population import Population
from detectors.progress import CellProgress
from detectors.series import PERIODS, Series, Values, amount_of, log_amount, payer_mark
from detectors.settings import load_detectors
from detectors.stop import stop
from detectors.sums import MONTHS, Sums, fen_of
from detectors.yaml_file import Faults
from tests.unit.detectors.street import COUNTY, ONE, Street, peers, wage


def test_p_values_are_conformal_within_what_was_seen_and_fall_beyond() -> None:
    window = Window()
    assert window.p_value(3) == 1
    for index in range(1000):
        window.learn_one(index % 10 / 2)
    assert window.p_value(4.5) == pytest.approx(101 / 1001)
    assert window.p_value(20) < window.p_value(8) < window.p_value(5) < 0.02
    assert window.p_value(-1) == 1


def test_in_a_young_window_a_few_true_changes_do_not_hide_the_next() -> None:
    def known(ordinary: int) -> Window:
        window = Window()
        for index in range(ordinary):
            window.learn_one(index % 10 / 4)
        for _ in range(3 * ordinary // 150):
            window.learn_one(40)
        return window

    assert known(150).p_value(40, foreign=4) < 0.0001 < 0.01 < known(150).p_value(40)
    assert known(15_000).p_value(40, foreign=4) > 0.01


@pytest.mark.parametrize(
    ("moved", "others", "nobodys_own"),
    [(0, 0, False), (2, 4, False), (3, 10, True), (3, 63, False), (12, 63, False), (13, 63, True), (5, 200, False),
     (13, 200, True), (80, 2000, False), (81, 2000, True)],
)  # fmt: skip
def test_a_single_person_is_no_common_movement(moved: int, others: int, nobodys_own: bool) -> None:
    assert common(moved, others, 0.04) is nobodys_own


def test_old_scores_fade() -> None:
    window = Window()
    for _ in range(300):
        window.learn_one(1, most=100)
    assert window.total <= 100


def test_a_budget_is_spent_evenly_on_all_evaluations() -> None:
    assert Budget(900, 1900).threshold(1) == pytest.approx(1 / 1000)
    assert Budget(3900, 1900).threshold(1) == pytest.approx(1 / 2000)


def test_the_own_past_learns_a_spike_only_in_part() -> None:
    past, spiked = OwnPast(0.02), OwnPast(0.02)
    for value in (8.0, 8.01, 7.99, 8.0, 8.0):
        past.learn_one(value)
        spiked.learn_one(value)
    spiked.learn_one(12.0)
    past.learn_one(8.0)
    assert spiked.level - past.level < 0.1
    assert abs(past.score_one(8.0)) < 1 < past.score_one(8.5)


def test_peers_movement_is_the_median_of_their_steps() -> None:
    movement = Movement()
    for person in range(30):
        movement.learn_one(101, 0.0)
        movement.learn_one(102, 0.06 if person % 3 else 0.30)
    assert movement.offset(102) - movement.offset(101) == pytest.approx(0.06)
    assert movement.offset(500) == movement.offset(102)
    assert movement.peers(102) == 30
    assert Movement().offset(5) == 0
    values = Values([50, 101, 102, 500], [1.0, 2.0, 3.0, 4.0])
    less = [level - movement.offset(at) for at, level in zip(values.periods, values.levels, strict=True)]
    assert movement.without(values) == Values(values.periods, less)


def test_a_series_keeps_its_last_values_and_gives_amounts_back() -> None:
    series = Series(100)
    cells = {100 + month: {0: log_amount(3000 + month)} for month in range(40)}
    series.pack(cells)
    assert list(series.unpack()) == list(range(140 - PERIODS, 140))
    assert amount_of(series.unpack()[139][0]) == 3039
    assert series.values() == Values(list(series.unpack()), [paid[0] for paid in series.unpack().values()])
    series.pack({7: {0: 1.0, 1: 2.0}, 9: {1: 0.5}})
    assert series.values() == Values([7, 9], [2.0, 0.5])
    series.pack(cells)
    assert series.cut
    with pytest.raises(ValueError, match="amount"):
        log_amount(float("nan"))
    with pytest.raises(ValueError, match="amount"):
        log_amount(-1)


def test_payers_are_compared_without_spaces_width_and_brackets() -> None:
    assert payer_mark("甲（宜昌） 公司") == payer_mark("甲(宜昌)公司") == payer_mark("甲【宜昌】公司")
    assert payer_mark("ＡＢ公司") == payer_mark("AB公司") != payer_mark("乙公司")


def test_the_table_of_payers_is_bounded() -> None:
    series = Series(100)
    for month in range(50):
        index = series.payer(payer_mark(f"公司{month}"), 100 + month)
        series.pack({**series.unpack(), 100 + month: {index: 8.0}})
    assert len(series.first_seen()) == 16


def test_sums_do_not_depend_on_the_order() -> None:
    one, other = Sums(10, 10, 10), Sums(12, 12, 12)
    parts = [(10, 1.1), (12, 2.2), (12, 3.3), (11, 0.7)]
    for month, amount in parts:
        one.add(month, fen_of(amount))
    for month, amount in reversed(parts):
        other.add(month, fen_of(amount))
    assert (one.first, one.start, one.fen) == (other.first, other.start, other.fen)
    one.add(10 + 2 * MONTHS, 5)
    assert len(one.unpack()) == MONTHS
    one.add(one.start, 2**31)
    assert one.unpack() == [2**31 - 1, *[0] * (MONTHS - 2), 5]


def test_a_line_is_told_from_a_step() -> None:
    line = Values(list(range(18)), [8 + max(0, at - 8) * 0.03 for at in range(18)])
    step = Values(list(range(18)), [8 + (0.25 if at >= 12 else 0) for at in range(18)])
    assert drift(line, (), 0, 5, 0.5) is not None
    assert drift(step, (), 0, 5, 0.5) is None
    assert drift(Values(line.periods[:6], line.levels[:6]), (), 0, 5, 0.5) is None


def test_a_shift_that_a_late_record_completes_is_seen_although_the_period_after_it_dissents() -> None:
    values = Values(list(range(20, 32)), [8.0] * 9 + [8.6, 8.0, 8.6])
    found = shift_at(values, 29, (), 0.03, 0)
    assert found is not None
    assert (found.onset, found.confirmed, found.periods) == (29, 31, 3)
    assert found.change == pytest.approx(0.6)


def test_an_absence_of_the_season_is_no_stop() -> None:
    seasonal = set(range(24)) - {10, 11}
    assert stop(seasonal - {22, 23}, (), 0) == stop(set(range(22)) - {10, 11}, (), 0)
    found = stop(set(range(22)) - {10, 11}, (), 0)
    assert found is not None
    assert found.missing == (24, 25, 26)
    assert stop(set(range(12)), (12,), 0) is None
    assert stop(set(range(12)) - {4, 5, 6}, (), 0) is None
    assert stop({1, 2}, (), 0) is None


def test_progress_needs_twenty_distinct_records() -> None:
    cell = CellProgress()
    for mark in range(19):
        cell.note(100, mark)
    for _ in range(5):
        cell.note(900, 3)
    assert cell.reached() is None
    cell.note(100, 50)
    cell.note(99, 51)
    assert cell.reached() == 100
    cell.note(950, 77)
    assert cell.reached() == 100
    for mark in range(100, 118):
        cell.note(950, mark)
    assert (cell.reached(), len(cell.latest)) == (900, 20)
    cell.note(930, 200)
    assert cell.reached() == 930


def test_under_a_shift_nothing_is_said_and_what_was_said_is_taken_back() -> None:
    story = [wage("one", month, 3000 * (100 if month >= 11 else 1)) for month in range(14)]
    street = Street().run(peers(14) + story)
    assert ("income-jump", "2023-12", "raised") in street.about()
    doubt = Doubt("social-insurance", COUNTY, wage("one", 11, 1).reported_at - 1)
    homes = street.population.doubts.take(doubt)
    assert homes == [ONE]
    back = street.online.doubted(street.population, street.states[ONE], street.homes[ONE], ONE)
    assert [(s.source, s.about, s.status) for s in back] == [("income-jump", "2023-12", "retracted")]
    assert street.take(wage("one", 14, 300_000)) == []
    over = Doubt(doubt.feed, doubt.cell, doubt.since, doubt.since + 5)
    assert street.population.doubts.take(over) == [ONE]
    assert street.population.doubts.take(doubt) == []  # it came twice, and late
    assert street.population.doubts.known == [over]


def test_a_population_of_another_version_is_learned_anew() -> None:
    packed = bytearray(Population().encode())
    assert Population.decode(bytes(packed)) == Population()
    packed[1] = 0
    assert Population.decode(bytes(packed)) == Population()


def test_every_fault_of_the_settings_at_once(tmp_path: Path) -> None:
    text = """\
id: income-jump
version: 0
title: {zh: 甲, en: A}
explanation: {zh: "{expected} {nobody}", en: "{"}
step: {zh: 乙, en: B}
direction: exit
severity: high
days: 3
budget: 1
parameters:
  deviations: .nan
  least_chance: 1
"""
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "b.yaml").write_text("id: nothing\n", encoding="utf-8")
    faults = Faults()
    load_detectors(tmp_path, faults)
    lines = {(Path(fault.file).name, fault.line) for fault in faults}
    assert {("a.yaml", line) for line in (2, 4, 7, 11, 12)} <= lines
    assert ("b.yaml", 1) in lines
