"""What happened to a household, as a page draws it: facts, and series of equal records as one span."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from detectors.rules.history import History
from monitor.replaying.households import Households
from streams.changes import Change
from streams.moments import day_of, iso_month, parse_month

_NAMED_BY = ("employer", "kind", "income_kind", "status", "base", "amount")
"""What must be equal for records of successive periods to be one span."""
_SHOWN = (
    "action", "vehicle_type", "plate", "use", "property_id", "role", "company_id", "employer", "kind", "income_kind",
    "status", "grade", "base", "amount", "out_of_pocket", "to_region",
)  # fmt: skip
_LONGEST = 60

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(tuple[str, dict[str, Any]]).decode
Fact = tuple[int, int, str, str]
"""First and last day, the feed, and what the record says."""


def keep_timelines(path: Path, households: Households) -> None:
    """Write what happened to each household of which anything is known, a line each."""
    with path.open("wb") as file:
        for household_id in households:
            history = households.state(household_id).casebook.history
            file.write(_encode((household_id, timeline(history))) + b"\n")


class Timelines:
    """What happened to households, read from its file when it is asked for."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def of(self, household_ids: Collection[str]) -> dict[str, dict[str, Any]]:
        """The timelines of some households."""
        with self._path.open("rb") as file:
            return {name: found for name, found in map(_decode, file) if name in household_ids}


def timeline(history: History) -> dict[str, Any]:
    """A household's facts by the first day, and its lines: the day from which each holds, and its programmes."""
    persons = {
        person: f"{place}"
        for place, person in enumerate(
            dict.fromkeys(member.person for period in history.periods for member in period.line.members), 1
        )
    }
    return {
        "facts": sorted(_facts(history.records.values(), persons)),
        "lines": [[period.line.as_of, " ".join(period.line.program_names)] for period in history.periods],
    }


def _facts(records: Iterable[Change], persons: dict[str, str]) -> Iterable[Fact]:
    series: dict[tuple[Any, ...], list[Change]] = defaultdict(list)
    for change in records:
        who = next((persons[person] for person in change.persons if person in persons), "")
        if change.text("period"):
            series[(change.feed, who, *(change.values.get(name) for name in _NAMED_BY))].append(change)
        else:
            day = day_of(change.occurred_at)
            yield day, day, change.feed, _said(change, who)
    for (_, who, *_), found in series.items():
        for span in _spans(sorted(found, key=lambda change: change.text("period"))):
            first, last = day_of(span[0].occurred_at), day_of(span[-1].occurred_at)
            yield min(first, last), max(first, last), span[0].feed, _span_said(span, who)


def _spans(ordered: Sequence[Change]) -> Iterable[list[Change]]:
    """Runs of periods that follow each other."""
    span: list[Change] = []
    for change in ordered:
        if span and parse_month(change.text("period")) > parse_month(span[-1].text("period")) + 1:
            yield span
            span = []
        span.append(change)
    if span:
        yield span


def _said(change: Change, who: str) -> str:
    values = [_value(change.values[name]) for name in _SHOWN if name in change.values]
    return " · ".join(part for part in (f"#{who}" if who else "", *values) if part)[:_LONGEST]


def _span_said(span: Sequence[Change], who: str) -> str:
    first, last = (iso_month(parse_month(change.text("period"))) for change in (span[0], span[-1]))
    periods = first if first == last else f"{first} – {last}"
    return f"{_said(span[0], who)} · {periods}"


def _value(value: str | float) -> str:
    return (
        f"{value:g}"
        if isinstance(value, float) and abs(value) < 100_000
        else f"{value:,.0f}"
        if isinstance(value, float)
        else value
    )
