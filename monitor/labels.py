"""Labels: what should be found (contract.md §7)."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from detectors.settings import DIRECTIONS
from streams.errors import UnusableError
from streams.feeds import FEEDS
from streams.identity import normalised
from streams.moments import day_start, parse_day, parse_instant
from streams.secrets import Keys
from streams.tabular import Chunk, read_table

_FIELDS = ("household_id", "id_number", "kind", "direction", "since", "until", "feed", "region", "size", "since_at")
FEED_KINDS = frozenset({"feed-burst", "feed-silence", "feed-shift"})
_REQUIRED = ("household_id", "kind", "since")


class Truth(NamedTuple):
    """One label. `since` and `until` are day numbers; `begins` is the instant from which a delay is counted.

    `person` is a pseudonym. `line` is where the label stands in its file: two labels of one content are two truths.
    """

    line: int
    household_id: str
    person: str
    kind: str
    since: int
    until: int | None
    feed: str
    region: str
    size: str
    begins: int

    @property
    def subject(self) -> tuple[str, str]:
        """What the label is about: a household, or a feed of a division (empty: of any)."""
        return (self.feed, self.region[:6]) if self.feed and not self.household_id else ("", self.household_id)


def read_labels(path: Path, keys: Keys, kinds: Collection[str], households: Collection[str]) -> list[Truth]:
    """Read labels in CSV, Excel or Parquet. Raises UnusableError for the first that cannot be used.

    `kinds` are the ids of the rules and detectors, `households` those on the roster.
    """
    if path.is_dir():
        raise UnusableError(f"{path}: is a folder; give the file of labels")
    if path.suffix.lower() == ".jsonl":
        raise UnusableError(f"{path}: labels are read from .csv, .xlsx or .parquet")
    found = []
    for chunk in read_table(path, {name: name for name in _FIELDS}):
        if chunk.faults:
            raise _unusable(path, chunk.faults[0].line, "has other columns than the header, or is no text")
        missing = [name for name in _REQUIRED if name not in chunk.columns]
        if missing:
            raise UnusableError(f"{path}: has no column {missing[0]}; labels need {', '.join(_REQUIRED)}")
        found += [
            _truth(path, line, row, keys, kinds, households)
            for line, row in zip(chunk.lines, _rows(chunk), strict=True)
        ]
    return found


def _rows(chunk: Chunk) -> list[dict[str, str]]:
    columns: Mapping[str, Sequence[str | None]] = chunk.columns
    texts = {name: [(text or "").strip() for text in column] for name, column in columns.items()}
    return [{name: texts[name][row] for name in texts} for row in range(len(chunk.lines))]


def _truth(
    path: Path, line: int, row: Mapping[str, str], keys: Keys, kinds: Collection[str], households: Collection[str]
) -> Truth:
    kind, household_id, feed = row["kind"], row["household_id"], row.get("feed", "")
    if kind not in kinds:
        raise _unusable(path, line, f"kind {kind[:60]!r} is no rule or detector of the configuration")
    if household_id and household_id not in households:
        raise _unusable(path, line, "its household_id is not in the roster; labels and roster must belong together")
    if kind in FEED_KINDS and (household_id or feed not in FEEDS):
        raise _unusable(path, line, f"{kind} is about a feed: name it under feed, and leave household_id empty")
    if kind not in FEED_KINDS and not household_id:
        raise _unusable(path, line, f"{kind} is about a household: household_id is missing")
    if row.get("direction") and row["direction"] not in DIRECTIONS:
        raise _unusable(path, line, f"direction is none of {', '.join(DIRECTIONS)}")
    number = normalised(row.get("id_number", "")) if row.get("id_number") else ""
    if number is None:
        raise _unusable(path, line, "its id_number is no valid identity number")
    since, until = _day(path, line, row, "since"), _day(path, line, row, "until")
    if since is None:
        raise _unusable(path, line, "since is missing")
    if until is not None and until < since:
        raise _unusable(path, line, "until is earlier than since")
    return Truth(
        line=line,
        household_id=household_id,
        person=keys.pseudonym(number) if number else "",
        kind=kind,
        since=since,
        until=until,
        feed=feed,
        region=row.get("region", ""),
        size=row.get("size", ""),
        begins=_moment(path, line, row.get("since_at", "")) or day_start(since),
    )


def _day(path: Path, line: int, row: Mapping[str, str], name: str) -> int | None:
    text = row.get(name, "")
    try:
        return parse_day(text) if text else None
    except ValueError:
        raise _unusable(path, line, f"{name} is no date such as 2026-03-01") from None


def _moment(path: Path, line: int, text: str) -> int | None:
    try:
        return parse_instant(text) if text else None
    except ValueError:
        raise _unusable(path, line, "since_at is no time such as 2026-03-01T08:00:00") from None


def _unusable(path: Path, line: int, what: str) -> UnusableError:
    return UnusableError(f"{path}, line {line}: {what}")
