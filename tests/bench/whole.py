"""The whole way, change to order: rate at once through some workers, delay at a pace, what it costs; a flame graph.

The load at once is a simulated year: all 15 feeds, about 5 % of the changes about people on the roster. Either it is
`A_YEAR` of one county from its first day, when little is known of anybody, with every hour of every feed to be closed
within seconds; or the `LAST_WEEKS` of a year of four larger counties, whose households' states and models hold the
months before. At the pace it is vehicles of one morning, each match of which makes an alert.

``python -m tests.bench.whole [CHANGES] [--flame FILE]`` starts parts of its own.
"""

import asyncio
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from redis import Redis

from monitor.demo.gauge import Reading, read, ready
from monitor.demo.traffic import publish_at_once, publish_at_pace, traffic
from monitor.parts.embedded import running
from monitor.parts.server import dies_with_parent, free_port
from monitor.simulation import PROFILES, simulate
from streams.errors import UnusableError
from streams.feeds import FEEDS
from streams.publishing import Outgoing, Publisher
from streams.topics import ROSTER, changes_topic
from tests.bench.competitors.environments import FOLDER, PROFILER
from tests.bench.screening.data import MEMBERS, TOPIC, changes, publish_changes, publish_roster
from tests.integration.live import SECRET

SHARE = 0.05
PACE = 5000.0
_CHANGES_A_HOUSEHOLD, _SEED = 320, 77
"""In a year, strangers' included; and the counties' seed."""
_TICKS = os.sysconf("SC_CLK_TCK")
_READY_SECONDS, _DONE_SECONDS = 120.0, 900.0
_LOOK_SECONDS = 0.5
"""Between two readings: a worker takes 6 ms of processor for each."""


class Kind(NamedTuple):
    """Which changes a load is made of: the last part of a year of so many counties. `parts` is in how many it falls."""

    counties: int
    parts: int


A_YEAR, LAST_WEEKS = Kind(1, 1), Kind(4, 8)


class Load(NamedTuple):
    """Changes in the order in which they were reported, and how many households the roster has.

    Of the `past` only what concerns the roster.
    """

    past: list[Outgoing]
    changes: list[Outgoing]
    households: int


class Whole(NamedTuple):
    """Changes a second at once, CPU µs of the workers a change, and the MB of one."""

    rate: float
    cost: float
    megabytes: float


class Delay(NamedTuple):
    """Seconds from publishing a change to its order, of how many."""

    p50: float | None
    p99: float | None
    orders: int


class Worker:
    """A worker process and its clocks."""

    def __init__(self, folder: Path, more: dict[str, str] | None = None) -> None:
        self.port = free_port()
        settings = {"MONITOR_SECRET_FILE": _secret(folder), "MONITOR_METRICS_PORT": str(self.port), **(more or {})}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "monitor", "worker"],
            env={**os.environ, **settings},
            stderr=(folder / f"worker-{self.port}.log").open("wb"),
            preexec_fn=dies_with_parent(signal.SIGKILL),
        )

    @property
    def processor(self) -> float:
        """Seconds of processor so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    @property
    def megabytes(self) -> float:
        """Resident memory."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def reading(self) -> Reading | None:
        """Its metrics; nothing while it does not answer."""
        with suppress(UnusableError):
            return read(self.port)
        return None

    def wait(self) -> None:
        """Until it is ready."""
        end = time.monotonic() + _READY_SECONDS
        while not ready(self.port):
            assert time.monotonic() < end, "the worker is not ready"
            time.sleep(0.1)

    def end(self) -> None:
        """SIGTERM."""
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(15)
        self.process.kill()
        self.process.wait()


@contextmanager
def worker(folder: Path, more: dict[str, str] | None = None) -> Iterator[Worker]:
    """A worker that ends with the block."""
    started = Worker(folder, more)
    try:
        yield started
    finally:
        started.end()


def enrolled(households: int) -> None:
    """Wait until the roster is applied."""
    with Redis.from_url(os.environ["MONITOR_REDIS"]) as redis:
        end = time.monotonic() + _READY_SECONDS
        while sum(int(offset) for offset in redis.hvals(f"applied:{ROSTER}")) < households:
            assert time.monotonic() < end, "the roster is not applied"
            time.sleep(0.1)


def drained(crew: Sequence[Worker], total: int) -> list[Reading]:
    """Wait until so many changes went the whole way; two rounds of readings in a row say so."""
    end, quiet = time.monotonic() + _DONE_SECONDS, 0
    while True:
        readings = [reading for one in crew if (reading := one.reading()) is not None]
        done = len(readings) == len(crew) and sum(reading.done for reading in readings) >= total
        quiet = quiet + 1 if done and not any(reading.lag for reading in readings) else 0
        if quiet == 2:
            return readings
        assert time.monotonic() < end, f"not done in {_DONE_SECONDS:.0f} s"
        time.sleep(_LOOK_SECONDS)


def load(folder: Path, count: int, kind: Kind) -> Load:
    """So many changes of counties whose roster is published, and what came before them."""
    households = kind.parts * count // _CHANGES_A_HOUSEHOLD
    simulate(PROFILES["county"], households, 365, _SEED, folder / "county", counties=kind.counties)
    settings = {**os.environ, "MONITOR_SECRET_FILE": _secret(folder)}
    roster = folder / "county" / "households.jsonl"
    for words in (["topics"], ["roster", "load", str(roster)]):
        subprocess.run([sys.executable, "-m", "monitor", *words], check=True, env=settings, stdout=subprocess.DEVNULL)
    members = set(re.findall(r"\d{17}[\dX]", roster.read_text()))
    everything = traffic(folder / "county" / "events", count)
    past = [change for change in everything.past if change.spread in members]
    return Load(past, everything.live, households)


