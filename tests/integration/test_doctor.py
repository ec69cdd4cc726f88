"""`monitor doctor` at real parts: it finds what is missing or wrong, says what to do, and changes nothing."""

import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy as sa
from confluent_kafka.admin import AdminClient
from redis import Redis

from alert_sinks.database import open_database
from monitor.doctor.database import check_database
from monitor.doctor.enrolled import check_enrolled
from monitor.doctor.finding import Finding
from monitor.doctor.kafka import _copies, check_kafka
from monitor.doctor.redis import check_redis
from monitor.doctor.settings import masked
from monitor.parts.kafka import Kafka
from streams.publishing import Publisher
from streams.redis_store import RedisStore, open_redis
from streams.roster_lines import read_line
from streams.roster_topic import message
from streams.secrets import Keys, add_sealing_key, ring_path
from streams.topic_inspection import Copies
from streams.topics import ROSTER, TOPICS, Topic, create_missing
from tests.integration.clusters import ValkeyCluster
from tests.unit.streams.people import number

pytestmark = pytest.mark.parts


def told(findings: list[Finding], level: str) -> str:
    """What was said at this level, with the advice."""
    return "\n".join(f"{one.part}: {one.said} -> {one.advice}" for one in findings if one.level == level)


def test_missing_topics_and_one_that_forgets_too_soon(kafka: str) -> None:
    wrong = Topic(name="changes.custody.v1", partitions=1, retention=1000)
    admin = AdminClient({"bootstrap.servers": kafka, "log_level": 0})
    for done in admin.delete_topics([wrong.name]).values():
        done.exception()
    create_missing(kafka, [wrong])
    findings = list(check_kafka(kafka))
    faults = told(findings, "fault")
    assert "run `monitor topics`" in faults
    assert "changes.custody.v1: retention.ms is 1000, 1209600000 expected" in faults
    assert "changes.custody.v1: 1 partitions, 4 expected" in told(findings, "note")
    assert "custody: no record" in told(findings, "ok")
    assert "may read and write" in told(findings, "ok")
    for done in admin.delete_topics([wrong.name]).values():
        done.result()


def test_a_secret_file_under_which_nobody_was_enrolled(tmp_path: Path) -> None:
    right, other, mixed = tmp_path / "right", tmp_path / "other", tmp_path / "mixed"
    right.write_bytes(b"r" * 48)
    other.write_bytes(b"o" * 48)
    mixed.write_bytes(b"o" * 48)
    broker = Kafka(tmp_path / "kafka")
    try:
        broker.wait()
        create_missing(broker.bootstrap, [topic for topic in TOPICS if topic.name == ROSTER])
        assert list(check_enrolled(broker.bootstrap, right)) == []
        # Sealed with a key of a ring that lies beside both.
        add_sealing_key(right)
        ring_path(mixed).write_bytes(ring_path(right).read_bytes())
        plain = {
            "household_id": "H-1",
            "region": "420525101003",
            "as_of": "2026-01-01",
            "programs": [{"program": "dibao", "since": "2024-03-01", "monthly_amount": 1}],
            "members": [{"id_number": number(1), "name": "Li", "relation": "head"}],
        }
        sent = message(read_line(json.dumps(plain).encode(), Keys.from_file(right)))
        asyncio.run(Publisher.to(broker.bootstrap, [ROSTER]).publish([sent]))
        assert told(list(check_enrolled(broker.bootstrap, right)), "ok")
        assert "sealed with another key" in told(list(check_enrolled(broker.bootstrap, other)), "fault")
        assert "another secret file's" in told(list(check_enrolled(broker.bootstrap, mixed)), "fault")
    finally:
        broker.stop()


def test_copies_that_lack_something_and_rights_that_are_missing() -> None:
    everything = frozenset({"READ", "WRITE", "DESCRIBE"})
    findings = list(
        _copies(
            {
                "alerts.v1": Copies((0, 2), everything),
                "changes.taxes.v1": Copies((), everything - {"WRITE"}),  # a worker only reads it
                "household-changes.v1": Copies((1,), everything - {"WRITE"}),
            }
        )
    )
    faults = told(findings, "fault")
    assert "3 partitions of 2 topics lack a copy that is up to date: alerts.v1, household-changes.v1" in faults
    assert "household-changes.v1: may not WRITE ->" in faults
    assert "taxes" not in faults


