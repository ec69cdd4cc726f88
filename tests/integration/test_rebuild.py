"""Redis loses everything; `monitor rebuild` brings it back, and nothing is said twice or forgotten."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka.cimpl import NewPartitions
from redis import Redis

from streams.topics import HOUSEHOLD_CHANGES, administer, partition_of
from tests.integration.live import Live, get, history, live, until

pytestmark = [pytest.mark.parts, pytest.mark.timeout(240)]


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Live]:
    """A service of its own."""
    with live(tmp_path) as running:
        yield running


def rebuild(service: Live) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "monitor", "rebuild"], env=service.environment, capture_output=True, text=True
    )


def test_what_redis_lost_is_rebuilt(service: Live) -> None:
    rows = history(400, 3)
    service.enrol()
    service.start()
    service.publish(rows[:300])
    service.settle()
    before, count = service.standing(), len(service.revisions())
    refused = rebuild(service)
    assert (refused.returncode, "lost nothing" in refused.stderr) == (2, True)

    client = Redis.from_url(service.parts.redis)
    client.flushall()
    until(lambda: get(f"{service.url()}/readyz")[0] == 503, 20)
    service.publish(rows[300:])
    done = rebuild(service)
    assert done.returncode == 0, done.stderr
    assert "0 revisions said something new" in done.stdout
    until(lambda: get(f"{service.url()}/readyz")[0] == 200, 30)
    service.settle()

    # What had been said was not said again: every revision has one content.
    contents: dict[tuple[str, int], set[str]] = {}
    for alert in service.revisions():
        shown = str(sorted((name, value) for name, value in alert.items() if name != "detected_at"))
        contents.setdefault((alert["alert_id"], alert["revision"]), set()).add(shown)
    assert all(len(one) == 1 for one in contents.values())
    assert len(service.revisions()) >= count
    assert before.keys() <= service.standing().keys()

    # And it stands as if Redis had never been lost.
    after = service.standing()
    service.workers[0].terminate()
    service.workers[0].wait()
    client.flushall()
    assert "0 revisions said something new" in rebuild(service).stdout
    service.start()
    service.publish(rows)  # repetitions: nothing new
    service.settle()
    assert service.standing() == after
    client.close()


def test_after_more_partitions_a_rebuild_sorts_the_messages(service: Live) -> None:
    """Households' states lie by partition: no worker goes on with another number of them than Redis was filled with."""
    rows = history(300, 5)
    service.enrol()
    worker = service.start()
    service.publish(rows[:250])
    service.settle()
    before = service.standing()
    worker.terminate()
    worker.wait()
    admin = administer(service.parts.kafka)  # the request dies with it
    admin.create_partitions([NewPartitions(HOUSEHOLD_CHANGES, 13)])[HOUSEHOLD_CHANGES].result()

    refused = service.start()
    assert refused.wait(60) == 2
    assert "has 13 partitions and had 8" in (service.folder / "worker-1.log").read_text()

    client = Redis.from_url(service.parts.redis)
    client.flushall()
    done = rebuild(service)
    assert "0 revisions said something new" in done.stdout, done.stderr
    parts = {key.decode().rpartition("{")[2] for key in client.scan_iter("state:*")}
    assert parts == {f"{partition_of(county, 13)}}}" for county in ("420525", "420526", "110101")}
    client.close()
    service.start()
    service.publish(rows)  # what came before says nothing new, the rest goes on from it
    service.settle()
    after = service.standing()
    assert before.keys() <= after.keys()
    contents: dict[tuple[str, int], set[str]] = {}
    for alert in service.revisions():
        shown = str(sorted((name, value) for name, value in alert.items() if name != "detected_at"))
        contents.setdefault((alert["alert_id"], alert["revision"]), set()).add(shown)
    assert all(len(one) == 1 for one in contents.values())
