"""A part that is away is told although nothing waits for it, and nobody says that it is back while another waits."""

import asyncio
import socket
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from alert_sinks.database import open_database
from monitor.metrics import Metrics
from monitor.settings import load
from monitor.worker.assembly import Equipment
from monitor.worker.health import Health
from monitor.worker.measuring import Measuring
from monitor.worker.service import _CountOrders


def away(metrics: Metrics, part: str) -> bool:
    return bool(metrics.registry.get_sample_value("monitor_part_away", {"part": part}))


class Worker:
    """What counts the orders of a worker that has nothing to do."""

    def __init__(self, folder: Path) -> None:
        self.database = open_database(f"sqlite:///{folder / 'orders.db'}")
        self.metrics = Metrics()
        self.health = Health(self.metrics.operating)
        self._count = _CountOrders(
            cast(Equipment, SimpleNamespace(database=self.database, metrics=self.metrics, health=self.health))
        )

    def count(self) -> bool:
        """Whether the database is said to be away after a count."""
        asyncio.run(self._count())
        return away(self.metrics, "database")

    def rename(self, table: str, to: str) -> None:
        """Take from the database what is asked of it, or give it back."""
        with self.database.engine.begin() as connection:
            connection.execute(sa.text(f"ALTER TABLE {table} RENAME TO {to}"))


def test_a_database_that_is_away_is_told_by_an_idle_worker(tmp_path: Path) -> None:
    worker = Worker(tmp_path)
    assert not worker.count()
    worker.rename("work_orders", "elsewhere")
    assert worker.count()
    assert worker.health.obstacles() == ["database: OperationalError"]
    worker.rename("elsewhere", "work_orders")
    assert not worker.count()
    worker.database.close()


def test_what_can_be_read_is_not_said_to_be_back_while_a_writer_waits(tmp_path: Path) -> None:
    worker = Worker(tmp_path)
    worker.health.away("database", OperationalError("UPDATE", {}, Exception("read only")))
    assert worker.count()
    worker.database.close()


def test_a_broker_that_is_away_is_told_by_an_idle_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        for name, value in {"KAFKA": address, "REDIS": f"redis://{address}"}.items():
            monkeypatch.setenv(f"MONITOR_{name}", value)
        metrics = Metrics()
        health = Health(metrics.operating)
        asyncio.run(Measuring(load(), metrics.operating, health)())
    assert away(metrics, "kafka")
    assert health.obstacles() == ["kafka: no broker answers: _TRANSPORT"]
