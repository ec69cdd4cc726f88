"""Matches that wait on disk come back in the order of replay, whatever the order in which they were put away."""

import random
from pathlib import Path

import pytest

from monitor.replaying import runs
from monitor.replaying.runs import Fingerprints, Runs, merged, repeated
from streams.screening import Home, Match
from tests.plain import change
from tests.unit.streams.people import KEYS


def match(event: str, reported: str, **more: object) -> Match:
    record = {"event_id": event, "id_number": "A", "occurred_at": "2025-01-01", "reported_at": reported, **more}
    return Match(0, change("custody", {"action": "released", **record}), (Home("H-2", "420526"), Home("H-1", "420525")))


def test_the_order_is_that_of_reporting_then_of_the_event(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "_RUN_LENGTH", 3)
    matches = [match(f"E{n:02d}", f"2025-02-{1 + n // 4:02d}T08:00:00") for n in range(20)]
    for seed in (1, 2):
        shuffled = matches[:]
        random.Random(seed).shuffle(shuffled)
        kept = Runs(tmp_path, f"seed{seed}", KEYS)
        for one in shuffled:
            kept.add([one])
        kept.flush()
        assert len(kept.paths) == 7
        found = [waiting.match() for waiting in merged(kept.paths)]
        assert [one.change for one in found] == [one.change for one in matches]
        assert found[0].homes == (Home("H-1", "420525"), Home("H-2", "420526"))


def test_ties_are_settled_by_content_not_by_place(tmp_path: Path) -> None:
    one, other = match("E", "2025-02-01T08:00:00", name="甲"), match("E", "2025-02-01T08:00:00", name="乙")
    orders = []
    for name, given in (("a", [one, other]), ("b", [other, one])):
        kept = Runs(tmp_path, name, KEYS)
        kept.add(given)
        kept.flush()
        orders.append([waiting.change for waiting in merged(kept.paths)])
    assert orders[0] == orders[1]


def test_only_what_was_noted_twice_is_repeated(tmp_path: Path) -> None:
    first, second = Fingerprints(tmp_path / "1"), Fingerprints(tmp_path / "2")
    first.add([b"aaaaaaaa", b"bbbbbbbb"])
    second.add([b"cccccccc", b"aaaaaaaa"])
    assert repeated([first.path, second.path, tmp_path / "never"]) == {b"aaaaaaaa"}
