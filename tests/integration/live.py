"""A live service for tests: parts of its own, workers as processes, a small county's roster and changes."""

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from confluent_kafka import Consumer, Message, Producer, TopicPartition

from alert_sinks.database import open_database
from alert_sinks.work_orders.listing import list_orders
from monitor.parts.embedded import Parts, running
from streams.moments import parse_day
from streams.roster import Grant, Line, Member
from streams.roster_topic import message
from streams.topics import ALERTS, LARGEST_VALUE, TOPICS, changes_topic, create_missing, partition_counts, partition_of
from tests.unit.streams.people import KEYS, number

SECRET = b"a secret of tests, thirty-two bytes at least"
HOUSEHOLDS = 120
_MONITOR = [sys.executable, "-m", "monitor"]
Row = tuple[str, dict[str, Any]]


class Live:
    """A running service: publish to it, start and kill its workers, read what it left."""

    def __init__(self, parts: Parts, folder: Path) -> None:
        self.parts = parts
        self.folder = folder
        (folder / "secret").write_bytes(SECRET)
        self.environment = {
            **os.environ,
            **parts.environment(),
            "MONITOR_SECRET_FILE": str(folder / "secret"),
            "MONITOR_LOG": "json",
        }
        self.workers: list[subprocess.Popen[bytes]] = []
        self.producer = Producer(
            {"bootstrap.servers": parts.kafka, "linger.ms": 5, "log_level": 0, "message.max.bytes": LARGEST_VALUE}
        )
        create_missing(parts.kafka, TOPICS)

    def start(self) -> "subprocess.Popen[bytes]":
        """One worker more; its log is kept in the folder."""
        with (self.folder / f"worker-{len(self.workers)}.log").open("wb") as log:
            worker = subprocess.Popen([*_MONITOR, "worker"], env=self.environment, stderr=log)
        self.workers.append(worker)
        return worker

    def logs(self) -> Iterator[dict[str, Any]]:
        """What the workers said."""
        for path in self.folder.glob("worker-*.log"):
            for line in path.read_text().splitlines():
                yield json.loads(line)

    def url(self, worker: int = 0) -> str:
        """Where a worker answers probes, as it logged."""
        path = self.folder / f"worker-{worker}.log"
        until(lambda: "port" in path.read_text(), 240)
        found = re.search(r'"port": (\d+)', path.read_text())
        assert found is not None
        return f"http://127.0.0.1:{found[1]}"

    def enrol(self) -> None:
        """Publish the county's roster."""
        for line in roster():
            sent = message(line)
            partition = partition_of(sent.spread, 4)
            self.producer.produce(sent.topic, sent.value, sent.key, partition=partition)
        self.producer.flush()

    def publish(self, rows: Sequence[Row]) -> None:
        """Publish changes, spread over the partitions."""
        for feed, row in rows:
            value = json.dumps(row).encode()
            self.producer.produce(changes_topic(feed), value, partition=partition_of(row["id_number"], 4))
        self.producer.flush()

    def revisions(self) -> list[dict[str, Any]]:
        """Every message of the alerts' topic."""
        return [json.loads(value) for value in read(self.parts.kafka, ALERTS)]

    def standing(self) -> dict[str, dict[str, Any]]:
        """The latest revision of every alert, without what may differ between runs."""
        latest: dict[str, dict[str, Any]] = {}
        for alert in sorted(self.revisions(), key=lambda alert: alert["revision"]):
            latest[alert["alert_id"]] = {
                name: value for name, value in alert.items() if name not in {"revision", "detected_at"}
            }
        return latest

    def orders(self) -> dict[str, list[frozenset[str]]]:
        """The alerts of each household's orders."""
        database = open_database(self.parts.database)
        found: dict[str, list[frozenset[str]]] = {}
        with database.reading() as session:
            for order in list_orders(session):
                found.setdefault(order.household_id, []).append(frozenset(order.alerts))
        database.close()
        return found

    def settle(self, seconds: float = 60.0) -> None:
        """Wait until everything published has gone the whole way: no lag anywhere, and nothing new for a while."""
        quiet, seen = 0, -1
        end = time.monotonic() + seconds
        while quiet < 4:
            assert time.monotonic() < end, f"not settled after {seconds} s: {self.lags()}"
            time.sleep(0.7)
            lags = self.lags()
            count = len(read(self.parts.kafka, ALERTS))
            quiet = quiet + 1 if lags and not any(lags.values()) and count == seen else 0
            seen = count

    def lags(self) -> dict[str, float]:
        """The lag of every partition that some living worker has; empty unless all partitions are had."""
        found: dict[str, float] = {}
        for index, worker in enumerate(self.workers):
            if worker.poll() is None:
                text = get(f"{self.url(index)}/metrics")[1]
                lines = re.findall(r"^monitor_consumer_lag({.*}) (.*)$", text, re.MULTILINE)
                found |= {labels: float(lag) for labels, lag in lines}
        topics = [topic for topic in partition_counts(self.parts.kafka).items() if not topic[0].endswith(".dlq")]
        return found if len(found) == sum(count for name, count in topics if not name.startswith("__")) else {}

    def close(self) -> None:
        """Kill what still runs."""
        for worker in self.workers:
            worker.kill()
            worker.wait()