def _secret(folder: Path) -> str:
    file = folder / "secret"
    file.write_bytes(SECRET)
    return str(file)


def measure(count: int, folder: Path, kind: Kind = A_YEAR, workers: int = 1, flame: Path | None = None) -> Whole:
    """A load at once. Needs running parts."""
    work = load(folder, count, kind)
    publisher = Publisher.to(os.environ["MONITOR_KAFKA"], [changes_topic(feed) for feed in FEEDS])
    with worker(folder) as one:
        one.wait()
        enrolled(work.households)
        asyncio.run(publish_at_once(publisher, work.past, lambda _out: None))
        drained([one], len(work.past))
    asyncio.run(publish_at_once(publisher, work.changes, lambda _out: None))
    with ExitStack() as open_things:
        crew = [open_things.enter_context(worker(folder)) for _ in range(workers)]
        before = _begun(crew)
        began, processor = time.monotonic(), _processor(crew)
        profiling = _record(crew[0].process.pid, flame) if flame else None
        drained(crew, len(work.changes))
        seconds = time.monotonic() - began - _LOOK_SECONDS  # between the two readings that saw the end
        handled = len(work.changes) - before
        cost = (_processor(crew) - processor) / handled * 1e6
        if profiling and flame:
            profiling.wait(60)
            # The picture goes into the docs, and this machine's folders do not.
            flame.write_text(flame.read_text().replace(f"{Path.cwd()}/", "").replace(f"{sys.prefix}/", ""))
        return Whole(handled / seconds, cost, crew[0].megabytes)


def _processor(crew: Sequence[Worker]) -> float:
    return sum(one.processor for one in crew)


def delay(folder: Path, pace: float) -> Delay:
    """Ten seconds at a pace, after three to warm up. Needs running parts."""
    kafka = os.environ["MONITOR_KAFKA"]
    publish_roster(kafka)
    with worker(folder) as one:
        one.wait()
        enrolled(MEMBERS // 2)
        publisher = Publisher.to(kafka, [TOPIC])
        done, before = 0, drained([one], 0)[0]
        for seconds in (3, 10):
            values = changes(int(pace * seconds), SHARE, done)
            paced = [Outgoing(TOPIC, "", value, str(number)) for number, value in enumerate(values)]
            (before,) = drained([one], done)
            asyncio.run(publish_at_pace(publisher, paced, pace, lambda _out: None))
            done += len(paced)
        after = drained([one], done)[0].change_to_order.since(before.change_to_order)
        return Delay(after.quantile(0.5), after.quantile(0.99), int(after.counts[float("inf")]))


def _begun(crew: Sequence[Worker]) -> int:
    """Wait until the first changes are handled; how many."""
    end = time.monotonic() + _READY_SECONDS
    while True:
        handled = sum(reading.done for one in crew if (reading := one.reading()) is not None)
        if handled:
            return int(handled)
        assert time.monotonic() < end, "the workers do not begin"
        time.sleep(0.05)


def rate_of(workers: int, count: int, folder: Path) -> float:
    """Changes a second of several workers over all that was published before, the whole way."""
    kafka = os.environ["MONITOR_KAFKA"]
    publish_roster(kafka)
    at_once = list(changes(count, SHARE))
    with ExitStack() as open_things:
        crew = [open_things.enter_context(worker(folder)) for _ in range(workers)]
        for one in crew:
            one.wait()
        enrolled(MEMBERS // 2)
        began = time.monotonic()
        publish_changes(kafka, at_once)
        drained(crew, count)
        return count / (time.monotonic() - began - _LOOK_SECONDS)


def _record(pid: int, flame: Path) -> "subprocess.Popen[bytes] | None":
    """Let py-spy look at the worker for some seconds; nothing where it was not installed."""
    program = FOLDER / PROFILER / "bin" / "py-spy"
    if not program.exists():
        return None
    words = ["record", "--pid", str(pid), "--output", str(flame), "--duration", "8", "--rate", "100", "--nonblocking"]
    return subprocess.Popen([program, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def main() -> None:
    """Measure and print."""
    words = [word for word in sys.argv[1:] if not word.startswith("--")]
    flame = Path(words.pop()) if "--flame" in sys.argv else None
    count = int(words[0]) if words else 300_000
    with fresh_parts() as folder:
        print(measure(count, folder, flame=flame), flush=True)
    for workers in (1, 2):
        with fresh_parts() as folder:
            print(f"last weeks, {workers}: {measure(count, folder, LAST_WEEKS, workers)}", flush=True)
    for pace in (2000.0, PACE):
        with fresh_parts() as folder:
            print(f"at {pace:,.0f} a second: {delay(folder, pace)}", flush=True)


@contextmanager
def fresh_parts() -> Iterator[Path]:
    """Parts, with their settings in our environment, and a folder."""
    with running(None, postgres=False) as parts, tempfile.TemporaryDirectory() as folder:
        os.environ.update(parts.environment())
        yield Path(folder)


if __name__ == "__main__":
    main()
