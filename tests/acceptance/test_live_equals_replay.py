"""A folder goes through the live service and through a replay: the same rule alerts stand, nothing plain is left."""

import csv
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from redis import Redis

from alert_sinks.database import open_database
from detectors.alerts import decode, encode
from monitor.configuration import SHIPPED, load_configuration
from monitor.console.feeds import feed_alerts
from monitor.replaying.given import Inputs
from streams.messages import HouseholdMessage
from streams.messages import decode as decode_message
from streams.secrets import Keys
from streams.topics import ALERTS, HOUSEHOLD_CHANGES, partition_counts
from tests.integration.live import Live, get, live, messages, until
from tests.privacy import leaks, leaks_in_folder, leaks_in_redis, leaks_in_topics
from tests.recorded import replay_partition
from tests.unit.streams.people import number

pytestmark = [pytest.mark.parts, pytest.mark.timeout(420)]
DATA = Path(__file__).parents[2] / "replay_data"


def monitor(service: Live, *arguments: str, status: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "monitor", *arguments], env=service.environment, capture_output=True, check=False
    )
    assert done.returncode == status, done.stderr.decode()
    return done.stdout.decode() + done.stderr.decode()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """The small county of `replay_data/`, loaded and ingested as an operator would, and handled."""
    with live(tmp_path_factory.mktemp("county")) as running:
        said = monitor(running, "roster", "load", str(DATA / "households.jsonl"))
        assert "without consent" in said
        running.start()
        until(lambda: get(f"{running.url()}/readyz")[0] == 200, 60)
        monitor(running, "ingest", str(DATA / "events"), status=1)
        running.settle(240)
        yield running


