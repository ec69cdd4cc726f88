"""`monitor parts`: starts, points, passes the status on, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.parts
_MONITOR = [sys.executable, "-m", "monitor"]


@pytest.fixture
def surroundings(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "MONITOR_SECRET_FILE": str(tmp_path / "secret"), "TMPDIR": str(tmp_path)}


def _mentions(folder: Path) -> list[int]:
    """Processes whose command line names the folder: the servers, whose data lies there."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                if str(folder).encode() in (process / "cmdline").read_bytes():
                    found.append(int(process.name))
            except OSError:
                continue
    return found


def _gone(folder: Path, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while _mentions(folder):
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


def test_the_command_finds_the_parts_and_its_status_comes_back(tmp_path: Path, surroundings: dict[str, str]) -> None:
    script = (
        "import os, sys, redis; from confluent_kafka.admin import AdminClient;"
        "assert AdminClient({'bootstrap.servers': os.environ['MONITOR_KAFKA']}).list_topics(timeout=5).brokers;"
        "assert redis.Redis.from_url(os.environ['MONITOR_REDIS']).config_get('maxmemory-policy')"
        " == {'maxmemory-policy': 'noeviction'};"
        "assert os.environ['MONITOR_DATABASE'].startswith('sqlite:///');"
        "assert os.stat(os.environ['MONITOR_SECRET_FILE']).st_mode & 0o777 == 0o600;"
        "sys.exit(7)"
    )
    done = subprocess.run(
        [*_MONITOR, "parts", "--", sys.executable, "-c", script], env=surroundings, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (7, "")
    assert _gone(tmp_path, 0)
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


@pytest.fixture
def started(tmp_path: Path, surroundings: dict[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    mark = tmp_path / "mark"
    command = f"sleep 300 & touch {mark}; wait"
    process = subprocess.Popen(
        [*_MONITOR, "parts", "--data", str(tmp_path / "data"), "--", "sh", "-c", command],
        env=surroundings,
        start_new_session=True,
    )
    end = time.monotonic() + 60
    while not mark.exists():
        assert time.monotonic() < end
        assert process.poll() is None
        time.sleep(0.1)
    yield process
    process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_all_of_it(tmp_path: Path, started: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    started.send_signal(number)
    assert started.wait(40) == 128 + number
    assert _gone(tmp_path / "data", 0)


def test_when_it_is_killed_its_servers_go_and_the_folder_can_be_used_again(
    tmp_path: Path, started: "subprocess.Popen[bytes]", surroundings: dict[str, str]
) -> None:
    second = [*_MONITOR, "parts", "--data", str(tmp_path / "data"), "--", "true"]
    refused = subprocess.run(second, env=surroundings, capture_output=True, text=True)
    assert refused.returncode == 2
    assert "in use by another" in refused.stderr
    started.kill()
    assert _gone(tmp_path / "data", 15)
    assert subprocess.run(second, env=surroundings).returncode == 0


@pytest.mark.parametrize("after", [0.3, 1.0, 2.0, 3.0])
def test_a_signal_while_starting_leaves_nothing(tmp_path: Path, surroundings: dict[str, str], after: float) -> None:
    process = subprocess.Popen([*_MONITOR, "parts", "--", "sleep", "300"], env=surroundings, start_new_session=True)
    time.sleep(after)
    process.send_signal(signal.SIGINT)
    assert process.wait(40) in {130, -signal.SIGINT}
    assert _gone(tmp_path, 1)
    assert not list(tmp_path.glob("monitor-parts-*"))
