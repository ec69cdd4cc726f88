"""What is fuzzed: each target takes bytes, and may end in no other way than it says.

A target is also an oracle where it can be: two ways to read the same record must agree, and what was written must be
read as it was.
"""

import json
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import msgspec

from detectors.alerts import decode as decode_alert
from detectors.alerts import encode as encode_alert
from detectors.rules.rule_file import load_rules
from detectors.yaml_file import Faults
from streams.decoding import FeedDecoder, decode
from streams.errors import UNREADABLE, UnusableError
from streams.feed_files import find_feed_files
from streams.feeds import FEEDS
from streams.identity import contains_identity, normalised
from streams.messages import decode as decode_message
from streams.messages import encode as encode_message
from streams.roster_files import read_roster
from streams.roster_lines import read_line
from streams.roster_topic import persons
from tests.unit.streams.people import KEYS, NOW, as_json, number, record

_FEEDS = sorted(FEEDS)


@cache
def _decoder(feed: str) -> FeedDecoder:
    return FeedDecoder(feed, KEYS)


def decoding(data: bytes) -> None:
    """A department's value: whatever it is, it is taken or refused, by the quick check as by the exact one."""
    feed = _FEEDS[data[0] % len(_FEEDS)] if data else _FEEDS[0]
    value = data[1:]
    batch = _decoder(feed).decode([value], [NOW]).batch
    exact = list(decode(feed, value, NOW))
    assert len(batch) == max(1, len(exact)) or not exact
    refused = {number: (rejection.reason, rejection.field) for number, rejection in batch.refused}
    for place, found in enumerate(exact):
        if place in refused:
            assert getattr(found, "reason", None) == refused[place][0], (found, refused[place])
        else:
            assert not hasattr(found, "reason"), found


def identity(data: bytes) -> None:
    """A number is normalised once and for all, and one that is taken is found in a text."""
    text = data.decode("utf-8", errors="replace")
    contains_identity(text)
    found = normalised(text)
    if found is not None:
        assert normalised(found) == found
        assert contains_identity(f"[{found}]")


def messages(data: bytes) -> None:
    """What stands in the service's own topics, if somebody else wrote it there."""
    for read, write in ((decode_message, encode_message), (decode_alert, encode_alert)):
        try:
            found = read(data)
        except UNREADABLE:
            continue
        assert read(write(found)) == found


def roster_line(data: bytes) -> None:
    """A line of the roster's topic."""
    try:
        line = read_line(data, KEYS)
    except ValueError:
        line = None
    named = persons(data, KEYS)
    if line is not None:
        # The filter must never hide a member: whoever is on a line that is taken has been seen by the reader.
        assert {member.person for member in line.members} <= set(named)


_SUFFIXES = (".csv", ".jsonl", ".xlsx", ".parquet")


def roster_file(data: bytes) -> None:
    """A file that somebody takes for a roster."""
    _with_file(data, lambda path: list(read_roster(path, KEYS, lambda _fault: None)))


def feed_file(data: bytes) -> None:
    """A file that somebody takes for a department's."""

    def read(path: Path) -> None:
        for file in find_feed_files([path], "vehicles"):
            for row in file.rows():
                assert row.value is None or isinstance(json.loads(row.value), dict | list)

    _with_file(data, read)


def _with_file(data: bytes, read: Callable[[Path], object]) -> None:
    suffix = _SUFFIXES[data[0] % len(_SUFFIXES)] if data else ".csv"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"given{suffix}"
        path.write_bytes(data[1:])
        said = ""
        try:
            read(path)
        except UnusableError as error:
            said = str(error)
        assert "\n" not in said


def rule_file(data: bytes) -> None:
    """A file that somebody takes for a rule."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "rule.yaml").write_bytes(data)
        faults = Faults()
        load_rules(Path(folder), faults)


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    "decoding": decoding,
    "identity": identity,
    "messages": messages,
    "roster-line": roster_line,
    "roster-file": roster_file,
    "feed-file": feed_file,
    "rule-file": rule_file,
}


def seeds(target: str) -> list[bytes]:
    """Good examples to begin with."""
    root = Path(__file__).parents[2]
    household = next(iter((root / "replay_data" / "cases").glob("*/households.jsonl"))).read_bytes()
    values = [bytes([place]) + as_json(record(feed)) for place, feed in enumerate(_FEEDS)]
    return {
        "decoding": [*values, values[0][:1] + b"[" + values[0][1:] + b"]"],
        "identity": [number(1).encode(), b"110101490310027", b"\xef\xbc\x91" * 18],
        "messages": [msgspec.json.encode({"kind": "change"}), b'{"kind":"roster","household_id":"H","version":1}'],
        "roster-line": household.splitlines(),
        "roster-file": [bytes([place]) + household for place in range(4)],
        "feed-file": [
            b"\x00id_number,occurred_at,plate,vehicle_type,action\n%s,2026-06-01,A,car,registered" % number(1).encode(),
            b"\x01" + as_json(record("vehicles")),
        ],
        "rule-file": [path.read_bytes() for path in sorted((root / "configs" / "rules").glob("*.yaml"))[:5]],
    }[target]
