"""A server as a child process: started, waited for, stopped, and never left behind."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from streams.errors import UnusableError

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def dies_with_parent(sent: signal.Signals) -> Callable[[], None]:
    """What a child runs before its program: the kernel sends it the signal when its parent is gone, however it went."""
    parent = os.getpid()

    def prepare() -> None:
        if _libc is not None:
            _libc.prctl(_PR_SET_PDEATHSIG, int(sent), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return prepare


def free_port() -> int:
    """A port of the loopback address that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """One running server. `log` takes all that it prints."""

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        log: Path,
        *,
        stop_signal: signal.Signals = signal.SIGTERM,
        orphan_signal: signal.Signals = signal.SIGTERM,
        user: str | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Start it. `stop_signal` ends it in good order, `orphan_signal` is what it gets when we are killed."""
        self.name = name
        self.log = log
        self._stop_signal = stop_signal
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C on the terminal is for the command; the parts are stopped after it
                preexec_fn=dies_with_parent(orphan_signal),
                user=user,
                group=user,
                extra_groups=[] if user else None,
                env=None if environment is None else {**os.environ, **environment},
            )

    def wait_ready(self, ready: Callable[[], bool], seconds: float) -> None:
        """Wait until `ready` says so. Raises UnusableError with the server's last words when it does not."""
        end = time.monotonic() + seconds
        while not ready():
            if self.process.poll() is not None:
                raise UnusableError(f"{self.name} ended while starting: {self.last_words()}")
            if time.monotonic() > end:
                raise UnusableError(f"{self.name} is not ready after {seconds:.0f} s: {self.last_words()}")
            time.sleep(0.05)

    def last_words(self) -> str:
        """The last line of the log that says something."""
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        told = [line for line in lines if line.strip() and not line.lstrip().startswith("at ")]
        return told[-1].strip()[:300] if told else f"nothing in {self.log}"

    def stop(self, seconds: float = 10.0) -> None:
        """Stop it in good order, and hard where that takes too long."""
        if self.process.poll() is None:
            self.process.send_signal(self._stop_signal)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()


def listens(port: int) -> bool:
    """Somebody answers at a port of the loopback address."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0
