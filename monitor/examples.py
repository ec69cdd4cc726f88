"""Runs a rule's own examples through the very steps that live changes take."""

import hashlib
from collections.abc import Mapping
from typing import Any

from detectors.rules.rule import Example, Rule
from monitor.assessment import Assessor
from monitor.household import HouseholdState
from streams.changes import Rejection
from streams.checking import check
from streams.concealing import conceal
from streams.enrolment import Enrolled, notes
from streams.identity import check_digit
from streams.messages import Matched
from streams.moments import parse_instant
from streams.roster_files import line_from_plain
from streams.secrets import Keys

_CLOCK = parse_instant("2100-01-01")
_LENGTH = 18
_HOUSEHOLD: Mapping[str, Any] = {
    "household_id": "H-1",
    "region": "420525101003",
    "as_of": "2026-01-01",
    "consent_until": "2027-12-31",
    "programs": [{"program": "dibao"}],
}
"""What an example may leave out."""


def fires(rule: Rule, example: Example, assessor: Assessor, keys: Keys) -> bool:
    """Whether the rule has an alert standing after the example's changes. Raises ValueError for a bad example."""
    lines = [line_from_plain({**_HOUSEHOLD, **_filled(household)}, keys) for household in example.households]
    roster: dict[str, list[Enrolled]] = {}
    for version, line in enumerate(lines):
        roster.setdefault(line.household_id, []).append(Enrolled(version, line))
    states = {household_id: assessor.load(None) for household_id in roster}
    for note in notes(roster):
        assessor.assess(states[note.household_id], note, _CLOCK)
    for household_id, state in states.items():
        _tell(state, household_id, example, assessor, keys)
    said = (said for state in states.values() for said in state.published.values())
    return any(published.raised and published.content.source == rule.id for published in said)


def _tell(state: HouseholdState, household_id: str, example: Example, assessor: Assessor, keys: Keys) -> None:
    """Let the household learn of the example's changes."""
    for feed, events in example.events.items():
        for event in events:
            record = check(feed, _numbered(event), _CLOCK)
            if isinstance(record, Rejection):
                raise ValueError(f"a {feed} record is refused: {record.reason} {record.field}")
            assessor.assess(state, Matched(household_id=household_id, change=conceal(record, keys)), _CLOCK)


def _filled(household: Mapping[str, Any]) -> dict[str, Any]:
    """The household with valid numbers for the persons whom it calls `father` or `baby`; the first is the head."""
    members = [
        {"relation": "head" if place == 0 else "other", **_numbered(member)}
        for place, member in enumerate(household.get("members", ()))
    ]
    return {**household, "members": members}


def _numbered(record: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: synthetic_number(str(value)) if name.endswith("id_number") and len(str(value)) != _LENGTH else value
        for name, value in record.items()
    }


def synthetic_number(word: str) -> str:
    """A valid identity number of nobody, always the same for a word."""
    order = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=2).digest(), "big") % 1000
    first17 = f"42052519700101{order:03d}"
    return first17 + check_digit(first17)
