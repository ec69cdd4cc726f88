"""What `monitor simulate` promises of the files that it writes."""

import csv
import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from monitor.simulation import COUNTY, PROFILES, block, simulate, strangers
from monitor.simulation.feeds import FEEDS
from streams.errors import UnusableError
from streams.identity import normalised

Row = dict[str, str]


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("county")
    simulate(COUNTY, 600, 400, 5, out)
    return out


def roster(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "households.jsonl").read_text(encoding="utf-8").splitlines()]


def table(path: Path, encoding: str = "utf-8") -> list[Row]:
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file))


def records(folder: Path) -> Iterator[tuple[str, Row]]:
    for name, plan in FEEDS.items():
        for row in table(folder / "events" / f"{name}.csv", plan.encoding):
            yield name, row


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        simulate(COUNTY, 60, 90, seed, tmp_path / name)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    assert contents(tmp_path / "a") != contents(tmp_path / "c")
    assert set(contents(tmp_path / "a")) == {
        "households.jsonl",
        "labels.csv",
        "near_misses.csv",
        *(f"events/{feed}.csv" for feed in FEEDS),
    }


def test_a_household_does_not_depend_on_how_many_follow(tmp_path: Path) -> None:
    simulate(COUNTY, 300, 60, 3, tmp_path / "small")
    simulate(COUNTY, 450, 60, 3, tmp_path / "large")
    small = (tmp_path / "small" / "households.jsonl").read_bytes()
    assert (tmp_path / "large" / "households.jsonl").read_bytes().startswith(small)


def test_households_are_made_in_blocks_and_strangers_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []
    pieces = []
    made, cut = block.households_of, strangers.pieces

    def watched(first: int, size: int, *rest: Any) -> Any:
        sizes.append(size)
        return made(first, size, *rest)

    def counted(*given: Any) -> Any:
        for until, lines in cut(*given):
            pieces.append(len(lines))
            yield until, lines

    monkeypatch.setattr("monitor.simulation.county.households_of", watched)
    monkeypatch.setattr("monitor.simulation.strangers.pieces", counted)
    monkeypatch.setattr("monitor.simulation.strangers.PIECE", 500)
    result = simulate(COUNTY, 700, 100, 3, tmp_path / "county")
    assert sizes == [300, 300, 100]
    assert max(pieces) < 800
    assert sum(pieces) > 0.9 * result.records


def test_most_records_are_about_strangers(county: Path) -> None:
    members = {member["id_number"] for home in roster(county) for member in home["members"]}
    known = Counter(row["id_number"].upper() in members for _, row in records(county))
    assert 0.04 < known[True] / known.total() < 0.06


def test_members_have_valid_numbers_that_are_theirs_alone(county: Path) -> None:
    names: dict[str, str] = {}
    for home in roster(county):
        for member in home["members"]:
            assert normalised(member["id_number"]) == member["id_number"]
            assert names.setdefault(member["id_number"], member["name"]) == member["name"]


def test_few_records_are_unusable(county: Path) -> None:
    valid = Counter(normalised(row["id_number"] or "") is not None for _, row in records(county))
    assert 0.002 < valid[False] / valid.total() < 0.02


def test_files_follow_the_order_of_reports(county: Path) -> None:
    last: dict[str, str] = {}
    late = total = 0
    for feed, row in records(county):
        total += 1
        late += row["reported_at"] < last.get(feed, "")
        last[feed] = max(last.get(feed, ""), row["reported_at"])
    assert late < 0.03 * total, "only doubles and repeated deliveries may bring an earlier report again"


def test_families_follow_the_proportions_of_the_docs(county: Path) -> None:
    first = {home["household_id"]: home for home in reversed(roster(county))}.values()
    sizes = Counter(min(4, sum(member["co_resident"] for member in home["members"])) for home in first)
    assert len(first) == 600
    assert (sizes[1] + sizes[2] + sizes[3]) / len(first) > 0.85
    assert 0.7 < sum(home["region"][6:9] >= "103" for home in first) / len(first) < 0.9
    programs = Counter(grant["program"] for home in first for grant in home["programs"])
    assert 0.4 < programs["dibao"] / len(first) < 0.8
    assert 0.9 < sum(home["consent_until"] is not None for home in first) / len(first) < 1


