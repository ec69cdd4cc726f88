"""What a condition can see: one change as one line reads it, among the household's history."""

from collections.abc import Mapping
from typing import NamedTuple

from detectors.rules.history import History, Reading
from detectors.rules.income import Income
from detectors.standards import Standards

Param = str | float | bool | tuple[str, ...]


class Scope(NamedTuple):
    """A reading with what surrounds it. `through` says as what the record names members: person, spouse, related."""

    reading: Reading
    history: History
    params: Mapping[str, Param]
    standards: Standards
    through: tuple[str, ...] = ("person",)
    income: Income | None = None
    """The month's income where the rule judges months."""
    households: tuple[tuple[str, ...], ...] = ()
    """Where the rule compares households: the programmes of each that lists the person, the own one first."""