@contextmanager
def live(folder: Path) -> Iterator[Live]:
    """A service on parts of its own, without workers yet."""
    with running(None, postgres=False) as parts:
        service = Live(parts, folder)
        try:
            yield service
        finally:
            service.close()


def until(condition: Any, seconds: float) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not so after {seconds} s"
        time.sleep(0.1)


def get(url: str) -> tuple[int, str]:
    """Status and text of an address; status 0 while nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


def read(kafka: str, topic: str) -> list[bytes]:
    """All values of a topic."""
    return [got.value() or b"" for got in messages(kafka, topic)]


def messages(kafka: str, topic: str) -> list[Message]:
    """All messages of a topic; those of a partition in their order."""
    reader = Consumer({"bootstrap.servers": kafka, "group.id": "tests", "log_level": 0})
    places = [TopicPartition(topic, number, 0) for number in range(partition_counts(kafka)[topic])]
    wanted = sum(reader.get_watermark_offsets(place, timeout=10)[1] for place in places)
    reader.assign(places)
    found: list[Message] = []
    while len(found) < wanted:
        found += [got for got in reader.consume(wanted, 1.0) if got.error() is None]
    reader.close()
    return found


def roster() -> Iterator[Line]:
    """Households of one and two members in three counties; every tenth person is on two lines."""
    for serial in range(HOUSEHOLDS):
        members = [Member(person=KEYS.pseudonym(number(serial)), relation="head", declared_monthly_income=100.0)]
        if serial % 10 == 0:
            members.append(Member(person=KEYS.pseudonym(number(serial + 1)), relation="spouse"))
        yield Line(
            household_id=f"H-{serial:04d}",
            region=("420525101003", "420526001001", "110101001001")[serial % 3],
            as_of=parse_day("2026-01-01"),
            programs=(Grant(program="dibao", monthly_amount=900.0),),
            members=tuple(members),
            consent_until=parse_day("2027-12-31"),
        )


def history(count: int, seed: int) -> list[Row]:
    """Changes about members and strangers, with repetitions and retractions among them."""
    chance = random.Random(seed)
    rows: list[Row] = []
    for serial in range(count):
        who = chance.randrange(4 * HOUSEHOLDS)
        day = f"2026-0{chance.randrange(2, 6)}-{chance.randrange(1, 29):02d}"
        common = {"event_id": f"E-{serial}", "id_number": number(who), "occurred_at": day, "reported_at": "2026-06-01"}
        kinds: list[Row] = [
            ("deaths" if who >= 20 else "medical", {**common, "total_cost": 9, "out_of_pocket": 5}),
            ("vehicles", {**common, "plate": f"X{serial % 50}", "vehicle_type": "car", "action": "registered"}),
            (
                "businesses",
                {**common, "company_id": f"C{serial % 40}", "role": "shareholder", "action": "registered"}
                | {"registered_capital": 1000 * (serial % 300)},
            ),
            ("subsidies", {**common, "kind": "other", "amount": 4000 + serial % 9000}),
            (
                "social-insurance",
                {**common, "employer": f"公司{serial % 7}", "base": 3000, "period": day[:7]}
                | {"kind": "employee", "status": "paid"},
            ),
        ]
        rows.append(chance.choice(kinds))
        if serial % 11 == 0:
            rows.append(chance.choice(rows))
        if serial % 13 == 0:
            feed, row = chance.choice(rows)
            rows.append((feed, {**row, "op": "retract"}))
    return rows


def kill(worker: "subprocess.Popen[bytes]") -> None:
    """SIGKILL, and wait until it is gone."""
    worker.send_signal(signal.SIGKILL)
    worker.wait()
