"""An analyst's day: replay, its report, explain, compare, tune, and the same from Python, on the committed county."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pandas
import pytest
from typer.testing import CliRunner, Result

from monitor.cli import build
from streams.errors import UnusableError
from tests.browser import browser

ROOT = Path(__file__).parents[2]
COUNTY = ROOT / "replay_data"
CASE = COUNTY / "cases" / "vehicle-owned"
FILES = ("alerts.jsonl", "rejects.jsonl", "report.html", "summary.json")


@pytest.fixture(scope="module")
def secret(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys") / "secret"


@pytest.fixture(autouse=True)
def own_keys(secret: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONITOR_SECRET_FILE", str(secret))


def run(*arguments: object) -> Result:
    return CliRunner().invoke(build(), [str(argument) for argument in arguments])


SUDDEN = ("income-jump", "income-drop", "second-source", "medical-surge")
"""What must be found although two hundred households give few peers; of the faint one may be missed."""


def of(folder: Path) -> tuple[object, ...]:
    return "--roster", folder / "households.jsonl", "--events", folder / "events"


@pytest.fixture(scope="module")
def replayed(secret: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The committed county's results."""
    out = tmp_path_factory.mktemp("replay") / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MONITOR_SECRET_FILE", str(secret))
        done = run("replay", *of(COUNTY), "--labels", COUNTY / "labels.csv", "--out", out, "--capacity", 5)
    assert done.exit_code == 0, done.output
    assert sorted(path.name for path in out.iterdir()) == sorted(FILES)
    assert list(out.parent.iterdir()) == [out]
    return out


def figures(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    return found


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def test_the_summary_counts_what_the_files_hold(replayed: Path) -> None:
    summary = figures(replayed)
    rows = {path.name: len(path.read_bytes().splitlines()) - 1 for path in (COUNTY / "events").iterdir()}
    assert summary["events"] == sum(rows.values())
    rejects = lines(replayed / "rejects.jsonl")
    assert summary["rejected"] == len(rejects) > 0
    assert {frozenset(reject) for reject in rejects} == {frozenset({"feed", "file", "line", "field", "reason"})}
    assert all(1 < reject["line"] <= rows[reject["file"]] + 1 for reject in rejects)
    latest = {alert["alert_id"]: alert for alert in lines(replayed / "alerts.jsonl")}
    standing = [alert for alert in latest.values() if alert["status"] == "raised"]
    assert summary["alerts"] == len(standing) == sum(summary["alerts_by_source"].values())
    assert summary["events_per_second"] == pytest.approx(summary["events"] / summary["seconds"], rel=0.01)


def test_every_rule_finds_its_truths(replayed: Path) -> None:
    evaluation = figures(replayed)["evaluation"]
    rules = [path.stem for path in (ROOT / "configs" / "rules").glob("*.yaml")]
    missed = {rule: evaluation[rule] for rule in rules if rule in evaluation and evaluation[rule]["recall"] != 1}
    assert missed == {}
    assert set(evaluation) > {"death-receiving", "income-jump", "false_alerts_per_1000_household_months"}


def test_detectors_are_sensitive_and_quiet_in_a_small_county_too(replayed: Path) -> None:
    evaluation = figures(replayed)["evaluation"]
    missed = {kind: evaluation[kind]["truths"] - evaluation[kind]["found"] for kind in SUDDEN}
    assert max(missed.values()) <= 1, missed
    assert sum(missed.values()) <= 2, missed
    assert evaluation["false_alerts_per_1000_household_months"] <= 2


def test_revisions_stand_in_their_order(replayed: Path) -> None:
    seen: dict[str, int] = {}
    for alert in lines(replayed / "alerts.jsonl"):
        assert alert["revision"] == seen.get(alert["alert_id"], 0) + 1
        seen[alert["alert_id"]] = alert["revision"]
    assert max(seen.values()) > 1


def test_the_order_in_the_files_does_not_matter(replayed: Path, tmp_path: Path) -> None:
    (tmp_path / "events").mkdir()
    for path in (COUNTY / "events").iterdir():
        header, *rows = path.read_bytes().splitlines(keepends=True)
        random.Random(path.name).shuffle(rows)
        (tmp_path / "events" / path.name).write_bytes(b"".join([header, *rows]))
    roster = COUNTY / "households.jsonl"
    done = run("replay", "--roster", roster, "--events", tmp_path / "events", "--out", tmp_path / "out")
    assert done.exit_code == 0
    assert (tmp_path / "out" / "alerts.jsonl").read_bytes() == (replayed / "alerts.jsonl").read_bytes()


def test_a_second_run_gives_the_same_files(tmp_path: Path) -> None:
    for name in ("one", "other"):
        assert run("replay", *of(CASE), "--out", tmp_path / name).exit_code == 0
    for name in FILES[:3]:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "other" / name).read_bytes(), name
    one, other = figures(tmp_path / "one"), figures(tmp_path / "other")
    for timed in ("seconds", "events_per_second"):
        del one[timed], other[timed]
    assert one == other


