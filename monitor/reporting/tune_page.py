"""`tune.html`: the frontier of recall against workload, and what the chosen setting does in the last part."""

from pathlib import Path
from typing import Any

from detectors.alerts import Text
from monitor.reporting import pictures
from monitor.reporting.page import render
from monitor.tuning.tuning import Tuned
from streams.moments import iso

PAGE = "tune.html"


def write_page(path: Path, tuned: Tuned) -> None:
    """Write the page."""
    page = render(
        "tune.html",
        tuned=tuned,
        split=iso(tuned.split)[:10],
        learned=_picture(tuned, "learned"),
        judged=_picture(tuned, "judged"),
        names=list(tuned.present.setting),
    )
    path.write_text(page, encoding="utf-8")


def _picture(tuned: Tuned, part: str) -> pictures.Picture:
    best = {id(one) for one in tuned.frontier}
    rows: list[dict[str, Any]] = []
    for one in tuned.tried:
        scored = getattr(one, part)
        role = "best" if id(one) in best else "swept"
        if one is tuned.chosen:
            role = "chosen"
        rows.append({"workload": scored.workload, "recall": scored.recall or 0.0, "role": role})
    present = getattr(tuned.present, part)
    rows.append({"workload": present.workload, "recall": present.recall or 0.0, "role": "present"})
    return pictures.frontier(
        rows,
        x_title=Text("每千户月预警", "alerts per 1,000 household-months"),
        y_title=Text("召回率", "recall"),
        budget=tuned.budget,
    )
