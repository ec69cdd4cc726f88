"""The stage of an experiment: real parts that can be broken and mended, and what they say of themselves."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from redis import Redis

from monitor.configuration import SHIPPED
from monitor.parts.kafka import Kafka
from monitor.parts.postgres import Postgres
from monitor.parts.server import Server, free_port
from monitor.parts.valkey import Valkey
from streams.topics import TOPICS, create_missing
from tests.integration.live import SECRET


class Stage:
    """Parts on fixed ports: each can be stopped, hard or in good order, and started again with what it kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.open_things = ExitStack()
        """What experiments add; closed after the parts."""
        self.kafka_ports = free_port(), free_port()
        self.redis_port, self.database_port = free_port(), free_port()
        self.kafka: Server = Kafka(folder / "kafka", port=self.kafka_ports[0], controller=self.kafka_ports[1])
        self.bootstrap = f"127.0.0.1:{self.kafka_ports[0]}"
        self.redis = Valkey(folder / "valkey", keep=True, port=self.redis_port)
        self.database_folder = folder / "postgres"
        self.database = Postgres(self.database_folder, keep=False, port=self.database_port)
        self.redis_url = self.redis.url
        self.config = folder / "configs"
        shutil.copytree(SHIPPED, self.config)
        (folder / "secret").write_bytes(SECRET)
        self.database.wait()
        self.redis.wait()
        self.kafka.wait()

    def prepare(self) -> None:
        """Make the topics. Apart, because an experiment may have put other brokers in place."""
        create_missing(self.bootstrap, TOPICS)

    def environment(self) -> Mapping[str, str]:
        """The settings of the processes under test."""
        return {
            **os.environ,
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "MONITOR_KAFKA": self.bootstrap,
            "MONITOR_REDIS": self.redis_url,
            "MONITOR_DATABASE": self.database.url,
            "MONITOR_CONFIG": str(self.config),
            "MONITOR_SECRET_FILE": str(self.folder / "secret"),
            "MONITOR_LOG": "json",
        }

    def start_kafka(self) -> None:
        """Start the broker again."""
        broker = Kafka(self.folder / "kafka", port=self.kafka_ports[0], controller=self.kafka_ports[1])
        self.kafka = broker
        broker.wait()

    def start_redis(self) -> None:
        """Start Redis again, with what is on its disk."""
        self.redis = Valkey(self.folder / "valkey", keep=True, port=self.redis_port)
        self.redis.wait()

    def start_database(self) -> None:
        """Start PostgreSQL again."""
        self.database = Postgres(self.database_folder, keep=False, port=self.database_port)
        self.database.wait()

    def move_database(self, folder: Path) -> None:
        """Let a new PostgreSQL have its data elsewhere. Before anything runs."""
        self.database.stop()
        self.database_folder = folder
        self.start_database()

    @contextmanager
    def client(self) -> Iterator[Any]:
        """A client of Redis itself."""
        client = Redis(port=self.redis_port)
        try:
            yield client
        finally:
            client.close()

    def redis_megabytes(self) -> float:
        """What Redis holds."""
        with self.client() as client:
            return float(client.info("memory")["used_memory"]) / 1e6

    def close(self) -> None:
        """Stop everything."""
        for part in (self.kafka, self.redis, self.database):
            part.stop()
        self.open_things.close()


@contextmanager
def stage() -> Iterator[Stage]:
    """A stage in a folder that goes with it. Not below a private folder: PostgreSQL's user must get there."""
    with ExitStack() as open_things:
        folder = Path(open_things.enter_context(tempfile.TemporaryDirectory(prefix="monitor-faults-")))
        built = Stage(folder)
        open_things.callback(built.close)
        yield built


def kill(server: Server) -> None:
    """End a part with SIGKILL."""
    server.process.kill()
    server.process.wait()
