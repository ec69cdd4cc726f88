"""What a detector has to say: the content of an alert, before it gets its id and revision."""

from typing import Any, Literal

import msgspec

from detectors.alerts import Direction, Severity, Text


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
