"""What grows with what: ``python -m tests.bench.growth [--small]``. Starts parts of its own for each size.

Workers (1, 2, 4 over 4 partitions a feed), households (×1, ×10, ×100), history (×1, ×10).
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from monitor.parts.embedded import running
from tests.bench import history
from tests.bench.whole import rate_of

_SECONDS = 3600.0


def workers(count: int) -> Iterator[str]:
    """Rows: workers, changes a second."""
    for number in (1, 2, 4):
        with running(None, postgres=False) as parts, tempfile.TemporaryDirectory() as folder:
            os.environ.update(parts.environment())
            yield f"| {number} | {rate_of(number, count, Path(folder)):,.0f} |"


def households(sizes: Sequence[int]) -> Iterator[str]:
    """Rows: households, seconds to publish and to enrol, Redis in all and for each."""
    for size in sizes:
        command = [sys.executable, "-m", "monitor", "parts", "--", sys.executable, "-m", "tests.bench.bench_roster"]
        done = subprocess.run([*command, str(size)], capture_output=True, text=True, check=False, timeout=_SECONDS)
        published = re.search(r"published in ([\d,]+) s", done.stdout)
        enrolled = re.search(r"assessed in ([\d,]+) s", done.stdout)
        redis = re.search(r"Redis ([\d,]+) MB, ([\d,]+) bytes", done.stdout)
        if not (published and enrolled and redis):
            yield f"| {size:,} | failed: {(done.stderr.strip().splitlines() or ['no word'])[-1][:100]} | | | |"
        else:
            yield f"| {size:,} | {published[1]} | {enrolled[1]} | {redis[1]} | {redis[2]} |"


def main() -> None:
    """Print three tables, each row as soon as it is known."""
    small = "--small" in sys.argv
    _head("workers", "changes a second, the whole way")
    for row in workers(20_000 if small else 200_000):
        print(row, flush=True)
    _head("households", "published, s", "enrolled and assessed, s", "Redis, MB", "bytes a household")
    for row in households((100, 1000) if small else (1000, 10_000, 100_000)):
        print(row, flush=True)
    _head("changes a household before", "CPU µs a match", "bytes of state a household", "alerts a change")
    for row in history.rows(20 if small else 100, (10, 100)):
        print(row, flush=True)


def _head(*columns: str) -> None:
    print(f"\n| {' | '.join(columns)} |\n|{'---|' * len(columns)}")


if __name__ == "__main__":
    main()
