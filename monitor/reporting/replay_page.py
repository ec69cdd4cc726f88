"""`report.html`: what a replay found, for people to look at."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alert_sinks.routing import Routing
from detectors.alerts import Alert, Text, decode
from detectors.feed_names import FEEDS
from monitor import workload
from monitor.evaluation import Evaluation
from monitor.replaying.register import Said
from monitor.replaying.run import ALERTS, Replayed
from monitor.reporting import pictures
from monitor.reporting.embedding import packed
from monitor.reporting.page import render
from monitor.reporting.pictures import Picture
from monitor.reporting.words import DIRECTIONS, REASONS, SEVERITIES
from streams.moments import date_of, day_of, iso_month, month_of, parse_day

REPORT = "report.html"
_HOUSEHOLDS_TOGETHER = 250
"""Timelines that are packed together: few enough to unpack at a click."""
_MOST_REGIONS = 20
_MOST_MONTHS = 60
_MOST_CENTRES = 6
_FEWEST_JUDGED = 5
"""Alerts that a source needs to be called precise or not."""


@dataclass(frozen=True)
class Report:
    """What the page tells of. `folder` holds the replay's `alerts.jsonl`; `figures` are those of the summary."""

    folder: Path
    replayed: Replayed
    figures: Mapping[str, Any]
    evaluation: Evaluation | None
    routing: Routing
    capacity: int | None
    titles: Mapping[str, Text]
    """What all sources of the configuration are called."""


def write_report(path: Path, report: Report) -> None:
    """Write the page. The same replay gives the same bytes."""
    titles = report.titles
    register = report.replayed.register
    orders = workload.orders(register, report.routing)
    page = render(
        "replay.html",
        figures=report.figures,
        capacity=report.capacity,
        orders=len(orders),
        orders_for_nothing=workload.for_nothing(orders, register),
        charts=_charts(report, orders),
        kinds=_kinds(report),
        overall=report.evaluation.overall() if report.evaluation is not None else None,
        precision=_precision(report),
        missed=_missed(report),
        refused=[(REASONS[reason], count) for reason, count in report.replayed.reasons.items()],
        alerts=packed(_table(report)),
        timelines=[(max(part, key=_in_scripts), packed(part)) for part in _timelines(report.replayed)],
        words=packed(
            {
                "sources": {source: [title.zh, title.en] for source, title in titles.items()},
                "directions": _both(DIRECTIONS),
                "severities": _both(SEVERITIES),
                "feeds": _both(FEEDS),
            }
        ),
    )
    path.write_text(page, encoding="utf-8")


def _both(words: Mapping[str, Text]) -> dict[str, list[str]]:
    return {name: [text.zh, text.en] for name, text in words.items()}


def _charts(report: Report, orders: Sequence[workload.Order]) -> dict[str, Picture]:
    """The pictures for which there is something to draw."""
    standing = list(report.replayed.register.standing())
    titles = report.titles
    charts: dict[str, Picture] = {}
    number = Text("预警数", "alerts")
    if standing:
        sources = Counter((said.source, said.direction) for said in standing)
        charts["sources"] = pictures.bars_by_direction(
            [
                {"name": s, "zh": titles[s].zh, "en": s, "direction": d, "count": n}
                for (s, d), n in sorted(sources.items())
            ],
            title=number,
        )
        charts["months"] = pictures.columns_by_month(_months(standing), title=number)
        charts["regions"] = pictures.bars_by_direction(_regions(standing), title=number)
    weeks = _weeks(report, orders)
    if weeks:
        charts["workload"] = pictures.workload(weeks, title=Text("新工单", "new orders"), capacity=report.capacity)
    if report.replayed.reasons:
        refused = [{"zh": REASONS[r].zh, "en": REASONS[r].en, "count": n} for r, n in report.replayed.reasons.items()]
        charts["refused"] = pictures.refusals(refused, title=Text("记录数", "records"))
    return charts | _evaluation_charts(report)


def _months(standing: list[Said]) -> list[dict[str, Any]]:
    """Counts by month and direction; months without alerts between others are there too."""
    counts = Counter((month_of(said.first_at), said.direction) for said in standing)
    first, last = min(month for month, _ in counts), max(month for month, _ in counts)
    for month in range(max(first, last - _MOST_MONTHS), last):
        counts.setdefault((month, standing[0].direction), 0)
    return [{"month": iso_month(m), "direction": d, "count": n} for (m, d), n in sorted(counts.items())]


def _regions(standing: list[Said]) -> list[dict[str, Any]]:
    """Counties, or where there is one only its towns; the most alerted first, the others together."""
    counties = {said.region[:6] for said in standing}
    length = 6 if len(counties) > 1 else 9
    totals = Counter(said.region[:length] for said in standing)
    kept = {region for region, _ in sorted(totals.items(), key=lambda item: (-item[1], item[0]))[:_MOST_REGIONS]}
    counts = Counter(
        (said.region[:length] if said.region[:length] in kept else "…", said.direction) for said in standing
    )
    return [{"name": region, "direction": d, "count": n} for (region, d), n in sorted(counts.items())]


