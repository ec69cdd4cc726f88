"""What a year of a county costs, stage by stage: processor of the worker and of each part, bytes in Redis, on disk.

``monitor parts --postgres --data DIR -- .venv/bin/python -m tests.bench.bench_capacity DIR COUNTY`` takes a folder that
``monitor simulate`` made. One stage runs at a time, in a worker that has this stage alone, so that its processor time
is its own; the time from its start until it is ready is left out.
"""

import asyncio
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.request import urlopen

import sqlalchemy as sa
from redis import Redis

from monitor.settings import load
from monitor.worker.assembly import Equipment, Work
from streams.topics import ALERTS, FEED_OF, HOUSEHOLD_CHANGES, ROSTER, partition_counts

_PORT = 9740
_STAGES: Mapping[str, tuple[str, ...]] = {
    "enrol": (ROSTER,),
    "screen": tuple(FEED_OF),
    "assess": (HOUSEHOLD_CHANGES,),
    "dispatch": (ALERTS,),
}
_PROCESSES = ("worker", "java", "valkey", "postgres")
_TICKS = os.sysconf("SC_CLK_TCK")


class Cost(NamedTuple):
    """What a stage took: records, and processor seconds by process."""

    stage: str
    records: int
    seconds: Mapping[str, float]


def run_stage(stage: str) -> None:
    """A worker that has one stage only; ends with SIGTERM."""
    from monitor.worker import service

    every = service.all_work

    def one_stage(equipment: Equipment) -> Work:
        work = every(equipment)
        return work._replace(groups=[group for group in work.groups if group.name == stage])

    service.all_work = one_stage
    asyncio.run(service.serve(load()))


def measured(stage: str, topics: tuple[str, ...], records: int) -> Cost:
    """Run a stage until nothing waits for it."""
    environment = {**os.environ, "MONITOR_METRICS_PORT": str(_PORT), "MONITOR_LOG": "json"}
    counts = partition_counts(os.environ["MONITOR_KAFKA"])
    wanted = sum(counts[topic] for topic in topics)
    with Path(f"{sys.argv[1]}/{stage}.log").open("wb") as log:
        words = [sys.executable, "-m", __spec__.name, "--stage", stage]
        worker = subprocess.Popen(words, env=environment, stdout=log, stderr=log)
    before: dict[str, float] | None = None
    quiet = 0
    while quiet < 3:
        time.sleep(0.5)
        if worker.poll() is not None:
            raise SystemExit(f"the worker ended by itself: see {sys.argv[1]}/{stage}.log")
        text = _metrics()
        if before is None:
            if "process_cpu_seconds_total" in text:
                before = _processor(worker.pid)
            continue
        lags = [float(lag) for lag in re.findall(r"^monitor_consumer_lag\{.*\} (.*)$", text, re.MULTILINE)]
        quiet = quiet + 1 if len(lags) == wanted and not any(lags) else 0
    after = _processor(worker.pid)
    worker.terminate()
    worker.wait()
    assert before is not None
    return Cost(stage, records, {name: after[name] - before.get(name, 0.0) for name in after})


def _metrics() -> str:
    try:
        with urlopen(f"http://127.0.0.1:{_PORT}/metrics", timeout=30) as answer:
            return str(answer.read().decode())
    except OSError:
        return ""


def _processor(worker: int) -> dict[str, float]:
    """Processor seconds so far of the worker and of the parts, which are our parent's children, with theirs."""
    found = {"worker": _ticks(worker) / _TICKS}
    for process in _below(os.getppid()):
        name = Path(f"/proc/{process}/comm").read_text().strip()
        part = next((one for one in _PROCESSES if one in name), "")
        if part:
            found[part] = found.get(part, 0.0) + _ticks(process) / _TICKS
    return found


def _below(process: int) -> Iterator[int]:
    for task in Path(f"/proc/{process}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield int(child)
            yield from _below(int(child))


def _ticks(process: int) -> int:
    # Ended children are counted with their parent: PostgreSQL has a process for each connection.
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return sum(int(field) for field in fields[11:15])


def _bytes(topics: tuple[str, ...]) -> int:
    """What topics take on the broker's disk."""
    folders = [path for path in Path(sys.argv[1]).glob("kafka/log/*") if path.name.rpartition("-")[0] in topics]
    # An index file is as large as it may become, and empty.
    return sum(file.stat().st_size for folder in folders for file in folder.glob("*.log"))


def _size(database: sa.Engine) -> int:
    with database.connect() as connection:
        return int(connection.scalar(sa.text("SELECT pg_database_size(current_database())")) or 0)


def _monitor(*words: str) -> str:
    return subprocess.run([sys.executable, "-m", "monitor", *words], capture_output=True, text=True).stdout


def main() -> None:
    """Load, run the stages, print."""
    if sys.argv[1] == "--stage":
        run_stage(sys.argv[2])
        return
    county = Path(sys.argv[2])
    redis = Redis.from_url(os.environ["MONITOR_REDIS"])
    _monitor("topics")
    households = (county / "households.jsonl").read_bytes().count(b"\n")
    changes = sum(path.read_bytes().count(b"\n") - 1 for path in (county / "events").glob("*.csv"))
    _monitor("roster", "load", str(county / "households.jsonl"))
    costs = [measured("enrol", _STAGES["enrol"], households)]
    empty = redis.info("memory")["used_memory"]
    _monitor("ingest", str(county / "events"))
    database = sa.create_engine(os.environ["MONITOR_DATABASE"])
    bare = _size(database)
    for stage in ("screen", "assess", "dispatch"):
        costs.append(measured(stage, _STAGES[stage], changes))
        print(f"after {stage}: Redis holds {redis.info('memory')['used_memory'] / households:.0f} bytes a household")
    print(f"after enrol it held {empty / households:.0f}")
    with database.connect() as connection:
        revisions = int(connection.scalar(sa.text("SELECT count(*) FROM alert_revisions")) or 0)
    print(json.dumps({"households": households, "changes": changes, "revisions": revisions}))
    print("CPU seconds".ljust(34) + "".join(f"{name:>10}" for name in _PROCESSES))
    for cost in costs:
        million, what = 1_000_000 / cost.records, "households" if cost.stage == "enrol" else "changes"
        shown = "".join(f"{cost.seconds.get(name, 0) * million:>10.1f}" for name in _PROCESSES)
        print(f"{cost.stage}, per 1,000,000 {what}".ljust(34) + shown)
    for name, topics, count in (
        ("changes.*", tuple(FEED_OF), changes),
        (HOUSEHOLD_CHANGES, (HOUSEHOLD_CHANGES,), changes),
        (ALERTS, (ALERTS,), revisions),
    ):
        print(f"{name}: {_bytes(topics) / count:.0f} bytes of the broker's disk each, of {count}")
    print(f"database: {(_size(database) - bare) / revisions:.0f} bytes a revision with its order, indexes included")


if __name__ == "__main__":
    main()
