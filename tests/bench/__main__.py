"""``make bench``: everything that is measured, in one run, as Markdown tables; the goals stand beside the figures.

``python -m tests.bench [--small] [--flame FILE] [SECTION …]``. Each section starts parts of its own, and one that fails
is named in the table instead of ending the run. `--small` tries the commands, its figures mean little.
"""

import argparse
import math
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from tests.bench import bench_replay, stages, whole
from tests.bench.screening import __main__ as screening


class Goal(NamedTuple):
    """A line of the last table."""

    what: str
    figure: str
    goal: str


class Bench:
    """The sections share what they found: the whole way is laid beside the bare loop's rate."""

    def __init__(self, small: bool, flame: Path | None) -> None:
        self.small = small
        self.flame = flame
        self.bare: float | None = None

    def screening(self) -> Iterator[Goal]:
        """Against bare confluent-kafka and the other frameworks."""
        with whole.fresh_parts():
            told = screening.measure(40_000 if self.small else 1_000_000, 1 if self.small else 3, others=True)
        print(told, flush=True)
        rates = {
            name: float(rate.replace(",", "")) for name, rate in re.findall(r"^\| (\w+) \| ([\d,]+) \|", told, re.M)
        }
        self.bare = rates["bare"]
        yield Goal("screening beside the bare loop", f"{rates['ours'] / self.bare:.2f}", "≥ 1.0")

    def whole(self) -> Iterator[Goal]:
        """Change to order."""
        with whole.fresh_parts() as folder:
            found = whole.measure(20_000 if self.small else 300_000, folder, flame=self.flame)
        yield Goal("the whole way, changes a second at 5 % matches", f"{found.rate:,.0f}", "")
        if self.bare:
            yield Goal("the whole way beside the bare loop", f"{found.rate / self.bare:.2f}", "≥ 0.35")
        yield Goal("the whole way, CPU of the worker a change", f"{found.cost:.0f} µs", "")
        yield Goal("the worker's memory after it", f"{found.megabytes:.0f} MB", "")
        with whole.fresh_parts() as folder:
            took = whole.delay(folder, whole.PACE)
        yield Goal("publish to order at 5,000 a second, p50", _seconds(took.p50), "")
        yield Goal("publish to order at 5,000 a second, p99", _seconds(took.p99), "< 1 s")

    def stages(self) -> Iterator[Goal]:
        """CPU of each stage."""
        found = stages.measure(20_000 if self.small else 200_000)
        print(stages.table(found), flush=True)
        assess = next(one for one in found if one.unit == "match")  # the county's
        yield Goal("assess, matches a second of one core", f"{1e6 / assess.cost:,.0f}", "≥ 15,000")

    def replay(self) -> Iterator[Goal]:
        """Against merely reading and decoding the same files."""
        with tempfile.TemporaryDirectory() as folder:
            county = Path(folder)
            households = 150 if self.small else 6300
            bench_replay.simulate(
                bench_replay.PROFILES["county"], households, bench_replay.DAYS, bench_replay.SEED, county
            )
            rows: list[int] = []
            decoding = bench_replay.cost(lambda: rows.append(bench_replay.decode(county / "events")), _SELF)
            replaying = bench_replay.cost(lambda: bench_replay.replay(county), _CHILDREN)
        yield Goal("replay, records a second", f"{rows[0] / replaying.wall:,.0f} of {rows[0]:,}", "")
        yield Goal("replay beside bare decoding", f"{decoding.wall / replaying.wall:.2f}", "≥ 0.25")

    def roster(self) -> Iterator[Goal]:
        """A large roster."""
        size = 2000 if self.small else 1_000_000
        command = ["-m", "monitor", "parts", "--", sys.executable, "-m", "tests.bench.bench_roster", str(size)]
        done = subprocess.run([sys.executable, *command], capture_output=True, text=True, check=True, timeout=3600)
        print("\n".join(f"- {line}" for line in done.stdout.splitlines() if line[:1].isalnum()), flush=True)
        took = [int(found.replace(",", "")) for found in re.findall(r" in ([\d,]+) s", done.stdout)]
        (megabytes, each) = re.findall(r"Redis ([\d,]+) MB, ([\d,]+) bytes", done.stdout)[0]
        yield Goal(f"{size:,} households, loaded and assessed", f"{sum(took)} s", "≤ 300 s for a million")
        yield Goal(f"{size:,} households in Redis", f"{megabytes} MB, {each} bytes each", "≤ 1 GB for a million")


_SELF, _CHILDREN = bench_replay.resource.RUSAGE_SELF, bench_replay.resource.RUSAGE_CHILDREN
SECTIONS = ("screening", "whole", "stages", "replay", "roster")


def _seconds(value: float | None) -> str:
    if value is None:
        return "unknown"
    return "over 60 s" if math.isinf(value) else f"{value:.2f} s"


def main() -> int:
    """Run the sections; print the table of goals; 1 if a section failed."""
    words = argparse.ArgumentParser(prog="python -m tests.bench")
    words.add_argument("sections", nargs="*", choices=[*SECTIONS, []], metavar="SECTION")
    words.add_argument("--small", action="store_true")
    words.add_argument("--flame", type=Path, help="where to draw the worker's flame graph (SVG)")
    given = words.parse_args()
    bench = Bench(given.small, given.flame)
    goals: list[Goal] = []
    failed = False
    for name in given.sections or SECTIONS:
        began = time.monotonic()
        section: Callable[[], Iterator[Goal]] = getattr(bench, name)
        print(f"\n### {name}\n", flush=True)
        try:
            for goal in section():
                goals.append(goal)
                print(f"- {goal.what}: {goal.figure}", flush=True)
        except Exception as error:
            failed = True
            goals.append(Goal(name, f"not measured: {type(error).__name__}: {error}"[:120].replace("|", "/"), ""))
            print(goals[-1].figure, flush=True)
        print(f"\n({time.monotonic() - began:.0f} s)", flush=True)
    print("\n| | figure | goal |\n|---|---|---|")
    for goal in goals:
        print(f"| {goal.what} | {goal.figure} | {goal.goal} |")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
