"""What screening a file of a replay leaves: figures, and files in a folder of the replay's own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Screened:
    """What became of one file. `first` and `last` are the instants of its earliest and latest report, if any.

    `fingerprints` and `events_seen` tell which events have several versions, and which of them name strangers.
    """

    events: int
    matched: int
    reasons: Mapping[str, int]
    runs: Sequence[Path]
    rejects: Path
    fingerprints: Sequence[Path]
    events_seen: Path
    pulse: Path
    first: int | None
    last: int | None
