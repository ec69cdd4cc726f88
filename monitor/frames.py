"""Replay from Python: the results as pandas tables, with zones on the times and categories for the words."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pandas

from detectors.alerts import SEVERITIES, decode
from monitor.replaying.run import ALERTS, REJECTS
from monitor.replaying.study import Done, Study, carry_out, routing_of
from monitor.workload import orders

ZONE = "Asia/Shanghai"
_TIMES = ("occurred_at", "detected_at", "due_at")
_WORDS = ("status", "source", "source_kind", "direction", "region", "match")
_REASONS = ("feed", "file", "field", "reason")


@dataclass(frozen=True)
class Results:
    """What a replay found.

    `alerts`: one row an alert as it stood in the end, `revisions`: one row each time something was said, both indexed
    by `alert_id`. `orders`: the work it would have been, taking each order to be closed when it is due. `rejects`:
    the refused records. `evaluation`: one row a kind of label, None without labels. `summary`: all figures.
    """

    alerts: pandas.DataFrame
    revisions: pandas.DataFrame
    orders: pandas.DataFrame
    rejects: pandas.DataFrame
    evaluation: pandas.DataFrame | None
    summary: dict[str, Any]
    left_out: tuple[str, ...] = ()
    """Of each household of the roster that could not be loaded where and why."""


def replay(
    roster: Path | str,
    events: Path | str,
    *,
    labels: Path | str | None = None,
    config: Path | str | None = None,
    out: Path | str | None = None,
) -> Results:
    """Replay files as `monitor replay` does. With `out`, the command's files appear in that folder as well.

    Raises streams.errors.UnusableError, with one line on what cannot be used.
    """
    study = Study(
        roster=Path(roster),
        events=Path(events),
        labels=Path(labels) if labels is not None else None,
        config=Path(config) if config is not None else None,
    )
    if out is not None:
        from monitor.replaying.results import results

        with results(Path(out), events=study.events) as folder:
            return _read(folder, carry_out(study, folder, _silent))
    with tempfile.TemporaryDirectory() as folder_name:
        return _read(Path(folder_name), carry_out(study, Path(folder_name), _silent))


def _silent(stage: str, done: int, total: int) -> None:
    """Nobody watches."""


def _read(folder: Path, done: Done) -> Results:
    revisions = _revisions(folder / ALERTS)
    alerts = revisions[~revisions.index.duplicated(keep="last")]
    evaluation = None
    if done.evaluation is not None:
        verdicts = pandas.Series(done.evaluation.verdicts, dtype="boolean", name="right")
        alerts = alerts.join(verdicts)
        evaluation = _evaluation(done.evaluation.summary())
    return Results(
        alerts, revisions, _orders(done), _rejects(folder / REJECTS), evaluation, done.figures, tuple(done.refused)
    )


def _revisions(path: Path) -> pandas.DataFrame:
    columns = (
        "alert_id", "revision", "status", "source", "source_kind", "source_version", "direction", "severity",
        "household_id", "person", "region", "programs", "feeds", "event_ids", "occurred_at", "detected_at", "due_at",
        "match", "shadow", "p_value", "title_zh", "title_en", "explanation_zh", "explanation_en", "evidence",
    )  # fmt: skip
    rows = []
    with path.open("rb") as file:
        for line in file:
            alert = decode(line)
            row = msgspec.structs.asdict(alert)
            row |= {"title_zh": alert.title.zh, "title_en": alert.title.en}
            row |= {"explanation_zh": alert.explanation.zh, "explanation_en": alert.explanation.en}
            rows.append([None if row[name] is msgspec.UNSET else row[name] for name in columns])
    frame = pandas.DataFrame(rows, columns=list(columns)).set_index("alert_id")
    for name in _TIMES:
        frame[name] = _times(frame[name])
    for name in _WORDS:
        frame[name] = frame[name].astype("category")
    frame["severity"] = pandas.Categorical(frame["severity"], categories=SEVERITIES[::-1], ordered=True)
    frame["shadow"] = frame["shadow"].notna()
    frame["p_value"] = frame["p_value"].astype("Float64")
    for name in ("household_id", "person"):
        frame[name] = frame[name].astype("string")
    return frame


def _times(column: "pandas.Series[Any]") -> "pandas.Series[Any]":
    return pandas.to_datetime(column, utc=True, format="ISO8601").dt.tz_convert(ZONE)


def _orders(done: Done) -> pandas.DataFrame:
    routing = routing_of(done.inputs.configuration)
    columns = ["household_id", "region", "centre", "direction", "opened_at", "due_at", "alerts"]
    found = orders(done.replayed.register, routing)
    frame = pandas.DataFrame([[getattr(order, name) for name in columns] for order in found], columns=columns)
    for name in ("opened_at", "due_at"):
        instants = pandas.to_datetime(frame[name].astype("int64"), unit="us", utc=True)
        frame[name] = instants.dt.tz_convert(ZONE)
    for name in ("region", "centre", "direction"):
        frame[name] = frame[name].astype("category")
    frame["household_id"] = frame["household_id"].astype("string")
    return frame


def _rejects(path: Path) -> pandas.DataFrame:
    rows = [msgspec.json.decode(line) for line in path.read_bytes().splitlines()]
    frame = pandas.DataFrame(rows, columns=["feed", "file", "line", "field", "reason"])
    frame["line"] = frame["line"].astype("int64")
    for name in _REASONS:
        frame[name] = frame[name].astype("category")
    return frame


def _evaluation(summary: dict[str, Any]) -> pandas.DataFrame:
    """One row a kind; intervals become two columns."""
    rows = {}
    for kind, figures in summary.items():
        if isinstance(figures, dict):
            plain = {name: value for name, value in figures.items() if not name.endswith("_interval")}
            for name, value in figures.items():
                if name.endswith("_interval"):
                    stem = name.removesuffix("_interval")
                    plain[f"{stem}_low"], plain[f"{stem}_high"] = value or (None, None)
            rows[kind] = plain
    frame = pandas.DataFrame.from_dict(rows, orient="index").rename_axis("kind")
    for name in frame.columns:
        frame[name] = frame[name].astype("int64" if name in ("truths", "found", "alerts", "false") else "Float64")
    return frame