@pytest.fixture(scope="module")
def replayed(service: Live, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same folder, replayed with the same secret."""
    out = tmp_path_factory.mktemp("replayed") / "out"
    roster, events = str(DATA / "households.jsonl"), str(DATA / "events")
    monitor(service, "replay", "--roster", roster, "--events", events, "--out", str(out))
    return out


def standing_rules(revisions: Iterator[dict[str, Any]]) -> dict[str, str]:
    """The latest revision of each rule alert that stands, but for what may differ, as text."""
    latest = {alert["alert_id"]: alert for alert in sorted(revisions, key=lambda alert: alert["revision"])}
    stands = {}
    for alert_id, alert in latest.items():
        if alert["status"] == "raised" and alert["source_kind"] == "rule":
            evidence = {name: value for name, value in alert["evidence"].items() if name != "feed_doubtful"}
            rest = {name: value for name, value in alert.items() if name not in ("revision", "detected_at")}
            stands[alert_id] = json.dumps({**rest, "evidence": evidence}, sort_keys=True, ensure_ascii=False)
    return stands


def test_the_same_rule_alerts_stand(service: Live, replayed: Path) -> None:
    from_replay = standing_rules(
        json.loads(line) for line in (replayed / "alerts.jsonl").read_text(encoding="utf-8").splitlines()
    )
    from_live = standing_rules(iter(service.revisions()))
    assert len(from_replay) > 50
    assert from_live == from_replay


def _recorded_again(service: Live, assessed: Mapping[int, int]) -> dict[str, list[bytes]]:
    """The alerts that a replay makes of what was recorded and assessed, by the key under which they are published."""
    keys = Keys.from_file(service.folder / "secret")
    inputs = Inputs({}, [], load_configuration(SHIPPED), keys, 0)
    recorded: dict[int, list[HouseholdMessage]] = {}
    for got in messages(service.parts.kafka, HOUSEHOLD_CHANGES):
        partition = got.partition() or 0
        if (got.offset() or 0) < assessed.get(partition, 0):
            recorded.setdefault(partition, []).append(decode_message(got.value() or b""))
    again: dict[str, list[bytes]] = {}
    for one in recorded.values():
        for alert in replay_partition(inputs, one):
            again.setdefault(alert.household_id or alert.feeds[0], []).append(encode(replace(alert, detected_at="")))
    return again


def _said(service: Live) -> dict[str, list[bytes]]:
    """The alerts that were published, by key."""
    said: dict[str, list[bytes]] = {}
    for got in messages(service.parts.kafka, ALERTS):
        said.setdefault((got.key() or b"").decode(), []).append(
            encode(replace(decode(got.value() or b""), detected_at=""))
        )
    return said


def _assessed(service: Live) -> dict[int, int]:
    """The offset up to which each partition has been assessed, when all that came of it is published."""
    with Redis.from_url(service.parts.redis) as redis:
        found = {int(name[10:-1]): int(redis.get(name)) for name in redis.scan_iter("progress:*")}
        until(lambda: not any(map(redis.get, redis.scan_iter("unsent:*"))), 60)
        return found


def _of_one_moment(service: Live) -> tuple[dict[str, list[bytes]], dict[str, list[bytes]]]:
    """What was said, and what a replay says: feeds are counted, and so judged, once a minute, also while this reads."""
    assessed: dict[int, int] = {}
    while (now := _assessed(service)) != assessed:
        assessed = now
        said, again = _said(service), _recorded_again(service, assessed)
    return said, again


def test_with_the_recorded_order_every_revision_is_the_same(service: Live) -> None:
    """All of them, rules' and detectors', about households and feeds, byte for byte but for when they were detected."""
    until(lambda: any(alert["household_id"] is None for alert in service.revisions()), 120)
    service.settle(60)
    said, again = _of_one_moment(service)
    assert said == again
    sources = {alert["source"] for alert in service.revisions()}
    assert {"feed-silence", "feed-burst", "feed-shift", "second-source", "income-jump"} <= sources


def test_feeds_speak_live_as_in_the_replay(service: Live, replayed: Path) -> None:
    """A history that is loaded feed after feed is judged in its order; what is said of a feed makes no work order."""
    lines = (replayed / "alerts.jsonl").read_text(encoding="utf-8").splitlines()
    from_replay = [alert for alert in map(json.loads, lines) if alert["household_id"] is None]
    from_live = [alert for alert in service.revisions() if alert["household_id"] is None]
    assert {alert["alert_id"] for alert in from_live} == {alert["alert_id"] for alert in from_replay}
    keys = {
        got.key() for got in messages(service.parts.kafka, ALERTS) if b'"household_id":null' in (got.value() or b"")
    }
    assert keys == {alert["feeds"][0].encode() for alert in from_live}
    metrics = get(f"{service.url()}/metrics")[1]
    assert 'monitor_alerts_total{direction="data",severity="medium",source="feed-silence"}' in metrics
    database = open_database(service.parts.database)
    with database.reading() as session:
        assert {one.stored.alert_id for one in feed_alerts(session)} == {alert["alert_id"] for alert in from_live}
    database.close()


def test_every_alert_about_a_household_is_in_exactly_one_order(service: Live) -> None:
    orders = [json.loads(line) for line in monitor(service, "orders").splitlines()]
    held = [alert for order in orders for alert in order["alerts"]]
    about_households = {alert["alert_id"] for alert in service.revisions() if alert["household_id"]}
    assert len(held) == len(set(held))
    assert set(held) == about_households
    open_households = [order["household_id"] for order in orders if order["state"] != "closed"]
    assert len(open_households) == len(set(open_households))


def test_a_second_load_changes_nothing(service: Live) -> None:
    before = len(service.revisions())
    said = monitor(service, "roster", "load", str(DATA / "households.jsonl"))
    assert "0 lines published" in said
    assert len(service.revisions()) == before


def test_nothing_plain_is_left_behind(service: Live, tmp_path: Path) -> None:
    names = set()
    with (DATA / "households.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            names |= {member["name"] for member in json.loads(line)["members"] if len(member.get("name") or "") > 2}
    with (DATA / "events" / "deaths.csv").open(encoding="utf-8") as rows:
        names |= {row["name"] for row in csv.DictReader(rows) if len(row["name"] or "") > 2}
    found = leaks_in_folder(service.folder, names)
    found += leaks("metrics", get(f"{service.url()}/metrics")[1].encode(), names)
    found += leaks_in_redis(service.parts.redis, names)
    topics = partition_counts(service.parts.kafka)
    kept = [topic for topic in topics if not topic.startswith("changes.") or topic.endswith(".dlq")]
    assert len(kept) > 15
    found += leaks_in_topics(service.parts.kafka, kept, names)
    database = Path(service.parts.database.removeprefix("sqlite:///"))
    found += leaks("database", database.read_bytes(), names)
    assert found == []


def test_a_plain_line_on_the_topic_is_enrolled(service: Live) -> None:
    """Others may publish households in the contract's own form."""
    person = number(777)
    household = {
        "household_id": "H-plain",
        "region": "420525101003",
        "as_of": "2026-01-01",
        "programs": [{"program": "dibao"}],
        "consent_until": "2099-12-31",
        "members": [{"id_number": person, "name": "某某某", "relation": "head"}],
    }
    service.producer.produce("roster.households.v1", json.dumps(household).encode(), "H-plain/2026-01-01")
    service.producer.flush()
    service.publish([("custody", {"id_number": person, "occurred_at": "2026-06-02", "action": "imprisoned"})])
    until(lambda: "H-plain" in service.orders(), 30)
