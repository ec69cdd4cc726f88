"""`monitor ingest` and `monitor roster load` against a real broker."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, TopicPartition

from streams.roster_history import published_lines
from streams.topics import TOPICS, changes_topic, create_missing
from tests.unit.streams.people import as_json, number, record
from tests.unit.streams.test_roster_files import household, member

pytestmark = pytest.mark.parts


@pytest.fixture(scope="module")
def topics(kafka: str) -> str:
    create_missing(kafka, TOPICS)
    return kafka


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_bytes(b"a secret of tests, thirty-two bytes at least")
    return path


def run(kafka: str, secret: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    given = os.environ | {"MONITOR_KAFKA": kafka, "MONITOR_SECRET_FILE": str(secret)}
    command = [sys.executable, "-m", "monitor", *map(str, words)]
    return subprocess.run(command, env=given, capture_output=True, text=True, timeout=120, check=False)


def values(kafka: str, topic: str) -> list[Any]:
    consumer = Consumer({"bootstrap.servers": kafka, "group.id": "tests", "auto.offset.reset": "earliest"})
    places = [TopicPartition(topic, partition, 0) for partition in range(4)]
    consumer.assign(places)
    wanted = sum(consumer.get_watermark_offsets(place, timeout=10)[1] for place in places)
    found: list[Any] = []
    while len(found) < wanted:
        found += [json.loads(message.value()) for message in consumer.consume(wanted, 5)]
    consumer.close()
    return found


def test_every_row_that_is_a_record_is_published(topics: str, secret: Path, tmp_path: Path) -> None:
    folder = tmp_path / "events"
    folder.mkdir()
    bad = record("custody", 2, occurred_at="soon")
    (folder / "custody.jsonl").write_bytes(as_json(record("custody")) + b"\n{\n" + as_json([bad]) + b"\n")
    (folder / "deaths.csv").write_text(
        f"身份证号,发生日期\n{number(1)},2026-06-01\n{number(2)},\nx\n", encoding="gb18030"
    )
    done = run(topics, secret, "ingest", folder)
    assert done.returncode == 1, done.stderr
    assert "custody.jsonl: 2 rows of custody published, 1 left out" in done.stdout
    assert "deaths.csv: 2 rows of deaths published, 1 left out" in done.stdout
    assert "custody.jsonl: line 2: cannot be read as a record" in done.stderr
    assert "deaths.csv: line 4: more or fewer columns" in done.stderr
    sent = values(topics, changes_topic("custody"))
    assert sorted(sent, key=str) == sorted([record("custody"), [bad]], key=str)
    assert {"id_number": number(1), "occurred_at": "2026-06-01"} in values(topics, changes_topic("deaths"))
    assert number(1) not in done.stdout + done.stderr


def test_a_feed_may_be_named(topics: str, secret: Path, tmp_path: Path) -> None:
    (tmp_path / "june.jsonl").write_bytes(as_json(record("pensions")))
    assert run(topics, secret, "ingest", tmp_path / "june.jsonl").returncode == 2
    done = run(topics, secret, "ingest", "--feed", "pensions", tmp_path / "june.jsonl")
    assert done.returncode == 0, done.stderr
    assert values(topics, changes_topic("pensions")) == [record("pensions")]


def test_nothing_is_published_if_one_file_cannot_be_used(topics: str, secret: Path, tmp_path: Path) -> None:
    (tmp_path / "marriages.jsonl").write_bytes(as_json(record("marriages")))
    (tmp_path / "medical.csv").write_text("")
    done = run(topics, secret, "ingest", tmp_path / "marriages.jsonl", tmp_path / "medical.csv")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.strip().endswith("medical.csv: is empty; a header is expected in its first line")
    assert values(topics, changes_topic("marriages")) == []


def test_without_a_broker_one_line_says_so(secret: Path, tmp_path: Path) -> None:
    (tmp_path / "deaths.jsonl").write_bytes(as_json(record("deaths")))
    done = run("127.0.0.1:1", secret, "ingest", tmp_path)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "no broker answers" in done.stderr


def standing(kafka: str) -> dict[str, Any]:
    return {key: json.loads(value) for key, value in published_lines(kafka)}


def test_a_roster_loads_changes_and_ends(topics: str, secret: Path, tmp_path: Path) -> None:
    path = tmp_path / "households.jsonl"
    first = household(consent_until=None)
    second = household(household_id="H-2", members=[member(2, relation="head")])
    path.write_bytes(as_json(first) + b"\n" + as_json(second))
    done = run(topics, secret, "roster", "load", path)
    assert done.returncode == 0, done.stderr
    assert "2 households: 2 lines published, 0 known already" in done.stdout
    assert "1 households are without consent today" in done.stdout
    before = list(published_lines(topics))

    assert "0 lines published, 2 known already" in run(topics, secret, "roster", "load", path).stdout
    assert list(published_lines(topics)) == before

    path.write_bytes(as_json(household(household_id="H-2", as_of="2026-02-01", region="420526")))
    assert "1 lines published" in run(topics, secret, "roster", "load", path).stdout
    assert set(standing(topics)) == {"H-1/2026-01-01", "H-2/2026-01-01", "H-2/2026-02-01"}

    done = run(topics, secret, "roster", "load", "--complete", path)
    assert "1 households are absent from the file and end with it" in done.stdout
    assert not standing(topics)["H-1/2026-02-01"].get("programs")
    assert "0 households are absent" in run(topics, secret, "roster", "load", "--complete", path).stdout
    text = json.dumps(standing(topics))
    assert number(1) not in text
    assert "王1" not in text


def test_faulty_households_are_left_out_and_listed(topics: str, secret: Path, tmp_path: Path) -> None:
    path = tmp_path / "households.jsonl"
    good = household(household_id="H-9", members=[member(9, relation="head")])
    path.write_bytes(as_json(household(region="here")) + b"\n" + as_json(good))
    done = run(topics, secret, "roster", "load", "--complete", path)
    assert done.returncode == 1
    assert "households.jsonl: line 1, region: is no division code" in done.stderr
    assert "1 households left out because of 1 faults" in done.stdout
    assert "no household was ended" in done.stdout
    assert "H-9/2026-01-01" in standing(topics)


def test_a_missing_secret_or_roster_is_one_line(topics: str, secret: Path, tmp_path: Path) -> None:
    path = tmp_path / "households.jsonl"
    path.write_bytes(as_json(household()))
    for words in ((tmp_path / "none", path), (secret, tmp_path / "none.csv")):
        done = run(topics, words[0], "roster", "load", words[1])
        assert done.returncode == 2
        assert done.stderr.count("\n") == 1
        assert "none" in done.stderr