def _weeks(report: Report, orders: Sequence[workload.Order]) -> list[dict[str, Any]]:
    """New orders by centre and week, of the centres with the most."""
    found = workload.per_week(orders)
    busiest = sorted(found, key=lambda centre: (-sum(found[centre].values()), centre))[:_MOST_CENTRES]
    return [
        {"week": date_of(week).isoformat(), **_named(report.routing.centres[centre].name), "count": count}
        for centre in busiest
        for week, count in found[centre].items()
    ]


def _named(name: Text) -> dict[str, str]:
    return {"zh": name.zh, "en": name.en}


def _kinds(report: Report) -> list[dict[str, Any]]:
    """Rows of the evaluation's table."""
    if report.evaluation is None:
        return []
    titles = report.titles
    return [
        {"id": name, "title": titles.get(name, Text(name, name)), **kind.summary()}
        for name, kind in sorted(report.evaluation.kinds.items())
    ]


def _evaluation_charts(report: Report) -> dict[str, Picture]:
    charts: dict[str, Picture] = {}
    for figure, interval, title, unit in (
        ("recall", "recall_interval", Text("召回率(95% 区间)", "recall, 95 % interval"), "%"),
        ("precision", "precision_interval", Text("精确率(95% 区间)", "precision, 95 % interval"), "%"),
        ("median_days_to_alert", "median_days_interval", Text("发现所需天数(中位数)", "median days to alert"), "d"),
    ):
        rows = []
        for kind in _kinds(report):
            if kind[figure] is not None:
                low, high = kind[interval] or (kind[figure], kind[figure])
                rows.append({"zh": kind["title"].zh, "en": kind["id"], "value": kind[figure], "low": low, "high": high})
        rows.sort(key=lambda row: (row["value"], row["low"], row["en"]), reverse=unit != "%")
        if rows:
            charts[figure] = pictures.shares(rows, title=title, name="en", unit=unit)
    return charts


def _missed(report: Report) -> list[dict[str, Any]]:
    """The labels that nothing was found for, by kind, in the order of their file."""
    if report.evaluation is None:
        return []
    return [
        {"line": truth.line, "kind": truth.kind, "title": report.titles.get(truth.kind, Text(truth.kind, truth.kind)),
         "about": truth.household_id or f"{truth.feed} {truth.region}", "since": date_of(truth.since).isoformat()}
        for truth in sorted(report.evaluation.missed, key=lambda truth: (truth.kind, truth.line))
    ]  # fmt: skip


def _precision(report: Report) -> dict[str, list[dict[str, Any]]]:
    """The most and the least precise sources, of those with enough alerts to tell."""
    judged = [kind for kind in _kinds(report) if kind["alerts"] >= _FEWEST_JUDGED]
    ordered = sorted(judged, key=lambda kind: (-kind["precision_interval"][0], kind["id"]))
    half = min(5, len(ordered) // 2)
    return {"most": ordered[:half], "least": ordered[::-1][:half]}


def _table(report: Report) -> dict[str, Any]:
    """All alerts as they stood in the end, one column after the other, which packs well."""
    verdicts = report.evaluation.verdicts if report.evaluation is not None else {}
    columns: dict[str, list[Any]] = {name: [] for name in _COLUMNS}
    for said, alert in _latest(report):
        row = (
            alert.alert_id, alert.source, alert.direction, alert.severity, alert.household_id or "", alert.region,
            day_of(said.occurred_at), day_of(said.first_at), parse_day(alert.due_at), alert.status,
            alert.match, verdicts.get(alert.alert_id), alert.explanation.zh, alert.explanation.en,
            list(alert.feeds), said.revisions,
        )  # fmt: skip
        for name, value in zip(_COLUMNS, row, strict=True):
            columns[name].append(value)
    return columns


_COLUMNS = (
    "id", "source", "direction", "severity", "household", "region", "occurred", "detected", "due", "status", "match",
    "right", "zh", "en", "feeds", "revisions",
)  # fmt: skip


def _latest(report: Report) -> Iterator[tuple[Said, Alert]]:
    """Each alert's latest revision, in the order in which they were first raised."""
    with (report.folder / ALERTS).open("rb") as file:
        for said in report.replayed.register:
            file.seek(said.offset)
            yield said, decode(file.readline())


def _timelines(replayed: Replayed) -> Iterator[dict[str, Any]]:
    """The timelines of all households about which something was said, in an order in which the page can search."""
    named = {said.household_id for said in replayed.register if said.household_id is not None}
    about = sorted(named, key=_in_scripts)
    known = replayed.timelines.of(set(about))
    for first in range(0, len(about), _HOUSEHOLDS_TOGETHER):
        yield {household: known[household] for household in about[first : first + _HOUSEHOLDS_TOGETHER]}


def _in_scripts(text: str) -> bytes:
    """What orders texts as a page's scripts do: by UTF-16."""
    return text.encode("utf-16-be")
