"""Real parts for the tests: started once, emptied for each test that asks."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from monitor.parts.kafka import Kafka
from monitor.parts.postgres import Postgres
from monitor.parts.valkey import Valkey
from tests.integration.clusters import ValkeyCluster


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
def _valkey_cluster(parts_folder: Path) -> Iterator[ValkeyCluster]:
    cluster = ValkeyCluster(parts_folder / "cluster", 3)
    try:
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture
def redis_cluster(_valkey_cluster: ValkeyCluster) -> ValkeyCluster:
    """A real cluster of three masters that holds nothing yet."""
    _valkey_cluster.flush()
    return _valkey_cluster


@pytest.fixture
def redis_cluster_url(redis_cluster: ValkeyCluster) -> str:
    """Its URL."""
    return redis_cluster.url


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
