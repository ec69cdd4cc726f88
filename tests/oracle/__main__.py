"""``python -m tests.oracle --roster F --events DIR``: the standing alerts as JSON Lines."""

import argparse
import csv
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.oracle import judge
from tests.oracle.records import FEEDS, Row


def rows(file: Path) -> list[Row]:
    """The rows of a CSV or JSON Lines file; a row of more or fewer columns than the header has the key None."""
    text = file.read_text(encoding="utf-8-sig")
    if file.suffix == ".jsonl":
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    header, *body = csv.reader(text.splitlines(keepends=True)) or [[]]
    return [dict(zip(header, row, strict=False)) | _misfit(header, row) for row in body if row]


def _misfit(header: Sequence[str], row: Sequence[str]) -> dict[Any, str]:
    return {} if len(header) == len(row) else {None: ""}


def main() -> None:
    """Print standing alerts on standard output, counts on standard error."""
    parser = argparse.ArgumentParser(prog="python -m tests.oracle")
    parser.add_argument("--roster", type=Path, required=True)
    parser.add_argument("--events", type=Path, required=True)
    given = parser.parse_args()
    files = {
        feed: [f for f in sorted(given.events.glob(f"{feed}.*")) if f.suffix in (".csv", ".jsonl")] for feed in FEEDS
    }
    events = {feed: [row for file in of_feed for row in rows(file)] for feed, of_feed in files.items()}
    households: list[Any] = list(rows(given.roster))
    verdict = judge(households, events, None, datetime.now(UTC))
    for alert in verdict.alerts:
        sys.stdout.write(json.dumps(asdict(alert), ensure_ascii=False) + "\n")
    sys.stderr.write(f"matched {verdict.matched}, refused {len(verdict.refused)}, standing {len(verdict.alerts)}\n")


if __name__ == "__main__":
    main()
