"""Run a command beside the parts: signals reach it, its status comes back, nothing that it started stays behind."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from monitor.parts.embedded import running
from monitor.parts.server import dies_with_parent
from monitor.settings import load
from streams.errors import UnusableError
from streams.secrets import make_secret_file

_PR_SET_CHILD_SUBREAPER = 36
_PATIENCE = 12.0
"""Seconds that a command gets to end; the worker promises 10."""
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(SystemExit):
    """A signal asked us to end; the status is the shell's for it."""

    def __init__(self, number: int) -> None:
        super().__init__(128 + number)


@contextmanager
def interruptible() -> Iterator[None]:
    """Signals that ask to end become an exception inside, and wait while what was started is put away."""

    def interrupt(number: int, _frame: FrameType | None) -> None:
        for one in _ENDING:
            signal.signal(one, signal.SIG_IGN)
        raise Interrupted(number)

    before = {one: signal.signal(one, interrupt) for one in _ENDING}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def run_beside(command: Sequence[str], data: Path | None, *, postgres: bool) -> int:
    """Run a command beside embedded parts and return its status. Raises UnusableError if something cannot start."""
    make_secret_file(load().secret_file)
    with running(data, postgres=postgres) as parts:
        _adopt_orphans()
        servers = _children()
        try:
            return _run(command, parts.environment())
        finally:
            _end_leftovers(servers)


def _run(command: Sequence[str], environment: Mapping[str, str]) -> int:
    try:
        process = subprocess.Popen(
            command, env={**os.environ, **environment}, preexec_fn=dies_with_parent(signal.SIGTERM)
        )
    except OSError as error:
        raise UnusableError(f"command {command[0]}: {error.strerror}") from error
    try:
        return _status(process.wait())
    except Interrupted as asked:
        number = asked.code - 128 if isinstance(asked.code, int) else signal.SIGTERM
        if not (number == signal.SIGINT and _terminal_told_it_too()):
            process.send_signal(number)
        return _status(_wait_or_kill(process))


def _status(returned: int) -> int:
    return returned if returned >= 0 else 128 - returned


def _terminal_told_it_too() -> bool:
    """Ctrl-C reaches everybody in the terminal's foreground group: the command has it already."""
    try:
        return os.tcgetpgrp(0) == os.getpgrp()
    except OSError:
        return False


def _wait_or_kill(process: "subprocess.Popen[bytes]") -> int:
    with suppress(subprocess.TimeoutExpired):
        return process.wait(_PATIENCE)
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        return process.wait(2.0)
    process.kill()
    return process.wait()


def _adopt_orphans() -> None:
    """Let what a command leaves behind become our children, so that it can be found."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _end_leftovers(kept: set[int]) -> None:
    """End all our children but the `kept` ones, first asking, then hard."""
    for number, patience in ((signal.SIGTERM, _PATIENCE), (signal.SIGKILL, 2.0)):
        end = time.monotonic() + patience
        asked: set[int] = set()
        while left := _children() - kept:
            for child in left - asked:
                with suppress(ProcessLookupError):
                    os.kill(child, number)
            asked |= left
            if time.monotonic() > end:
                break
            for child in left:
                with suppress(ChildProcessError):
                    os.waitpid(child, os.WNOHANG)
            time.sleep(0.05)


def _children() -> set[int]:
    tasks = Path(f"/proc/{os.getpid()}/task")
    found: set[int] = set()
    if tasks.is_dir():
        for task in tasks.iterdir():
            with suppress(OSError):
                found.update(int(child) for child in (task / "children").read_text().split())
    return found