@pytest.mark.parametrize("suffix", ["xlsx", "parquet", "jsonl"])
def test_every_format_says_the_same(suffix: str, tmp_path: Path) -> None:
    (tmp_path / "events").mkdir()
    for path in (CASE / "events").iterdir():
        table = pandas.read_csv(path, dtype=str, keep_default_na=False)
        given = tmp_path / "events" / f"{path.stem}.{suffix}"
        match suffix:
            case "xlsx":
                table.to_excel(given, index=False, engine="xlsxwriter")
            case "parquet":
                table.to_parquet(given)
            case _:
                table.to_json(given, orient="records", lines=True, force_ascii=False)
    assert run("replay", *of(CASE), "--out", tmp_path / "csv").exit_code == 0
    roster = CASE / "households.jsonl"
    assert run("replay", "--roster", roster, "--events", tmp_path / "events", "--out", tmp_path / "out").exit_code == 0
    assert (tmp_path / "out" / "alerts.jsonl").read_bytes() == (tmp_path / "csv" / "alerts.jsonl").read_bytes()
    assert figures(tmp_path / "out")["alerts"] > 0


@pytest.mark.browser
def test_the_report_opens_offline_in_both_languages(replayed: Path) -> None:
    requests: list[str] = []
    faults: list[str] = []
    with browser() as running:
        page = running.new_page()
        page.on("request", lambda request: requests.append(request.url))
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        page.goto((replayed / "report.html").as_uri())
        page.wait_for_selector(".row")
        total = len({alert["alert_id"] for alert in lines(replayed / "alerts.jsonl")})
        assert page.inner_text("#count") == f"{total} / {total}"
        assert page.inner_text("h1") == "回放报告"
        page.select_option("#source", "death-receiving")
        chosen = int(page.inner_text("#count").split(" / ")[0])
        assert 0 < chosen < total
        page.click("#language")
        assert page.inner_text("h1") == "Replay report"
        assert page.inner_text(".row >> nth=0 >> div >> nth=2") == "A recipient has died"
        page.click(".row >> nth=0")
        page.wait_for_selector("#household svg circle")
        assert page.locator("main svg:visible").count() > 5
    assert faults == []
    assert [url for url in requests if not url.startswith(("data:", "file:"))] == []
    assert len([url for url in requests if url.startswith("file:")]) == 1


def test_explain_shows_the_values_and_the_part_that_failed() -> None:
    done = run("explain", *of(CASE), "--household", _household(CASE), "--source", "vehicle-owned", "--json")
    assert done.exit_code == 0, done.output
    explained = json.loads(done.output)
    (source,) = explained["sources"]
    assert source["fires"]
    fired = [trial for trial in source["trials"] if trial["fires"]]
    assert fired
    for trial in fired:
        assert all(part["holds"] for part in trial["parts"])
    assert any("facts.vehicles" in part["values"] for trial in fired for part in trial["parts"])
    early = run("explain", *of(CASE), "--household", _household(CASE), "--as-of", "1999-01-01", "--json")
    assert {source["fires"] for source in json.loads(early.output)["sources"]} == {False}
    assert "#1 head" in run("explain", *of(CASE), "--household", _household(CASE)).output


