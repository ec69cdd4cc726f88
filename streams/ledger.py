"""A household's ledger: the set of records that stand, whatever the order in which they arrived (rules.md, fact 4)."""

import json
from collections.abc import Callable, Mapping
from typing import NamedTuple

from msgspec.structs import replace

from streams.changes import Change
from streams.moments import DAY, add_months, iso

LASTING: Mapping[str, str] = {
    "deaths": "",
    "vehicles": "registered",
    "properties": "acquired",
    "businesses": "registered",
    "public-posts": "hired",
    "custody": "imprisoned",
    "disabilities": "certified",
}
"""The feeds whose records begin a lasting fact, and the action that begins it."""

SUMMED = frozenset({"social-insurance", "housing-fund", "taxes", "pensions", "medical", "subsidies"})
"""The feeds whose records are by period or amount."""

TOO_OLD_MONTHS = 26
REACH_MONTHS = 13
"""How far before a record others count that are measured with it: windows of 365 days."""
KEPT_MONTHS = 40
"""What may still be judged is at most 26 months old when it is reported; what is measured with it may be older.

Retractions are kept as long (rules.md asks for 24 months), so that their records may come as late as others.
"""

_LEAST_TOO_OLD = TOO_OLD_MONTHS * 28 * DAY

Reveal = Callable[[Change], Mapping[str, str]]
"""Gives the plain identity numbers and name of a change, as the fields that the department sent."""


class Applied(NamedTuple):
    """What a change did to a ledger: the record that stood before and the one that stands now."""

    before: Change | None
    after: Change | None


def key_of(change: Change) -> str:
    """What names a record in a ledger."""
    return f"{change.feed}/{change.event_id}"


def too_old(change: Change) -> bool:
    """A record by period or amount that happened more than 26 months before its source reported it."""
    if change.reported_at - change.occurred_at < _LEAST_TOO_OLD or change.feed not in SUMMED:
        return False
    return add_months(change.occurred_at, TOO_OLD_MONTHS) < change.reported_at


def alters(change: Change, standing: Change | None, retracted: bool, reveal: Reveal) -> bool:
    """Whether a change alters what stands under its key: a retraction for good, else the later version.

    One that is too old is no version at all: a department that sends its whole history again withdraws nothing by it.
    """
    if change.op == "retract":
        return standing is not None
    return not retracted and not too_old(change) and (standing is None or _replaces(change, standing, reveal))


def horizon(newest: int) -> int:
    """Before which moment records are expired, as of the newest `reported_at` of their household."""
    return add_months(newest, -KEPT_MONTHS)


def expired(change: Change, horizon: int, first_month: str) -> bool:
    """Whether no rule can need a record any more: it lies before the horizon, whose month is given as well."""
    if change.feed not in SUMMED:
        return False
    period = change.text("period")
    return period < first_month if period else change.occurred_at < horizon


def _replaces(new: Change, old: Change, reveal: Reveal) -> bool:
    """Of two versions of a record the later reported one stands, ties go to the greater content."""
    if new.reported_at != old.reported_at:
        return new.reported_at > old.reported_at
    if replace(new, sealed="") == replace(old, sealed=""):
        return False
    return _content(new, reveal) > _content(old, reveal)


def _content(change: Change, reveal: Reveal) -> bytes:
    """The record as UTF-8 JSON with sorted keys, values as text."""
    fields = {
        "event_id": change.event_id,
        "occurred_at": iso(change.occurred_at),
        "region": change.region,
        "source": change.source,
        **{name: _as_text(value) for name, value in change.values.items()},
        **reveal(change),
    }
    present = {name: value for name, value in fields.items() if value}
    return json.dumps(present, sort_keys=True, ensure_ascii=False).encode()


def _as_text(value: str | float) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
