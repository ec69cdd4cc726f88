"""Officers' verdicts as labels: what was true in the form of labels.csv, and what was not in a file beside it."""

import csv
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from alert_sinks.work_orders.tables import StoredAlert
from streams.errors import UnusableError
from streams.moments import date_of, day_of, iso

_COLUMNS = ("household_id", "kind", "direction", "since", "until", "region", "alert_id", "verdict", "judged_at")


def write_labels(session: Session, out: Path) -> tuple[int, int]:
    """Write both files; how many rows each has. Labels are of households, so that no identity number leaves.

    Raises UnusableError where a file cannot be written.
    """
    judged = session.scalars(
        sa.select(StoredAlert).where(StoredAlert.verdict.is_not(None)).order_by(StoredAlert.alert_id)
    ).all()
    true = [alert for alert in judged if alert.verdict == "true"]
    other = [alert for alert in judged if alert.verdict != "true"]
    for path, alerts in ((out, true), (out.with_suffix(".refuted.csv"), other)):
        half = path.with_name(path.name + ".part")
        try:
            with half.open("w", encoding="utf-8", newline="") as file:
                rows = csv.writer(file)
                rows.writerow(_COLUMNS)
                rows.writerows(_row(alert) for alert in alerts)
            half.replace(path)
        except OSError as error:
            raise UnusableError(f"{path}: {error.strerror}; give a file that can be written") from error
    return len(true), len(other)


def _row(alert: StoredAlert) -> tuple[str, ...]:
    day = date_of(day_of(alert.occurred_at)).isoformat()
    judged = iso(alert.verdict_at) if alert.verdict_at is not None else ""
    verdict = alert.verdict or ""
    return (
        alert.household_id or "",
        alert.source,
        alert.direction,
        day,
        day,
        alert.region,
        alert.alert_id,
        verdict,
        judged,
    )
