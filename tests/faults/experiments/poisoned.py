"""Poison in every feed, in the topics behind them, and in files."""

import resource
import subprocess
import sys
import time
from pathlib import Path

from streams.feeds import FEEDS
from streams.topics import ALERTS, HOUSEHOLD_CHANGES, ROSTER, changes_topic
from tests.faults.experiments.experiment import Experiment
from tests.faults.poison import poisons, roster_poisons, zip_bomb
from tests.faults.run import Run

_BOMB_MEGABYTES = 1500
_MOST_BYTES = 2 << 30
"""Of address space; half of it is Python's threads and libraries."""


def topics(run: Run) -> None:
    """Each poison of each feed, and broken messages where only the service itself writes."""
    run.letters = None
    run.begin(60)
    least = 0
    with run.blow():
        for feed in sorted(FEEDS):
            for number, poison in enumerate(poisons(feed)):
                run.publish_raw(changes_topic(feed), poison.value, number % 4)
                least += poison.letters or 0
            time.sleep(1.0)
        for number, poison in enumerate(roster_poisons()):
            run.publish_raw(ROSTER, poison.value, number % 4, f"poison-{number}")
            least += poison.letters or 0
        for topic in (HOUSEHOLD_CHANGES, ALERTS):
            for value in (b"{", b"\xff\xfe", b"null", b'{"kind": "change"}', b'{"x": ' + b"[" * 50_000):
                run.publish_raw(topic, value, 0)
                least += 1
    run.least_letters = least


def files(run: Run) -> None:
    """A workbook of 1.5 MB that unpacks to 1.5 GB: refused with one line, soon, in little memory."""
    run.begin(90)
    bomb = run.stage.folder / "vehicles.xlsx"
    bomb.write_bytes(zip_bomb(_BOMB_MEGABYTES))
    run.notes.append(f"a workbook of {bomb.stat().st_size / 1e6:.1f} MB")
    with run.blow():
        for words in (["ingest", str(bomb)], ["roster", "load", str(bomb)]):
            _refused(run, words)


def _refused(run: Run, words: list[str]) -> None:
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "monitor", *words],
        env=run.stage.environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (_MOST_BYTES, _MOST_BYTES)),
    )
    lines = done.stderr.strip().splitlines()
    assert done.returncode == 2, f"{' '.join(words[:-1])} ended with {done.returncode}: {lines[-1:]}"
    assert len(lines) == 1, f"{' '.join(words[:-1])} said {len(lines)} lines"
    run.notes.append(f"{words[0]}: refused in {time.monotonic() - began:.1f} s with {Path(lines[0]).name[:90]!r}")


EXPERIMENTS = {
    "poison": Experiment("28 kinds of poison in each of 15 feeds, and in the service's own topics", topics),
    "zip-bomb": Experiment("a workbook that unpacks to 1.5 GB", files),
}
