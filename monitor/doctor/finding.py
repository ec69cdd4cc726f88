"""What the doctor finds."""

from typing import Literal

import msgspec

Level = Literal["ok", "note", "fault"]


class Finding(msgspec.Struct, frozen=True):
    """One finding. A `note` deserves a look, a `fault` must be put right; `advice` says how."""

    part: str
    level: Level
    said: str
    advice: str = ""


def ok(part: str, said: str) -> Finding:
    """All is well."""
    return Finding(part, "ok", said)


def note(part: str, said: str, advice: str) -> Finding:
    """It works, but somebody should look."""
    return Finding(part, "note", said, advice)


def fault(part: str, said: str, advice: str) -> Finding:
    """It does not work, or will not for long."""
    return Finding(part, "fault", said, advice)
