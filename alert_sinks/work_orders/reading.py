"""What the desk reads out of an alert's evidence."""

from typing import Any

from detectors.alerts import SEVERITIES, Alert
from streams.moments import day_of, parse_instant

from .tables import StoredAlert


def take_in(row: StoredAlert, alert: Alert, content: bytes, now: int) -> None:
    """Write a newer revision over what is stored of an alert. Raises ValueError for times that do not exist."""
    if alert.household_id is not None and row.household_id not in (None, alert.household_id):
        raise ValueError("an alert cannot change its household")
    row.household_id = alert.household_id
    row.revision = alert.revision
    row.status = alert.status
    row.source = alert.source
    row.direction = alert.direction
    row.severity = SEVERITIES.index(alert.severity)
    row.region = alert.region
    row.programs = alert.programs
    row.feeds = alert.feeds
    row.occurred_at = parse_instant(alert.occurred_at)
    row.supported_at = supported_at(alert)
    row.due_at = parse_instant(alert.due_at)
    row.days_to_act = days_to_act(alert)
    row.changed_at = now
    row.shadow = alert.shadow is True
    row.only_member = alert.evidence.get("only_member") is True
    row.feed_doubtful = in_doubt(alert)
    row.content = content


def in_doubt(alert: Alert) -> bool:
    """Whether the alert rests on a feed that is in doubt now; a doubt with an `until` is over."""
    doubts = alert.evidence.get("feed_doubtful")
    if isinstance(doubts, list):
        return any(not isinstance(doubt, dict) or "until" not in doubt for doubt in doubts)
    return bool(doubts)


def supported_at(alert: Alert) -> int:
    """When the latest of the changes that support the alert occurred.

    Evidence lists them under `changes`; an alert that lists none is supported by the change that gives its time.
    """
    moments = [parse_instant(text) for change in _changes(alert) if (text := change.get("occurred_at"))]
    return max(parse_instant(alert.occurred_at), *moments) if moments else parse_instant(alert.occurred_at)


def days_to_act(alert: Alert) -> int:
    """The days that the source gives for acting; evidence states them as `days_to_act`.

    Without it they are counted from the day on which the change occurred: never fewer than the source gives.
    """
    stated = alert.evidence.get("days_to_act")
    if isinstance(stated, int) and not isinstance(stated, bool):
        return stated
    return max(0, day_of(parse_instant(alert.due_at)) - day_of(parse_instant(alert.occurred_at)))


def _changes(alert: Alert) -> list[dict[str, Any]]:
    listed = alert.evidence.get("changes")
    return [change for change in listed if isinstance(change, dict)] if isinstance(listed, list) else []
