"""Parameters, the settings that are tried, which one is chosen, and how it is written."""

from pathlib import Path

import pytest

from monitor.configuration import load_configuration
from monitor.tuning.doubts import doubts
from monitor.tuning.parameters import parameters_of, settings, with_setting
from monitor.tuning.scores import Score, Tried, choose, frontier
from monitor.tuning.writing import write_configuration
from streams.errors import UnusableError

CONFIGS = Path(__file__).parents[3] / "configs"
CONFIGURATION = load_configuration(CONFIGS)


def test_a_rules_numbers_a_detectors_and_the_standards() -> None:
    assert [p.name for p in parameters_of(CONFIGURATION, "formal-employment")] == ["times"]
    assert {p.name for p in parameters_of(CONFIGURATION, "income-jump")} >= {"least_change", "budget"}
    (amount,) = parameters_of(CONFIGURATION, "large-subsidy")
    assert (amount.name, amount.present, amount.place) == ("large_subsidy", 10_000, "standards")
    with pytest.raises(UnusableError, match="no number to tune"):
        parameters_of(CONFIGURATION, "double-programme")
    with pytest.raises(UnusableError, match="no such rule or detector"):
        parameters_of(CONFIGURATION, "weather")


def test_settings_begin_with_the_present_one_and_keep_to_their_bounds() -> None:
    parameters = parameters_of(CONFIGURATION, "income-jump")
    tried = settings(parameters, 40)
    assert len(tried) == 40
    assert tried == settings(parameters, 40)
    assert tried[0] == {parameter.name: parameter.present for parameter in parameters}
    for parameter in parameters:
        values = {setting[parameter.name] for setting in tried}
        assert len(values) > 3
        assert all(parameter.least <= value <= parameter.most for value in values)


def test_few_settings_try_every_parameter() -> None:
    parameters = parameters_of(CONFIGURATION, "income-jump")
    present, *others = settings(parameters, 1 + len(parameters))
    changed = [[name for name in setting if setting[name] != present[name]] for setting in others]
    assert changed == [[parameter.name] for parameter in parameters]


def test_a_setting_changes_its_source_only() -> None:
    (setting, *_) = settings(parameters_of(CONFIGURATION, "formal-employment"), 2)[1:]
    variant = with_setting(CONFIGURATION, "formal-employment", setting)
    (rule,) = variant.rules.rules
    assert rule.params["times"] == setting["times"] != 2
    jump = {**settings(parameters_of(CONFIGURATION, "income-jump"), 1)[0], "budget": 9.0}
    changed = with_setting(CONFIGURATION, "income-jump", jump)
    assert changed.rules.rules == ()
    assert changed.detectors["income-jump"].budget == 9.0
    assert changed.detectors["income-drop"] == CONFIGURATION.detectors["income-drop"]


def tried(name: str, found: int, workload: float, truths: int = 10) -> Tried:
    score = Score(
        truths=truths, found=found, recall=found / 10, recall_interval=None, alerts=1, precision=None, workload=workload
    )  # fmt: skip
    return Tried({name: 1.0}, score, score)


def test_the_most_found_within_the_budget_is_chosen() -> None:
    present, loose, strict, equal = tried("a", 6, 1.0), tried("b", 9, 3.0), tried("c", 7, 0.9), tried("d", 7, 0.8)
    assert choose([present, loose, strict, equal], 1.0) is equal
    assert choose([present, loose, strict, equal], 5.0) is loose
    assert choose([present, loose, strict, equal], 0.1) is equal
    assert frontier([present, loose, strict, equal]) == [equal, loose]


def test_without_labels_to_learn_from_the_present_setting_stays() -> None:
    present, quiet = tried("a", 0, 1.0, truths=0), tried("b", 0, 0.1, truths=0)
    assert choose([present, quiet], 0.5) is present


def test_a_present_setting_that_stays_is_not_compared_with_itself() -> None:
    score = Score(
        truths=50, found=40, recall=0.8, recall_interval=(0.7, 0.9), alerts=40, precision=1.0, workload=1.0
    )  # fmt: skip
    present, other = Tried({"a": 1.0}, score, score), Tried({"a": 2.0}, score, score)
    assert doubts(present, present, 1.0) == []
    assert ["within the present one's interval" in doubt.en for doubt in doubts(present, other, 1.0)] == [True]


def test_what_is_written_is_read_again_and_the_rest_stays(tmp_path: Path) -> None:
    write_configuration(CONFIGS, tmp_path / "rule", "formal-employment", "rules", {"times": 1.5})
    changed = load_configuration(tmp_path / "rule")
    (rule,) = (rule for rule in changed.rules.rules if rule.id == "formal-employment")
    assert (rule.params["times"], rule.version) == (1.5, 2)
    differing = [
        path.relative_to(CONFIGS).as_posix()
        for path in CONFIGS.rglob("*")
        if path.is_file() and path.read_bytes() != (tmp_path / "rule" / path.relative_to(CONFIGS)).read_bytes()
    ]
    assert differing == ["rules/formal-employment.yaml"]


def test_a_detector_and_a_standard_are_written_too(tmp_path: Path) -> None:
    present = {p.name: p.present for p in parameters_of(CONFIGURATION, "income-jump")}
    write_configuration(
        CONFIGS, tmp_path / "a", "income-jump", "detectors", {**present, "budget": 0.7, "deviations": 5}
    )
    jump = load_configuration(tmp_path / "a").detectors["income-jump"]
    assert (jump.budget, jump.parameters.deviations) == (0.7, 5)
    write_configuration(CONFIGS, tmp_path / "b", "large-subsidy", "rules", {"large_subsidy": 12_500})
    assert load_configuration(tmp_path / "b").rules.standards.of("large_subsidy", "420525", 0) == 12_500
