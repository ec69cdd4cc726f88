"""A household's ledger: the set of records that stand, whatever the order in which they arrived (rules.md, fact 4)."""

import json
from collections.abc import Callable, Mapping
from typing import NamedTuple

import msgspec

from streams.changes import Change
from streams.moments import add_months, iso

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
KEPT_MONTHS = 40
"""A record that may still be judged is at most 26 months old, and its windows reach 12 months further back."""
RETRACTIONS_KEPT_MONTHS = 24

Reveal = Callable[[Change], Mapping[str, str]]
"""Gives the plain identity numbers and name of a change, as the fields that the department sent."""


class Applied(NamedTuple):
    """What a change did to the ledger: the record that stood before and the one that stands now."""

    before: Change | None
    after: Change | None


def too_old(change: Change) -> bool:
    """A record by period or amount that happened more than 26 months before its source reported it."""
    return change.feed in SUMMED and add_months(change.occurred_at, TOO_OLD_MONTHS) < change.reported_at


class Ledger(msgspec.Struct):
    """The standing records by `feed/event_id`, and what has been retracted with the moment of its report."""

    records: dict[str, Change] = {}
    retracted: dict[str, int] = {}

    def apply(self, change: Change, reveal: Reveal) -> Applied | None:
        """Take a change in; None if it says nothing that was not known."""
        key = f"{change.feed}/{change.event_id}"
        if change.op == "retract":
            reported = max(change.reported_at, self.retracted.get(key, change.reported_at))
            self.retracted[key] = reported
            before = self.records.pop(key, None)
            return Applied(before, None) if before else None
        if key in self.retracted:
            return None
        before = self.records.get(key)
        if before is not None and not _replaces(change, before, reveal):
            return None
        self.records[key] = change
        return Applied(before, change)

    def prune(self, newest: int) -> list[Change]:
        """Forget what no rule can read any more, as of the newest `reported_at`; gives what was forgotten."""
        horizon = add_months(newest, -KEPT_MONTHS)
        gone = [key for key, c in self.records.items() if c.feed in SUMMED and c.occurred_at < horizon]
        undone = add_months(newest, -RETRACTIONS_KEPT_MONTHS)
        for key in [key for key, reported in self.retracted.items() if reported < undone]:
            del self.retracted[key]
        return [self.records.pop(key) for key in gone]


def _replaces(new: Change, old: Change, reveal: Reveal) -> bool:
    """Of two versions of a record the later reported one stands, ties go to the greater content."""
    if new.reported_at != old.reported_at:
        return new.reported_at > old.reported_at
    if msgspec.structs.replace(new, sealed="") == msgspec.structs.replace(old, sealed=""):
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
