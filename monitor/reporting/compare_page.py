"""`compare.html`: what one configuration adds, loses and changes against another."""

from pathlib import Path
from typing import Any

from detectors.alerts import Text
from monitor.comparing.comparison import Comparison
from monitor.comparing.difference import KINDS
from monitor.reporting import pictures
from monitor.reporting.page import render
from monitor.reporting.words import DIRECTIONS

PAGE = "compare.html"
_MOST_ROWS = 2000
"""Rows of the page's table; the JSON beside it has all."""
WORDS = {"added": Text("新增", "added"), "lost": Text("减少", "lost"), "changed": Text("改变", "changed")}


def write_page(path: Path, comparison: Comparison) -> None:
    """Write the page."""
    figures = comparison.summary()
    titles = comparison.titles
    sources = [{"id": source, "title": titles[source], **row} for source, row in figures["sources"].items()]
    sources.sort(key=lambda row: not any(row[kind] for kind in KINDS))  # what differs is what is looked for
    centres = {**comparison.before.routing.centres, **comparison.after.routing.centres}
    page = render(
        "compare.html",
        figures=figures,
        sources=sources,
        picture_of=_picture(sources),
        centres=[(centres[centre].name, row) for centre, row in figures["orders_by_centre"].items()],
        kinds=_kinds(figures.get("evaluation", {}), titles),
        rate=figures.get("evaluation", {}).get("false_alerts_per_1000_household_months"),
        found=comparison.found[:_MOST_ROWS],
        total=len(comparison.found),
        titles=titles,
        words=WORDS,
        directions=DIRECTIONS,
    )
    path.write_text(page, encoding="utf-8")


def _picture(sources: list[dict[str, Any]]) -> pictures.Picture | None:
    rows = [
        {"zh": row["title"].zh, "en": row["id"], "kind": kind, "count": -row[kind] if kind == "lost" else row[kind]}
        for row in sources
        for kind in KINDS
        if row[kind]
    ]
    return pictures.differences(rows, words=WORDS, title=Text("预警数", "alerts")) if rows else None


def _kinds(evaluation: dict[str, Any], titles: dict[str, Text]) -> list[dict[str, Any]]:
    """Rows of the quality table: kinds for which both sides have figures."""
    rows = []
    for name, sides in evaluation.items():
        if isinstance(sides["before"] or sides["after"], dict):
            empty = {"truths": 0, "recall": None, "precision": None, "median_days_to_alert": None}
            before, after = sides["before"] or empty, sides["after"] or empty
            rows.append({"id": name, "title": titles.get(name, Text(name, name)), "before": before, "after": after})
    return rows
