"""How quick is a replay, against merely reading and decoding the same CSV files to records?

Run: ``python -m tests.bench.bench_replay [HOUSEHOLDS] [FOLDER]``. About 6,300 households make the 2,000,000 records of
a year, 95 % of them about strangers. The folder keeps the county for the next time. Wall clock and processor time, the
processes of the run included; the goal is a ratio of at least 0.25 of the rates.
"""

import csv
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import msgspec

from monitor.simulation import PROFILES, simulate
from streams.feeds import FEEDS, fields_of

DAYS = 365
SEED = 4


class Cost(NamedTuple):
    """What something took, in seconds; and its greatest resident memory in MiB, of one process."""

    wall: float
    processor: float
    memory: float


def decode(events: Path) -> int:
    """Read every file and make a record of each row, with numbers as numbers; check nothing."""
    count = 0
    for feed in FEEDS:
        path = events / f"{feed}.csv"
        kinds = {field.name: float | str if field.kind in ("amount", "grade") else str for field in fields_of(feed)}
        record = msgspec.defstruct("Row", [(name, kind, "") for name, kind in kinds.items()])
        with path.open(encoding=_encoding(path), errors="replace", newline="") as file:
            for row in csv.DictReader(file):
                given = {name: value for name, value in row.items() if name in kinds and value}
                with suppress(msgspec.ValidationError):
                    msgspec.convert(given, record, strict=False)
                count += 1
    return count


def _encoding(path: Path) -> str:
    try:
        path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def replay(county: Path) -> None:
    """The command as an analyst runs it, report included."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [
                *(sys.executable, "-m", "monitor", "replay", "--roster", county / "households.jsonl"),
                *("--events", county / "events", "--labels", county / "labels.csv", "--out", Path(folder) / "out"),
            ],
            check=True,
        )


def cost(work: Callable[[], object], who: int) -> Cost:
    """What a piece of work costs; `who` is this process or its children."""
    before, start = resource.getrusage(who), time.perf_counter()
    work()
    wall, after = time.perf_counter() - start, resource.getrusage(who)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(wall, processor, after.ru_maxrss / 1024)


def main() -> None:
    """Measure, and print a table."""
    households = int(sys.argv[1]) if len(sys.argv) > 1 else 6300
    county = Path(sys.argv[2] if len(sys.argv) > 2 else tempfile.mkdtemp())
    if not (county / "households.jsonl").exists():
        simulate(PROFILES["county"], households, DAYS, SEED, county)
    counted: list[int] = []
    decoding = cost(lambda: counted.append(decode(county / "events")), resource.RUSAGE_SELF)
    replaying = cost(lambda: replay(county), resource.RUSAGE_CHILDREN)
    rows = counted[0]
    print(f"{rows:,} records")
    for name, found in (("decode alone", decoding), ("replay", replaying)):
        rate = f"{rows / found.wall:,.0f} records/s"
        print(f"{name:<14}{found.wall:8.1f} s {found.processor:8.1f} s of processor {rate:>20} {found.memory:6.0f} MiB")
    print(f"ratio of the rates: {decoding.wall / replaying.wall:.2f} (by processor time alone "
          f"{decoding.processor / replaying.processor:.2f}); goal 0.25")  # fmt: skip


if __name__ == "__main__":
    main()
