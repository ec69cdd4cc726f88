"""Work among processes: results, errors and the end."""

import os
import signal
import time
from pathlib import Path

import pytest

from monitor.forked import forked
from streams.errors import UnusableError


def nothing() -> None:
    """Nobody waits."""


def test_every_number_gets_its_result() -> None:
    assert dict(forked(lambda number: number * number, [3, 1, 2], nothing)) == {1: 1, 2: 4, 3: 9}


def test_an_error_is_raised_here() -> None:
    def work(number: int) -> int:
        raise UnusableError(f"file {number} is empty")

    with pytest.raises(UnusableError, match="file 7 is empty"):
        list(forked(work, [7], nothing))


def test_a_process_that_was_killed_is_told_of() -> None:
    with pytest.raises(MemoryError, match="ended from outside"):
        list(forked(lambda number: os.kill(os.getpid(), signal.SIGKILL), [1], nothing))


def test_stopping_ends_the_processes_at_once(tmp_path: Path) -> None:
    def work(number: int) -> None:
        (tmp_path / str(os.getpid())).touch()
        time.sleep(60)

    def stop() -> None:
        if any(tmp_path.iterdir()):
            raise KeyboardInterrupt

    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        list(forked(work, [1, 2], stop))
    assert time.monotonic() - start < 20
    for path in tmp_path.iterdir():
        with pytest.raises(ProcessLookupError):
            os.kill(int(path.name), 0)
