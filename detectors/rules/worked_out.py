"""What the rules have worked out about a household, as it is kept beside its records between two messages.

It spares reading the whole history anew for every message. Dropping it loses nothing: all of it follows from the
records, the lines and the rules. Records are named by their place in the history.
"""

from collections.abc import Iterable, Mapping
from typing import TypeVar

import msgspec

Name = TypeVar("Name")
_MARKS: Mapping[bool | None, bytes] = {True: b"1", False: b"0", None: b"-"}
_OUTCOMES = {mark[0]: outcome for outcome, mark in _MARKS.items()}
_UNKNOWN = b"?"


class WorkedOut(msgspec.Struct, array_like=True):
    """By rule what was worked out; one that is not named has to read everything."""

    candidates: dict[str, list[int]] = {}
    """The records for which the parts about the record itself hold."""
    held: dict[str, bytes] = {}
    """Of each candidate whether the measured parts hold, too."""
    above: dict[str, bytes] = {}
    """Of each month with records whether its income is above the line; neither where there is no income."""


def marks(names: Iterable[Name], outcomes: Mapping[Name, bool | None]) -> bytes:
    """A byte for the outcome of each name; one says that it is not known."""
    return b"".join(_MARKS[outcomes[name]] if name in outcomes else _UNKNOWN for name in names)


def outcomes(names: Iterable[Name], kept: bytes) -> dict[Name, bool | None]:
    """The outcomes that are known. ValueError if the marks are of other names."""
    return {name: _OUTCOMES[mark] for name, mark in zip(names, kept, strict=True) if mark in _OUTCOMES}