def test_explain_tells_what_a_detector_compared(replayed: Path) -> None:
    latest = {alert["alert_id"]: alert for alert in lines(replayed / "alerts.jsonl")}
    alert = next(one for one in latest.values() if one["source"] == "second-source" and one["status"] == "raised")
    done = run("explain", *of(COUNTY), "--household", alert["household_id"], "--source", "second-source", "--json")
    assert done.exit_code == 0, done.output
    (source,) = json.loads(done.output)["sources"]
    assert source["fires"]
    assert alert["alert_id"] in [said["alert_id"] for said in source["alerts"]]
    assert any(trial["fires"] for trial in source["trials"])
    assert source["alerts"][0]["evidence"]["peers"] > 0
    assert source["thresholds"]["budget"] > 0


def _household(case: Path) -> str:
    expected = (case / "expected.csv").read_text(encoding="utf-8").splitlines()
    columns = expected[0].split(",")
    row = dict(zip(columns, expected[1].split(","), strict=True))
    return row["household_id"]


@pytest.fixture
def other_config(tmp_path: Path) -> Path:
    """A configuration in which a second vehicle is allowed, and a mismatch is serious."""
    import shutil

    folder = tmp_path / "other"
    shutil.copytree(ROOT / "configs", folder)
    rule = folder / "rules" / "vehicle-owned.yaml"
    rule.write_text(
        rule.read_text(encoding="utf-8").replace('household.declared_vehicles"', 'household.declared_vehicles + 1"', 1),
        encoding="utf-8",
    )
    return folder


