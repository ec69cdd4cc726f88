"""The whole service on clusters, parts of which die: the alerts and orders are those of a single node's run."""

import subprocess
import sys
import time

import pytest

from streams.topics import TOPICS, partition_counts
from tests.integration.live import get, until
from tests.scale.conftest import Clusters
from tests.scale.outcome import HISTORY, Outcome, contents_of_one_revision, outcome

pytestmark = [pytest.mark.parts, pytest.mark.scale, pytest.mark.timeout(1500)]
_STEP = len(HISTORY) // 4


def _ready(clusters: Clusters, *workers: int) -> None:
    service = clusters.service
    until(lambda: all(get(f"{service.url(one)}/readyz")[0] == 200 for one in workers), 240)


def test_a_broker_and_a_master_die_and_come_back(clusters: Clusters, alone: Outcome) -> None:
    service, kafka, valkey = clusters
    # A topic that one broker has just made is known to the others a moment later.
    until(lambda: len(partition_counts(kafka.bootstrap)) >= len(TOPICS) and kafka.caught_up(), 30)
    service.enrol()
    service.start()
    service.start()
    _ready(clusters, 0, 1)
    service.publish(HISTORY[:_STEP])

    # The broker that every client asks first, and that leads a third of the partitions.
    kafka.kill(0)
    service.publish(HISTORY[_STEP : 2 * _STEP])
    began = time.monotonic()
    service.settle(400)
    print(f"two of three brokers: settled {time.monotonic() - began:.0f} s after one was killed")
    kafka.start_again(0)

    # A master with a third of the households; its last second may be lost with it.
    service.publish(HISTORY[2 * _STEP : 3 * _STEP])
    valkey.kill(1)
    until(lambda: any("redis" in get(f"{service.url(one)}/readyz")[1] for one in (0, 1)), 60)
    valkey.start_again(1)
    service.publish(HISTORY[3 * _STEP :])
    service.settle(400)
    assert contents_of_one_revision(service) == 1
    assert outcome(service) == alone


def test_a_master_that_lost_everything_is_noticed_and_rebuilt(clusters: Clusters, alone: Outcome) -> None:
    service, _, valkey = clusters
    service.enrol()
    service.start()
    _ready(clusters, 0)
    service.publish(HISTORY[: 2 * _STEP])
    service.settle(400)
    valkey.flush_one(2)
    until(lambda: "monitor rebuild" in get(f"{service.url()}/readyz")[1], 60)
    service.publish(HISTORY[2 * _STEP :])
    done = subprocess.run(
        [sys.executable, "-m", "monitor", "rebuild"], env=service.environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "0 revisions said something new" in done.stdout
    service.settle(400)
    assert contents_of_one_revision(service) == 1
    assert outcome(service) == alone
