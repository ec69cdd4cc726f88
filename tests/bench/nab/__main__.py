"""Scores the general detector on NAB: `python -m tests.bench.nab FOLDER` (make bench-nab NAB=FOLDER).

FOLDER is a checkout of github.com/numenta/NAB. Nothing is tuned to a file, and one threshold serves all of them.
"""

import sys
import time
from collections import defaultdict
from pathlib import Path

from detectors.univariate import Univariate
from tests.bench.nab.corpus import Recording, corpus
from tests.bench.nab.scoring import Point, points, score


def scored(recording: Recording, first_window: int) -> list[Point]:
    """A file's rows, each scored before it is learned."""
    detector = Univariate()
    scores = []
    for at, value in recording.rows:
        scores.append(detector.score_one(value, at.hour))
        detector.learn_one(value, at.hour)
    return points(scores, recording.windows, first_window)


def main(folder: Path) -> None:
    """The table: the whole, and what each part of the benchmark alone would give with its own threshold."""
    parts: defaultdict[str, list[Point]] = defaultdict(list)
    rows = windows = 0
    begun = time.process_time()
    for recording in corpus(folder):
        parts[recording.name.split("/")[0]] += scored(recording, windows)
        rows += len(recording.rows)
        windows += len(recording.windows)
    spent = time.process_time() - begun
    whole = score(point for part in parts.values() for point in part)
    print("| NAB, standard profile | score | windows found | false alarms | threshold |\n|---|---|---|---|---|")
    print(
        f"| **all {rows:,} rows** | **{whole.score:.1f}** | {whole.found} of {whole.windows} "
        f"| {whole.false_alarms} | {whole.threshold:.2f} |"
    )
    for name, part in parts.items():
        own = score(part)
        print(f"| {name}, own threshold | {own.score:.1f} | {own.found} of {own.windows} | {own.false_alarms} | |")
    print(f"\n{spent / rows * 1e6:.0f} µs of processor a row.")


if __name__ == "__main__":
    if len(sys.argv) != 2 or not (Path(sys.argv[1]) / "labels" / "combined_windows.json").is_file():
        sys.exit("bench-nab: NAB must name a checkout of github.com/numenta/NAB (with data/ and labels/)")
    main(Path(sys.argv[1]))
