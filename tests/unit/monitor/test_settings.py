"""Settings come from the environment, else from files of credentials, and are refused without being shown."""

from pathlib import Path

import pytest

from monitor.settings import load
from streams.errors import UnusableError


def test_a_setting_with_a_password_can_come_as_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "monitor_database").write_text("postgresql+psycopg://monitor:word@postgres/monitor\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    monkeypatch.delenv("MONITOR_DATABASE", raising=False)
    assert load().database == "postgresql+psycopg://monitor:word@postgres/monitor"


def test_the_environment_goes_before_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "monitor_redis").write_text("redis://file:6379/0")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    monkeypatch.setenv("MONITOR_REDIS", "redis://environment:6379/0")
    assert load().redis == "redis://environment:6379/0"


def test_every_wrong_setting_is_named_and_none_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONITOR_REDIS", "http://:hidden@redis")
    monkeypatch.setenv("MONITOR_METRICS_PORT", "0")
    with pytest.raises(UnusableError) as raised:
        load()
    assert "MONITOR_REDIS" in str(raised.value)
    assert "MONITOR_METRICS_PORT" in str(raised.value)
    assert "hidden" not in str(raised.value)