def test_labels_name_households_and_people_of_the_roster(county: Path) -> None:
    members = {home["household_id"]: {m["id_number"] for m in home["members"]} for home in roster(county)}
    labels = table(county / "labels.csv")
    for label in labels:
        assert label["size"] in ("faint", "medium", "plain")
        date.fromisoformat(label["since"])
        if not label["household_id"]:
            assert label["feed"] in FEEDS
        elif label["id_number"] and label["kind"] != "household-size-changed":  # where it may be a newborn child
            assert label["id_number"] in members[label["household_id"]]
        else:
            assert label["household_id"] in members


def test_every_rule_and_detector_is_labelled(county: Path) -> None:
    rules = {path.stem for path in Path("configs/rules").glob("*.yaml")}
    detectors = {path.stem for path in Path("configs/detectors").glob("*-*.yaml")}
    labelled = {label["kind"] for label in table(county / "labels.csv")}
    assert labelled >= rules | detectors
    assert {label["size"] for label in table(county / "labels.csv")} == {"faint", "medium", "plain"}


def test_near_misses_are_not_labelled(county: Path) -> None:
    labelled = {(label["household_id"], label["kind"]) for label in table(county / "labels.csv")}
    near = [miss for miss in table(county / "near_misses.csv") if miss["household_id"]]
    assert len({miss["kind"] for miss in near}) > 25
    assert not labelled & {(miss["household_id"], miss["kind"]) for miss in near}


@pytest.mark.parametrize("name", PROFILES)
def test_every_profile_makes_a_county(tmp_path: Path, name: str) -> None:
    made = simulate(PROFILES[name], 40, 370, 2, tmp_path / "county")
    assert made.households == 40
    assert made.records > 15 * made.matched > 0


def test_short_times_and_several_counties(tmp_path: Path) -> None:
    assert simulate(COUNTY, 5, 1, 1, tmp_path / "day").households == 5
    simulate(COUNTY, 50, 40, 1, tmp_path / "three", counties=3)
    assert {home["region"][:6] for home in roster(tmp_path / "three")} == {"420525", "420526", "420527"}


def test_progress_is_told_and_reaches_the_end(tmp_path: Path) -> None:
    told: dict[str, float] = {}
    simulate(COUNTY, 20, 20, 1, tmp_path / "county", told=lambda stage, done: told.update({stage: done}))
    assert told == {"households": 1.0, "feeds": 1.0}


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"households": 0}, "--households"),
        ({"days": 0}, "--days"),
        ({"counties": 21}, "--counties"),
        ({"start": date(1999, 1, 1)}, "--start"),
    ],
)
def test_what_cannot_be_made_is_refused(tmp_path: Path, arguments: dict[str, Any], word: str) -> None:
    given: dict[str, Any] = {"households": 5, "days": 5, "seed": 1, "out": tmp_path / "county"} | arguments
    with pytest.raises(UnusableError, match=word):
        simulate(COUNTY, **given)
    assert not (tmp_path / "county").exists()


def test_files_of_somebody_else_stay(tmp_path: Path) -> None:
    (tmp_path / "households.jsonl").write_text("mine")
    with pytest.raises(UnusableError, match="choose another --out"):
        simulate(COUNTY, 5, 5, 1, tmp_path)
    assert (tmp_path / "households.jsonl").read_text() == "mine"


def test_a_former_county_is_replaced_and_other_files_stay(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("mine")
    for seed in (1, 2):
        simulate(COUNTY, 5, 5, seed, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "README.md",
        "events",
        "households.jsonl",
        "labels.csv",
        "near_misses.csv",
    ]


def test_a_file_in_the_way_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UnusableError, match="cannot be written"):
        simulate(COUNTY, 5, 5, 1, tmp_path / "file")


def test_a_full_disk_is_one_clear_line_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("monitor.simulation.spill.Spill.add", full)
    with pytest.raises(UnusableError, match="disk is full"):
        simulate(COUNTY, 5, 5, 1, tmp_path)
    assert not list(tmp_path.iterdir())
