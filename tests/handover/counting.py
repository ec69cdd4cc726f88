"""The least assessor that shows a loss or a double: its alert names every change so far, its revision counts them."""

from typing import Any

import msgspec
from msgspec.structs import replace

from detectors.alerts import Alert
from streams.changes import Change
from streams.messages import Matched
from tests.unit.alert_sinks.order_examples import make_alert


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
        return [_alert(len(state), tuple(state), self._version)]


def message(number: int) -> Matched:
    """The n-th change about the one household."""
    given = Change(feed="vehicles", event_id=f"e{number}", person="p", occurred_at=0, reported_at=0)
    return Matched(household_id="H", change=given)


def _alert(revision: int, event_ids: tuple[str, ...], version: int) -> Alert:
    """The household's alert."""
    return replace(make_alert("A", revision, household_id="H"), event_ids=event_ids, source_version=version)