def test_a_redis_that_may_evict_and_is_empty(redis_url: str) -> None:
    client = Redis.from_url(redis_url)
    client.config_set("maxmemory-policy", "allkeys-lru")
    findings = asyncio.run(check_redis(redis_url, lambda: 0))
    client.config_set("maxmemory-policy", "noeviction")
    assert "maxmemory-policy is allkeys-lru" in told(findings, "fault")
    assert "monitor rebuild" in told(findings, "note")
    assert "from this machine" in told(findings, "note")
    client.close()


def test_a_redis_that_is_filled(redis_url: str) -> None:
    async def fill() -> None:
        store = RedisStore(await open_redis(redis_url))
        await store.mark()
        await store.set_applied(ROSTER, {0: 5, 1: 7})
        await store.close()

    asyncio.run(fill())
    findings = asyncio.run(check_redis(redis_url, lambda: 0))
    assert "12 roster records applied" in told(findings, "ok")
    assert told(findings, "fault") == ""


def test_a_database_that_may_only_be_read(postgres_url: str) -> None:
    database = open_database(postgres_url)
    with database.engine.begin() as connection:
        connection.execute(sa.text("DROP ROLE IF EXISTS reader"))
        connection.execute(sa.text("CREATE ROLE reader LOGIN PASSWORD 'reads'"))
        connection.execute(sa.text("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader"))
    assert told(list(check_database(postgres_url, lambda: time.time_ns() // 1000)), "fault") == ""
    reader = sa.make_url(postgres_url).set(username="reader", password="reads").render_as_string(hide_password=False)
    faults = told(list(check_database(reader, lambda: 0)), "fault")
    assert faults.startswith("database: permission denied for table work_orders -> ")
    with database.engine.begin() as connection:
        connection.execute(sa.text("DROP OWNED BY reader"))
        connection.execute(sa.text("DROP ROLE reader"))
    database.close()


def test_the_command_tells_everything_at_once_and_no_password(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "MONITOR_KAFKA": "127.0.0.1:1",
        "MONITOR_REDIS": "redis://user:hidden@127.0.0.1:1/0",
        "MONITOR_DATABASE": f"sqlite:///{tmp_path}/monitor.db",
        "MONITOR_SECRET_FILE": str(tmp_path / "none"),
        "MONITOR_CONFIG": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "-m", "monitor", "doctor", "--json"], env=environment, capture_output=True, text=True
    )
    findings = [json.loads(line) for line in done.stdout.splitlines()]
    faulty = {one["part"] for one in findings if one["level"] == "fault"}
    assert done.returncode == 1
    assert {"kafka", "redis", "secret", "configuration"} <= faulty
    assert all(one["advice"] for one in findings if one["level"] != "ok")
    assert "hidden" not in done.stdout + done.stderr
    assert not (tmp_path / "monitor.db").exists()


def test_only_the_password_of_a_url_is_masked() -> None:
    assert masked("postgresql://monitor:a@b@host:5432/x") == "postgresql://monitor:…@host:5432/x"
    assert masked("sqlite:///monitor.db") == "sqlite:///monitor.db"


def test_a_cluster_is_looked_at_master_by_master(redis_cluster: ValkeyCluster) -> None:
    async def fill() -> None:
        store = RedisStore(await open_redis(redis_cluster.url))
        await store.mark()
        await store.set_applied(ROSTER, {0: 5})
        await store.close()

    asyncio.run(fill())
    findings = asyncio.run(check_redis(redis_cluster.url, lambda: time.time_ns() // 1000))
    assert told(findings, "ok").count("answers, version") == 3
    assert told(findings, "fault") == ""
    assert told(findings, "ok").count("agrees with this machine") == 3
