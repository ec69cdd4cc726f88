"""An alert: what a rule or a detector says about a household because of changes (contract.md §5)."""

from typing import Any, Literal

import msgspec

Direction = Literal["exit", "help", "review", "data"]
Severity = Literal["critical", "high", "medium", "low"]
SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low")
"""From the most to the least urgent."""


class Text(msgspec.Struct, frozen=True):
    """The same words in Chinese and English."""

    zh: str
    en: str


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """One revision of an alert. Times are ISO 8601 text with Shanghai's offset; fields as in the contract."""

    alert_id: str
    revision: int
    status: Literal["raised", "retracted"]
    source: str
    source_kind: Literal["rule", "detector"]
    source_version: int
    direction: Direction
    severity: Severity
    household_id: str | None
    region: str
    programs: tuple[str, ...]
    feeds: tuple[str, ...]
    event_ids: tuple[str, ...]
    occurred_at: str
    detected_at: str
    title: Text
    explanation: Text
    evidence: dict[str, Any]
    match: Literal["exact", "doubtful"]
    suggested_step: Text
    due_at: str
    person: str | msgspec.UnsetType = msgspec.UNSET
    p_value: float | msgspec.UnsetType = msgspec.UNSET
    shadow: bool | msgspec.UnsetType = msgspec.UNSET


encode = msgspec.json.Encoder(order="sorted").encode
"""An alert's bytes; the same content gives the same bytes."""
decode = msgspec.json.Decoder(Alert).decode
