"""The judge of the fault experiments: what is missing, doubled or said anew is seen; the load is always the same."""

from typing import Any

import msgspec
import pytest

from tests.faults.judging import Left, _unsound, differences
from tests.faults.load import Load, comes_late, households, one_feed_only

HOUSEHOLDS = households(Load().households)


def left(**changed: Any) -> Left:
    good = Left(standing={"a": "1"}, revisions={"a/1": "1"}, orders={"H": [["a"]]}, faults=[], letters=0)
    return msgspec.structs.replace(good, **changed)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, []),
        ({"standing": {}}, ["standing: 1 missing, such as a"]),
        ({"standing": {"a": "2"}}, ["standing: 1 other, such as a"]),
        ({"revisions": {"a/1": "1", "a/2": "1"}}, ["revisions: 1 too many, such as a/2"]),
        ({"orders": {"H": [["a"], []]}}, ["orders: 1 other, such as H"]),
        ({"faults": ["H has two open orders"]}, ["H has two open orders"]),
        ({"letters": 2}, ["2 dead letters in place of 0"]),
    ],
)
def test_what_differs_is_said(changed: dict[str, Any], said: list[str]) -> None:
    assert differences(left(**changed), left(), 0) == said


def test_a_revision_that_says_nothing_new_and_a_gap_are_seen() -> None:
    def revision(number: int, title: str) -> dict[str, Any]:
        return {"alert_id": "a", "revision": number, "title": title, "detected_at": str(number)}

    assert list(_unsound({1: revision(1, "x"), 2: revision(2, "y")})) == []
    assert list(_unsound({1: revision(1, "x"), 2: revision(2, "x")})) == ["a/2 says nothing new"]
    assert list(_unsound({1: revision(1, "x"), 3: revision(3, "y")})) == ["a has revisions [1, 3]"]


def test_the_load_is_always_the_same() -> None:
    assert Load(rows=300).changes == Load(rows=300).changes
    assert Load(rows=300).changes != Load(rows=300, seed=2).changes
    assert any(comes_late(one.household_id) for one in HOUSEHOLDS)
    mixed = [one for one in HOUSEHOLDS if not one_feed_only(one.household_id)]
    assert all(len(one.feeds) > 1 for one in mixed)
    assert all(len(one.feeds) == 1 for one in HOUSEHOLDS if one_feed_only(one.household_id))
