"""What the tests on clusters share: the clusters, and a single node's run to compare with."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

from monitor.parts.embedded import Parts
from monitor.parts.postgres import Postgres
from tests.integration.clusters import KafkaCluster, ValkeyCluster
from tests.integration.live import Live, live
from tests.scale.outcome import HISTORY, Outcome, outcome


class Clusters(NamedTuple):
    """A service on clusters, and what it runs on."""

    service: Live
    kafka: KafkaCluster
    valkey: ValkeyCluster


@pytest.fixture(scope="session")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """What one worker on single nodes that nobody disturbs leaves of the history."""
    with live(tmp_path_factory.mktemp("alone")) as service:
        service.enrol()
        service.start()
        service.publish(HISTORY)
        service.settle(400)
        return outcome(service)


@pytest.fixture
def clusters() -> Iterator[Clusters]:
    """Three brokers, three masters that keep their data, PostgreSQL; no worker yet."""
    with ExitStack() as ending:
        # Not pytest's own temporary folder: PostgreSQL's user must be able to get there.
        folder = Path(ending.enter_context(tempfile.TemporaryDirectory(prefix="monitor-scale-")))
        postgres = Postgres(folder / "postgres", keep=False)
        ending.callback(postgres.stop)
        valkey = ValkeyCluster(folder / "valkey", 3, keep=True)
        ending.callback(valkey.stop)
        kafka = KafkaCluster(folder / "kafka")
        ending.callback(kafka.stop)
        postgres.wait()
        logs = folder / "service"
        logs.mkdir()
        service = Live(Parts(kafka=kafka.bootstrap, redis=valkey.url, database=postgres.url), logs)
        ending.callback(service.close)
        yield Clusters(service, kafka, valkey)
