"""A worker that takes long to start, on a busy machine or waiting for a part, is no worker that hangs."""

import asyncio
import socket
from pathlib import Path
from typing import Any

import pytest

from monitor.settings import Settings
from monitor.worker import health as healths
from monitor.worker import service
from monitor.worker.health import Health
from streams.errors import UnusableError


def test_it_lives_while_it_starts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen: list[list[str]] = []

    async def slow(_settings: Settings, health: Health, _metrics: Any) -> Any:
        await asyncio.sleep(1.6)
        seen.append(health.faults_of_life())
        raise UnusableError("that will do")

    monkeypatch.setattr(service, "start_watchdog", lambda _health: None)
    monkeypatch.setattr(service, "_equip", slow)
    monkeypatch.setattr(healths, "_LOOP_SECONDS", 1.0)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = Settings(metrics_port=port, secret_file=tmp_path / "secret")
    with pytest.raises(UnusableError):
        asyncio.run(service.serve(settings))
    assert seen == [[]]
