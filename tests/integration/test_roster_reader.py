"""The reader of the roster's topic, when its broker is started again."""

import asyncio
from pathlib import Path

import pytest

from monitor.parts.kafka import Kafka
from monitor.parts.server import free_port
from streams.publishing import PublishError
from streams.roster_reader import RosterReader
from streams.topics import ROSTER, TOPICS, create_missing
from tests.integration.live import until
from tests.unit.streams.people import KEYS

pytestmark = pytest.mark.parts


def test_it_knows_soon_where_the_topic_ends_after_a_restart(tmp_path: Path) -> None:
    """No batch is screened before it knows: a restarted broker once stopped all screening for good."""
    ports = free_port(), free_port()

    def start() -> Kafka:
        broker = Kafka(tmp_path / "kafka", port=ports[0], controller=ports[1])
        broker.wait()
        return broker

    def knows() -> bool:
        try:
            return asyncio.run(reader.ends()) == dict.fromkeys(range(4), 0)
        except PublishError:
            return False

    broker = start()
    try:
        create_missing(broker.bootstrap, [topic for topic in TOPICS if topic.name == ROSTER])
        reader = RosterReader(broker.bootstrap, 4, KEYS)
        until(knows, 30)
        broker.stop()
        broker = start()
        until(knows, 30)
    finally:
        broker.stop()
