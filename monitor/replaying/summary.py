"""The figures of a replay: `summary.json` (contract.md §7)."""

import json
from pathlib import Path
from typing import Any

from monitor.evaluation import Evaluation
from monitor.replaying.run import Replayed
from streams.moments import iso

SUMMARY = "summary.json"


def summarise(replayed: Replayed, evaluation: Evaluation | None) -> dict[str, Any]:
    """All figures that the same input gives again; how long it took is added when it is written."""
    figures: dict[str, Any] = {
        "events": replayed.events,
        "matched": replayed.matched,
        "rejected": replayed.rejected,
        "rejected_by_reason": dict(replayed.reasons),
        "alerts": sum(1 for _ in replayed.register.standing()),
        "alerts_by_source": replayed.register.standing_by_source(),
        "retracted": sum(1 for said in replayed.register if not said.stands),
        "households": len(replayed.households),
        "household_months": round(replayed.household_months, 1),
        "since": iso(replayed.since) if replayed.events > replayed.rejected else None,
        "until": iso(replayed.until) if replayed.events > replayed.rejected else None,
    }
    if evaluation is not None:
        figures["evaluation"] = evaluation.summary()
        figures["false_alerts_of_detectors_per_1000_household_months"] = evaluation.detectors_rate
    return figures


def write_summary(path: Path, figures: dict[str, Any], seconds: float) -> None:
    """Write the figures with the time that the run took, in seconds; nothing else differs between two runs."""
    rate = figures["events"] / seconds if seconds > 0 else 0.0
    timed = {**figures, "seconds": round(seconds, 3), "events_per_second": round(rate, 1)}
    path.write_text(json.dumps(timed, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
