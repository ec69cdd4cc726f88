"""The Numenta Anomaly Benchmark's series and labelled windows, read from a folder; nothing of it is kept here."""

import csv
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple


class Row(NamedTuple):
    """One value, and when it was taken."""

    at: datetime
    value: float


class Recording(NamedTuple):
    """One file of the benchmark: its rows, and the first and last row of each window that holds an anomaly."""

    name: str
    rows: list[Row]
    windows: list[tuple[int, int]]


def corpus(folder: Path) -> Iterator[Recording]:
    """All files of a checkout of the benchmark, in the order of their names.

    Raises OSError where `labels/combined_windows.json` or a file of `data/` is missing, and ValueError for a window
    that begins or ends at no row.
    """
    labels = json.loads((folder / "labels" / "combined_windows.json").read_text(encoding="utf-8"))
    for name in sorted(labels):
        with (folder / "data" / name).open(encoding="utf-8", newline="") as file:
            rows = [Row(datetime.fromisoformat(at), float(value)) for at, value in list(csv.reader(file))[1:]]
        places = {}
        for index, row in enumerate(rows):
            places.setdefault(row.at, index)
        windows = [(_place(name, places, begin), _place(name, places, end)) for begin, end in labels[name]]
        yield Recording(name, rows, windows)


def _place(name: str, places: dict[datetime, int], moment: str) -> int:
    at = datetime.fromisoformat(moment)
    if at not in places:
        raise ValueError(f"{name}: a window begins or ends at {moment}, where there is no row")
    return places[at]
