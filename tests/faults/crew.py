"""The workers of an experiment, and the supervisor that starts another where one ends, as a service manager does."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from monitor.parts.server import dies_with_parent, free_port
from tests.integration.live import get

_REST_SECONDS = 0.3
Process = subprocess.Popen[bytes]


class Crew:
    """Places for workers. A place whose worker ends gets another, until the place is given up.

    `arm` gives the words of the command line for the next worker of a place: what it is to do to itself.
    """

    def __init__(self, folder: Path, environment: Callable[[], Mapping[str, str]]) -> None:
        self._folder = folder
        self._environment = environment
        self._lock = threading.Lock()
        self._places: dict[int, Process] = {}
        self._ports: dict[int, int] = {}
        self._started = 0
        self._expected: set[int] = set()
        self.arm: Callable[[int], Sequence[str]] = lambda _place: ()
        self.log_folder = folder
        self.ends: list[int] = []
        """The statuses of workers that ended without having been told to."""
        self.killed = 0
        """How many killed themselves at the moment for which they were armed."""
        self._closing = threading.Event()
        self._supervisor = threading.Thread(target=self._supervise, daemon=True)
        self._supervisor.start()

    def start(self, place: int) -> None:
        """A worker in a place."""
        with self._lock:
            self._start(place)

    def _start(self, place: int) -> None:
        port = self._ports[place] = free_port()
        words = list(self.arm(place))
        command = ["-m", "tests.faults.worker", *words] if words else ["-m", "monitor", "worker"]
        environment = {**self._environment(), "MONITOR_METRICS_PORT": str(port)}
        with (self.log_folder / f"worker-{self._started:03d}-{place}.log").open("wb") as log:
            self._places[place] = subprocess.Popen(
                [sys.executable, *command],
                env=environment,
                stderr=log,
                stdout=log,
                preexec_fn=dies_with_parent(signal.SIGKILL),
            )
        self._started += 1

    def _supervise(self) -> None:
        while not self._closing.is_set():
            with self._lock:
                ended = {place: one for place, one in self._places.items() if one.poll() is not None}
                for place, one in ended.items():
                    if one.pid not in self._expected:
                        if one.returncode == -signal.SIGKILL:
                            self.killed += 1
                        else:
                            self.ends.append(one.returncode)
                    self._start(place)
            time.sleep(_REST_SECONDS)

    def places(self) -> list[int]:
        """The places that are kept."""
        return sorted(self._places)

    def send(self, place: int, number: signal.Signals) -> Process:
        """Send a signal to the worker of a place; if it ends of it, that was asked for."""
        with self._lock:
            worker = self._places[place]
            if number in (signal.SIGTERM, signal.SIGKILL):
                self._expected.add(worker.pid)
            worker.send_signal(number)
        return worker

    def give_up(self, place: int) -> float:
        """End the worker of a place in good order, and start no other; gives the seconds that it took."""
        with self._lock:
            worker = self._places.pop(place)
        begin = time.monotonic()
        worker.terminate()
        if worker.wait(20) != 0:
            self.ends.append(worker.returncode)
        return time.monotonic() - begin

    def ready(self) -> bool:
        """Every place's worker is ready."""
        return all(get(f"http://127.0.0.1:{self._ports[place]}/readyz")[0] == 200 for place in self.places())

    def metrics(self, place: int) -> str:
        """What a worker says of itself."""
        return get(f"http://127.0.0.1:{self._ports[place]}/metrics")[1]

    def megabytes(self) -> float:
        """The resident memory of all workers."""
        resident = [_resident(worker.pid) for worker in list(self._places.values())]
        return sum(resident) / 1e3

    def logs(self) -> Iterator[Path]:
        """The workers' logs."""
        return self.log_folder.glob("worker-*.log")

    def close(self) -> None:
        """Kill what still runs."""
        self._closing.set()
        self._supervisor.join()
        for worker in self._places.values():
            worker.kill()
            worker.wait()


def _resident(pid: int) -> int:
    """Kilobytes; 0 for a process that is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")), 0)
