"""What a detector has to say: the content of an alert, before it gets its id and revision."""

from collections.abc import Callable
from typing import Any, Literal

import msgspec

from detectors.alerts import Alert, Direction, Severity, Text
from streams.moments import day_end, day_of, iso


class Signal(msgspec.Struct, frozen=True, kw_only=True):
    """An alert's content. Who and what it is about is `household_id`, `person` and `about`; those name its id.

    A retracted one says only what it is about: its other content is that of the revision before. `occurred_at` and
    `reported_at` are those of the change that made it evident. Of an alert about a feed `household_id` and `person`
    are empty and `region` is the cell's.
    """

    source: str
    version: int
    status: Literal["raised", "retracted"]
    household_id: str = ""
    person: str = ""
    about: str
    direction: Direction
    severity: Severity
    days: int = 0
    region: str = ""
    feeds: tuple[str, ...] = ()
    event_ids: tuple[str, ...] = ()
    occurred_at: int
    reported_at: int
    p_value: float | None = None
    shadow: bool = False
    title: Text
    explanation: Text
    step: Text
    evidence: dict[str, Any] = {}


def alert_id(signal: Signal, identify: Callable[..., str]) -> str:
    """The id of what a signal is about. `identify` makes ids out of parts."""
    if signal.household_id:
        return identify(signal.source, signal.household_id, signal.person, signal.about)
    return identify(signal.source, *signal.feeds, signal.region, signal.about)


def alert(signal: Signal, programs: tuple[str, ...], identify: Callable[..., str]) -> Alert:
    """The alert of a raised signal as its first revision, `detected_at` still empty."""
    return Alert(
        alert_id=alert_id(signal, identify),
        revision=1,
        status="raised",
        source=signal.source,
        source_kind="detector",
        source_version=signal.version,
        direction=signal.direction,
        severity=signal.severity,
        household_id=signal.household_id or None,
        region=signal.region,
        programs=programs,
        feeds=signal.feeds,
        event_ids=signal.event_ids,
        occurred_at=iso(signal.occurred_at),
        detected_at="",
        title=signal.title,
        explanation=signal.explanation,
        evidence={**signal.evidence, "days_to_act": signal.days},
        match="exact",
        suggested_step=signal.step,
        due_at=iso(day_end(day_of(signal.reported_at) + signal.days)),
        person=signal.person or msgspec.UNSET,
        p_value=msgspec.UNSET if signal.p_value is None else _rounded(signal.p_value),
        shadow=True if signal.shadow else msgspec.UNSET,
    )


def _rounded(p_value: float) -> float:
    """To four digits that count: more say nothing, and seventeen look like an identity number to a search for one."""
    return float(f"{p_value:.4g}")