def test_compare_names_what_is_lost(tmp_path: Path, other_config: Path) -> None:
    done = run(
        "compare", *of(CASE), "--config", ROOT / "configs", "--against", other_config, "--out", tmp_path / "out"
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["compare.html", "compare.json"]
    compared = json.loads((tmp_path / "out" / "compare.json").read_text(encoding="utf-8"))
    row = compared["sources"]["vehicle-owned"]
    assert row["lost"] > 0
    assert row["before"] - row["lost"] + row["added"] == row["after"]
    lost = [one for one in compared["differences"] if one["kind"] == "lost"]
    assert {one["source"] for one in lost} == {"vehicle-owned"}
    same = run("compare", *of(CASE), "--against", ROOT / "configs", "--out", tmp_path / "same")
    assert same.output.strip().endswith("0 differences")


def test_tune_writes_a_configuration_that_config_takes(tmp_path: Path) -> None:
    done = run(
        "tune", *of(COUNTY), "--labels", COUNTY / "labels.csv", "--source", "formal-employment",
        "--out", tmp_path / "out", "--settings", 3, "--budget", 0.001,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    tuned = json.loads((tmp_path / "out" / "tune.json").read_text(encoding="utf-8"))
    assert len(tuned["tried"]) == 3
    assert tuned["present"]["setting"] == {"times": 2.0}
    assert any("Too few labels" in warning for warning in tuned["warnings"])
    least = min(tuned["tried"], key=lambda one: one["learned"]["workload"])
    assert tuned["chosen"]["setting"] == least["setting"] != tuned["present"]["setting"]
    config = tmp_path / "out" / "config"
    assert run("check", "--config", config).exit_code in (0, 1)
    assert run("replay", *of(CASE), "--config", config, "--out", tmp_path / "again").exit_code == 0
    rule = (config / "rules" / "formal-employment.yaml").read_text(encoding="utf-8")
    assert "version: 2" in rule
    assert f"times: {tuned['chosen']['setting']['times']:g}" in rule


def test_from_python(replayed: Path) -> None:
    from monitor import replay

    results = replay(COUNTY / "households.jsonl", COUNTY / "events", labels=COUNTY / "labels.csv")
    assert len(results.revisions) == len(lines(replayed / "alerts.jsonl"))
    assert str(results.alerts["occurred_at"].dtype) == "datetime64[us, Asia/Shanghai]"
    assert results.alerts["source"].dtype == "category"
    assert (results.alerts["severity"] >= "high").any()
    assert results.alerts["right"].dtype == "boolean"
    assert results.orders["opened_at"].is_monotonic_increasing
    assert results.evaluation is not None
    assert results.evaluation.loc["death-receiving", "recall"] == 1.0
    assert len(results.rejects) == results.summary["rejected"]


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


BAD = {
    "no roster": ("--roster", "{tmp}/none.jsonl"),
    "an empty roster": ("--roster", "{tmp}/empty.jsonl"),
    "no events": ("--events", "{tmp}/none"),
    "a folder without files": ("--events", "{tmp}/nothing"),
    "a feed nobody knows": ("--events", "{tmp}/unknown"),
    "columns nobody knows": ("--events", "{tmp}/columns"),
    "an empty file": ("--events", "{tmp}/hollow"),
    "no labels": ("--labels", "{tmp}/none.csv"),
    "labels that fit no household": ("--labels", "{tmp}/labels.csv"),
    "labels of no kind": ("--labels", "{tmp}/kinds.csv"),
    "no configuration": ("--config", "{tmp}/none"),
    "a configuration with faults": ("--config", "{tmp}/config"),
    "an output that is a file": ("--out", "{tmp}/labels.csv"),
    "an output that cannot be written": ("--out", "/proc/none/out"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_clear_line_and_leaves_nothing(name: str, tmp_path: Path) -> None:
    write(tmp_path / "empty.jsonl", "")
    (tmp_path / "nothing").mkdir()
    write(tmp_path / "unknown" / "weather.csv", "id_number\n")
    write(tmp_path / "columns" / "deaths.csv", "x,y\n1,2\n")
    write(tmp_path / "hollow" / "deaths.csv", "")
    write(
        tmp_path / "labels.csv",
        "household_id,id_number,kind,direction,since\nH-none,,death-receiving,exit,2025-01-01\n",
    )
    write(tmp_path / "kinds.csv", f"household_id,kind,since\n{_household(CASE)},weather,2025-01-01\n")
    write(tmp_path / "config" / "standards.yaml", "- region: everywhere\n  amounts: {dibao_line: much}\n")
    before = sorted(tmp_path.rglob("*"))
    flag, value = BAD[name]
    given = {
        "--roster": CASE / "households.jsonl", "--events": CASE / "events", "--out": tmp_path / "out",
        flag: value.format(tmp=tmp_path),
    }  # fmt: skip
    done = run("replay", *(part for pair in given.items() for part in pair))
    assert isinstance(done.exception, UnusableError), done.output
    assert "\n" not in str(done.exception)
    assert sorted(tmp_path.rglob("*")) == before


def test_the_other_households_load_and_the_status_is_one(tmp_path: Path) -> None:
    household = json.loads((CASE / "households.jsonl").read_text(encoding="utf-8").splitlines()[0])
    bad = {**household, "household_id": f"H-{household['members'][0]['id_number']}"}
    roster = write(
        tmp_path / "households.jsonl", (CASE / "households.jsonl").read_text(encoding="utf-8") + json.dumps(bad) + "\n"
    )
    done = run("replay", "--roster", roster, "--events", CASE / "events", "--out", tmp_path / "out")
    assert done.exit_code == 1
    assert "household_id" in done.stderr
    assert household["members"][0]["id_number"] not in done.output + done.stderr
    assert figures(tmp_path / "out")["alerts"] > 0


def test_ctrl_c_says_how_far_it_got_and_leaves_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "monitor", "replay", *map(str, of(COUNTY)), "--out", str(tmp_path / "out")]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    while not any(tmp_path.glob(".out.*")):
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 130
    assert said.startswith("monitor: stopped at ")
    assert "nothing was written" in said
    assert list(tmp_path.iterdir()) == []
