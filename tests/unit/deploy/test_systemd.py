"""systemd's own check finds nothing to say of the units, and they start what exists."""

import subprocess
from pathlib import Path

import pytest

from monitor.cli import build
from tests.debian import systemd_analyze

UNITS = Path(__file__).resolve().parents[3] / "deploy" / "systemd"
_COMMAND = "/opt/safety-net-monitor/.venv/bin/monitor"


@pytest.mark.parametrize("name", sorted(path.name for path in UNITS.iterdir()))
def test_systemd_accepts_the_unit(tmp_path: Path, name: str) -> None:
    for path in UNITS.iterdir():
        # The service is not installed here; any program stands in for it.
        (tmp_path / path.name).write_text(path.read_text().replace(_COMMAND, "/bin/true"))
    program = systemd_analyze()
    unit = tmp_path / name.replace("@.", "@1.")
    done = subprocess.run(
        [program.path, "verify", "--recursive-errors=no", unit],
        env={**program.environment, "SYSTEMD_UNIT_PATH": f"{tmp_path}:"},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_a_fault_would_be_found(tmp_path: Path) -> None:
    unit = tmp_path / "monitor-console.service"
    unit.write_text((UNITS / unit.name).read_text().replace("Restart=always", "Restart=sometimes"))
    program = systemd_analyze()
    done = subprocess.run([program.path, "verify", unit], env=program.environment, capture_output=True, text=True)
    assert "sometimes" in done.stderr


def test_units_start_commands_that_exist() -> None:
    commands = {command.name or getattr(command.callback, "__name__", "") for command in build().registered_commands}
    started = [
        line.partition(_COMMAND)[2].split()[0]
        for path in UNITS.glob("*.service")
        for line in path.read_text().splitlines()
        if line.startswith("ExecStart=")
    ]
    assert sorted(started) == ["backup", "console", "worker"]
    assert set(started) <= commands
