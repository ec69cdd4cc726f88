"""A new sealing key seals what comes; what was sealed before still opens, and who somebody is stays the same."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from monitor.cli import build
from streams.errors import UnusableError
from streams.secrets import Keys, make_secret_file, ring_path


def test_a_key_is_added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "secret"
    make_secret_file(path)
    before = Keys.from_file(path)
    sealed = before.seal("text", "context")
    monkeypatch.setenv("MONITOR_SECRET_FILE", str(path))
    assert CliRunner().invoke(build(), ["keys", "add"]).exit_code == 0
    after = Keys.from_file(path)
    assert ring_path(path).stat().st_mode & 0o777 == 0o600
    assert after.unseal(sealed, "context") == "text"
    assert not after.sealed_now(sealed)
    assert after.sealed_now(after.seal("text", "context"))
    assert after.pseudonym("420525195403123511") == before.pseudonym("420525195403123511")


def test_without_a_secret_file_there_is_nothing_to_add_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONITOR_SECRET_FILE", str(tmp_path / "none"))
    assert isinstance(CliRunner().invoke(build(), ["keys", "add"]).exception, UnusableError)
    assert list(tmp_path.iterdir()) == []
