"""The least assessor that shows a loss or a double: its alert names every change so far, its revision counts them."""

from typing import Any

import msgspec

from detectors.alerts import Alert, Text
from streams.changes import Change
from streams.messages import Matched

_WORDS = Text("话", "words")


class State(list[str]):
    """The events of a household."""

    county = ""


class CountingAssessor:
    """Stands in for the assessor. A change that is taken twice says nothing new, as with the real one.

    `version` is that of its configuration, and part of what it says.
    """

    def __init__(self, version: int) -> None:
        self._version = version

    def load(self, data: bytes) -> State:
        return State(msgspec.msgpack.decode(data, type=list[str]) if data else [])

    def store(self, state: State) -> bytes:
        return msgspec.msgpack.encode(list(state))

    def assess(self, state: State, message: Matched, at: int, population: Any, doubts: Any) -> list[Alert]:
        """A revision for each event that is new."""
        if message.change.event_id in state:
            return []
        state.append(message.change.event_id)
        return [alert(len(state), tuple(state), self._version)]


def message(number: int) -> Matched:
    """The n-th change about the one household."""
    given = Change(feed="vehicles", event_id=f"e{number}", person="p", occurred_at=0, reported_at=0)
    return Matched(household_id="H", change=given)


def alert(revision: int, event_ids: tuple[str, ...], version: int) -> Alert:
    """The household's alert."""
    return Alert(
        alert_id="A",
        revision=revision,
        status="raised",
        source="vehicle-owned",
        source_kind="rule",
        source_version=version,
        direction="exit",
        severity="high",
        household_id="H",
        region="420525",
        programs=(),
        feeds=("vehicles",),
        event_ids=event_ids,
        occurred_at="",
        detected_at="",
        title=_WORDS,
        explanation=_WORDS,
        evidence={},
        match="exact",
        suggested_step=_WORDS,
        due_at="",
    )
