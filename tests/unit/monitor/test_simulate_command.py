"""`monitor simulate` when somebody stops it."""

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from monitor import simulation
from monitor.cli import build


def test_ctrl_c_says_how_far_it_got(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*arguments: object, told: Any, **more: object) -> None:
        told("feeds", 0.4)
        raise KeyboardInterrupt

    monkeypatch.setattr(simulation, "simulate", stopped)
    given = ["simulate", "--households", "5", "--days", "5", "--seed", "1", "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(build(), given)
    assert done.exit_code == 130
    assert "monitor: stopped at feeds, 40% done; nothing was written" in done.stderr


def test_what_is_stopped_leaves_no_folder(tmp_path: Path) -> None:
    def stop(stage: str, done: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulation.simulate(households=1, days=2, out=tmp_path / "out", told=stop)
    assert list(tmp_path.iterdir()) == []
