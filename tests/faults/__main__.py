"""``python -m tests.faults [--list] [--jobs N] [NAME …]``: run experiments, a process each; print a table.

Ends with 1 if one of them fell short, with 2 for an unknown name.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from monitor.parts.server import dies_with_parent
from tests.faults.disks import NotRootError
from tests.faults.experiments import EXPERIMENTS
from tests.faults.run import Report, experiment, undisturbed

_MOST_SECONDS = 900.0


def main() -> int:
    """Read the command line, run, print."""
    words = argparse.ArgumentParser(prog="python -m tests.faults", description=(__doc__ or "").splitlines()[0])
    words.add_argument("names", nargs="*", metavar="NAME")
    words.add_argument("--list", action="store_true", help="name the experiments")
    words.add_argument("--jobs", type=int, default=2, help="how many at a time (most of each is waiting)")
    words.add_argument("--kept", type=Path, help="where to keep what was left, and the logs of what fell short")
    words.add_argument("--report", type=Path, help=argparse.SUPPRESS)
    given = words.parse_args()
    if given.list:
        print("\n".join(f"{name:22} {one.says}" for name, one in EXPERIMENTS.items()))
        return 0
    if unknown := [name for name in given.names if name not in EXPERIMENTS]:
        print(f"tests.faults: no experiment {unknown[0]}; --list names them", file=sys.stderr)
        return 2
    kept = given.kept or Path(tempfile.mkdtemp(prefix="faults-"))
    kept.mkdir(parents=True, exist_ok=True)
    if given.report:
        given.report.write_bytes(msgspec.json.encode(_one(given.names[0], kept)))
        return 0
    return _all(given.names or list(EXPERIMENTS), kept, given.jobs)


def _one(name: str, kept: Path) -> Report:
    """Run an experiment here; what goes wrong with it is its report."""
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(143))
    chosen = EXPERIMENTS[name]
    try:
        report = experiment(name, chosen.strike, chosen.load, kept)
    except NotRootError:
        return Report(name, ["not run: it needs root to mount a small disk"])
    except Exception as error:
        traceback.print_exc()
        return Report(name, [f"{type(error).__name__}: {error}"[:300]])
    if chosen.must_be_caught:
        report.notes += [f"caught: {fault}" for fault in report.faults]
        report.faults = [] if report.faults else ["was not caught"]
    return report


def _all(names: list[str], kept: Path, jobs: int) -> int:
    began = time.monotonic()
    for load in {EXPERIMENTS[name].load for name in names}:
        undisturbed(load, kept)
        print(f"undisturbed run of {load.rows:,} changes done after {time.monotonic() - began:.0f} s", flush=True)

    def apart(name: str) -> Report:
        path = kept / f"{name}.json"
        path.unlink(missing_ok=True)
        command = [sys.executable, "-m", "tests.faults", name, "--kept", str(kept), "--report", str(path)]
        with (kept / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                command, stdout=log, stderr=log, start_new_session=True, preexec_fn=dies_with_parent(signal.SIGTERM)
            )
            try:
                process.wait(_MOST_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        if not path.exists():
            return Report(name, [f"ended without a report, status {process.returncode}; see {kept / name}.log"])
        report = msgspec.json.decode(path.read_bytes(), type=Report)
        print(f"{name}: {'; '.join(report.faults) or 'holds'} ({report.seconds:.0f} s)", flush=True)
        return report

    with ThreadPoolExecutor(jobs) as pool:
        reports = list(pool.map(apart, names))
    _table(reports)
    short = [report.name for report in reports if report.faults]
    print(f"\n{len(reports) - len(short)} of {len(reports)} hold; {time.monotonic() - began:.0f} s; kept in {kept}")
    return 1 if short else 0


def _table(reports: list[Report]) -> None:
    """Markdown; the same in docs/proof.md."""
    print("\n| experiment | | next change after | every partition after | workers, MB | Redis, MB | |")
    print("|---|---|---|---|---|---|---|")
    for one in reports:
        said = "; ".join(one.faults) or "holds"
        notes = "; ".join([EXPERIMENTS[one.name].says, *one.notes])
        if one.ends:
            notes += f"; workers ended by themselves: {one.ends}"
        print(
            f"| `{one.name}` | {notes} | {_seconds(one.next_change)} | {_seconds(one.everywhere)} "
            f"| {_change(one.workers, 0)} | {_change(one.redis, 1)} | {said} |"
        )


def _change(values: tuple[float | None, float | None], digits: int) -> str:
    return " → ".join("" if value is None else f"{value:.{digits}f}" for value in values).strip()


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.1f} s"


if __name__ == "__main__":
    sys.exit(main())
