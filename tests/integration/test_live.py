"""The whole way on real parts: from a department's record to a work order, also when workers are killed."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer

from tests.integration.live import HOUSEHOLDS, Live, get, history, kill, live, read, until
from tests.unit.streams.people import number

pytestmark = pytest.mark.parts
_COUNT = 3000


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """One worker that nobody disturbed, after the whole history."""
    with live(tmp_path_factory.mktemp("undisturbed")) as service:
        service.enrol()
        service.start()
        service.publish(history(_COUNT, seed=1))
        until(lambda: get(f"{service.url()}/readyz")[0] == 200, 60)
        service.settle()
        yield service


def test_a_change_becomes_a_work_order(undisturbed: Live) -> None:
    plate = {"plate": "NEW-1", "vehicle_type": "car", "action": "registered"}
    row = {"event_id": "new", "id_number": number(5), "occurred_at": "2026-06-02", **plate}
    known = undisturbed.orders()
    undisturbed.publish([("vehicles", row)])
    until(lambda: undisturbed.orders() != known, 10)
    (alert,) = [alert for alert in undisturbed.revisions() if "new" in alert["event_ids"]]
    assert (alert["source"], alert["household_id"], alert["event_ids"]) == ("vehicle-owned", "H-0005", ["new"])
    said = [line for line in undisturbed.logs() if line.get("alert") == alert["alert_id"]]
    assert [line["correlation_id"].split("/")[0] for line in said] == ["vehicles"]


def test_refused_records_go_to_the_dead_letters_and_stop_nobody(undisturbed: Live) -> None:
    topic = "changes.custody.v1"
    fine = {"id_number": number(7), "occurred_at": "2026-06-02", "action": "imprisoned"}
    bad = {**fine, "action": "escaped"}
    large = json.dumps([{**fine, "id_number": number(9), "note": "x" * 5_000_000}]).encode()
    before = len(read(undisturbed.parts.kafka, f"{topic}.dlq"))
    for value in (b"{no json", b"\xff\xfe", None, json.dumps([fine, bad]).encode(), large):
        undisturbed.producer.produce(topic, value, partition=1)
    undisturbed.producer.flush()
    until(lambda: len(read(undisturbed.parts.kafka, f"{topic}.dlq")) >= before + 4, 20)
    letters = [json.loads(value) for value in read(undisturbed.parts.kafka, f"{topic}.dlq")[before:]]
    assert sorted((letter["reason"], letter["field"], letter.get("index")) for letter in letters) == [
        ("undecodable", "", None),
        ("undecodable", "", None),
        ("undecodable", "", None),
        ("unknown_word", "action", 1),
    ]
    assert all(letter["topic"] == topic and letter["partition"] == 1 for letter in letters)
    until(lambda: _custody(undisturbed) == {"H-0007", "H-0009"}, 20)
    metrics = get(f"{undisturbed.url()}/metrics")[1]
    assert 'monitor_changes_total{feed="custody"} 6.0' in metrics
    assert 'monitor_rejected_total{feed="custody",reason="undecodable"} 3.0' in metrics


def test_departments_may_compress_what_they_send(undisturbed: Live) -> None:
    people = {"gzip": 11, "snappy": 12, "lz4": 14, "zstd": 16}
    for codec, who in people.items():
        producer = Producer({"bootstrap.servers": undisturbed.parts.kafka, "compression.type": codec, "log_level": 0})
        record = {"id_number": number(who), "occurred_at": "2026-06-02", "action": "imprisoned", "note": "x" * 500}
        producer.produce("changes.custody.v1", json.dumps(record).encode())
        producer.flush()
    until(lambda: _custody(undisturbed) >= {f"H-{who:04d}" for who in people.values()}, 20)


def _custody(service: Live) -> set[str]:
    return {alert["household_id"] for alert in service.revisions() if alert["source"] == "member-in-custody"}


def test_one_revision_has_one_content(undisturbed: Live) -> None:
    assert _contents(undisturbed) == 1


def _contents(service: Live) -> int:
    contents: dict[tuple[str, int], set[str]] = {}
    for alert in service.revisions():
        told = {name: value for name, value in alert.items() if name != "detected_at"}
        contents.setdefault((alert["alert_id"], alert["revision"]), set()).add(json.dumps(told, sort_keys=True))
    return max(len(found) for found in contents.values())


def test_killing_workers_changes_nothing(undisturbed: Live, tmp_path: Path) -> None:
    """Three SIGKILLs during a load: the same standing alerts and orders, and another takes over within 15 s."""
    rows = history(_COUNT, seed=1)
    with live(tmp_path) as service:
        service.enrol()
        workers = [service.start(), service.start()]
        until(lambda: all(get(f"{service.url(index)}/readyz")[0] == 200 for index in (0, 1)), 60)
        step = len(rows) // 4
        for blow in range(3):
            service.publish(rows[blow * step : (blow + 1) * step])
            time.sleep(0.4)
            kill(workers[blow % 2])
            workers[blow % 2] = service.start()
        service.publish(rows[3 * step :])
        until(lambda: get(f"{service.url(4)}/readyz")[0] == 200, 60)
        service.settle(90)
        assert _contents(service) == 1
        assert _comparable(service.standing()) == _comparable(undisturbed.standing())
        assert _comparable_orders(service) == _comparable_orders(undisturbed)


def _comparable(standing: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """What stands of the common history; other tests of this module have added to the undisturbed service.

    What was raised and retracted on the way depends on which feed came first, and that is nobody's promise.
    """
    return {name: alert for name, alert in standing.items() if alert["status"] == "raised" and _of_history(alert)}


def _of_history(alert: dict[str, Any]) -> bool:
    return alert["source"] != "member-in-custody" and "new" not in alert["event_ids"]


def _comparable_orders(service: Live) -> dict[str, list[set[str]]]:
    wanted = set(_comparable(service.standing()))
    orders = {household: [order & wanted for order in orders] for household, orders in service.orders().items()}
    return {household: [set(order) for order in found if order] for household, found in orders.items() if any(found)}


def test_sigterm_ends_a_busy_worker_in_time(undisturbed: Live) -> None:
    undisturbed.publish(history(_COUNT, seed=2))
    worker = undisturbed.workers[0]
    start = time.monotonic()
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(20) == 0
    assert time.monotonic() - start < 10
    again = undisturbed.start()
    until(lambda: get(f"{undisturbed.url(1)}/readyz")[0] == 200, 60)
    undisturbed.settle()
    assert _contents(undisturbed) == 1
    assert again.poll() is None


def test_without_topics_or_broker_it_ends_with_one_line(undisturbed: Live) -> None:
    wrong = {**undisturbed.environment, "MONITOR_KAFKA": "127.0.0.1:1"}
    done = subprocess.run(
        [sys.executable, "-m", "monitor", "worker"], env=wrong, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("monitor:")]
    assert line == "monitor: MONITOR_KAFKA=127.0.0.1:1: no broker answers; start the broker or correct the setting"


def test_another_worker_takes_over_within_fifteen_seconds(tmp_path: Path) -> None:
    """Whichever partitions the killed worker had: every household's change gets its order in time."""
    with live(tmp_path) as service:
        service.enrol()
        workers = [service.start(), service.start()]
        until(lambda: all(get(f"{service.url(index)}/readyz")[0] == 200 for index in (0, 1)), 60)
        service.settle()
        kill(workers[0])
        killed = time.monotonic()
        car = {"vehicle_type": "car", "action": "registered", "occurred_at": "2026-06-02"}
        service.publish(
            [
                ("vehicles", {**car, "event_id": f"car {who}", "id_number": number(who), "plate": f"P{who}"})
                for who in range(HOUSEHOLDS)
            ]
        )
        wanted = {f"H-{serial:04d}" for serial in range(HOUSEHOLDS)}
        until(lambda: wanted <= set(service.orders()), 15)
        print(f"taken over after {time.monotonic() - killed:.1f} s")
