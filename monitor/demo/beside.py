"""Another command of `monitor` in a process of its own, as long as the demo needs it."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from monitor.demo.gauge import ready
from streams.errors import UnusableError

_READY_SECONDS = 60.0
_LAST_WORDS = 20


@contextmanager
def beside(command: str, setting: str, port: int) -> Iterator["subprocess.Popen[bytes]"]:
    """`monitor worker` or `monitor console`, ready at its port, which `setting` tells it; ended afterwards.

    Raises UnusableError where it does not become ready. Its last words are printed then, and where the body fails.
    """
    with tempfile.NamedTemporaryFile(prefix=f"monitor-{command}-", suffix=".log") as log:
        environment = {**os.environ, setting: str(port)}
        process = subprocess.Popen(
            [sys.executable, "-m", "monitor", command], env=environment, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            end = time.monotonic() + _READY_SECONDS
            while not ready(port):
                if process.poll() is not None or time.monotonic() > end:
                    raise UnusableError(f"{command}: did not become ready; its last words stand above")
                time.sleep(0.1)
            yield process
        except UnusableError:
            print(*Path(log.name).read_text(errors="replace").splitlines()[-_LAST_WORDS:], sep="\n", file=sys.stderr)
            raise
        finally:
            process.terminate()
            process.wait()
