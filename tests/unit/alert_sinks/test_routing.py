"""Centres: the longest prefix and the direction decide, and every fault is told with its line."""

from pathlib import Path

import pytest

from alert_sinks.routing import load_routing
from detectors.yaml_file import FaultyError

SHIPPED = Path(__file__).parents[3] / "configs" / "centres.yaml"
GOOD = """\
objection_days: 12
centres:
  - id: county
    name: {zh: 县, en: County}
  - id: town
    name: {zh: 镇, en: Town}
    objection_days: 5
  - id: relief
    name: {zh: 救助, en: Relief}
routes:
  - region: default
    centre: county
  - region: 420525101
    centre: town
  - region: "420525"
    directions: [help]
    centre: relief
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "centres.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("region", "direction", "centre"),
    [
        ("420525101003", "exit", "town"),
        ("420525101003", "help", "town"),
        ("420525102003", "help", "relief"),
        ("420525102003", "exit", "county"),
        ("110101", "help", "county"),
        ("", "data", "county"),
    ],
)
def test_longest_prefix_that_has_the_direction(tmp_path: Path, region: str, direction: str, centre: str) -> None:
    routing = load_routing(write(tmp_path, GOOD))
    assert routing.centre_of(region, direction).id == centre  # type: ignore[arg-type]  # words of the table above


def test_objection_days_are_the_centres_own_or_the_default(tmp_path: Path) -> None:
    centres = load_routing(write(tmp_path, GOOD)).centres
    assert {name: centre.objection_days for name, centre in centres.items()} == {"county": 12, "town": 5, "relief": 12}


def test_what_ships_takes_everything() -> None:
    routing = load_routing(SHIPPED)
    assert routing.centre_of("420525101003", "exit").id == routing.centre_of("110101", "data").id


def test_all_faults_at_once_with_their_lines(tmp_path: Path) -> None:
    text = """\
objection_days: 0
centres:
  - id: county
    name: {zh: 县, en: County}
  - id: county
    name: {zh: 县}
    colour: red
routes:
  - region: 42052
    centre: county
  - region: "420525"
    directions: [exit, upward]
    centre: nowhere
  - region: "420525"
    directions: [exit]
    centre: county
"""
    with pytest.raises(FaultyError) as raised:
        load_routing(write(tmp_path, text))
    lines = [(fault.line, fault.text.split(";")[0]) for fault in raised.value.faults]
    assert [line for line, _ in lines] == [1, 5, 6, 7, 9, 11, 12, 14, 14]
    told = " ".join(text for _, text in lines)
    for word in ("objection_days", "county stands here again", "en is missing", "colour", "nowhere", "exit: has"):
        assert word in told


def test_a_default_route_is_required(tmp_path: Path) -> None:
    with pytest.raises(FaultyError, match="region: default"):
        load_routing(write(tmp_path, GOOD.replace("region: default", 'region: "42"')))


@pytest.mark.parametrize("text", ["", "centres: []\nroutes: []\n", "- a\n", "centres: {\n"])
def test_what_is_no_such_file_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(FaultyError):
        load_routing(write(tmp_path, text))
