"""A minute of fuzzing in every run of the tests: bytes by atheris, records by Hypothesis; and what was once found."""

import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.feeds import fields_of
from tests.fuzz.targets import TARGETS, decoding, roster_line
from tests.unit.streams.people import ALL_FEEDS, number, record

SECONDS = {
    "decoding": 10,
    "roster-line": 8,
    "rule-file": 8,
    "roster-file": 7,
    "feed-file": 7,
    "identity": 5,
    "messages": 5,
}
"""Fifty in all; the rest of the minute is Hypothesis's."""

_odd: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(max_size=30),
    st.dates().map(str),
    st.datetimes().map(lambda at: at.isoformat()),
    st.sampled_from(["", " ", "０", "1e5", "-0", "2026-13", "2026-02-30", "9999-12-31T23:59:60Z", "\u202e", "\x00"]),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


@pytest.mark.parametrize("target", sorted(TARGETS))
def test_bytes_of_all_kinds(target: str) -> None:
    command = [sys.executable, "-m", "tests.fuzz", "--seconds", str(SECONDS[target]), target]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]


@settings(max_examples=300)
@given(st.sampled_from(ALL_FEEDS), st.data())
def test_records_with_odd_values(feed: str, data: st.DataObject) -> None:
    names = [field.name for field in fields_of(feed)]
    changed = data.draw(st.dictionaries(st.sampled_from(names), _odd, max_size=4))
    value = json.dumps({**record(feed), **changed}, ensure_ascii=data.draw(st.booleans())).encode("utf-8", "replace")
    decoding(bytes([ALL_FEEDS.index(feed)]) + value)


@settings(max_examples=150)
@given(st.dictionaries(st.sampled_from(["household_id", "region", "as_of", "programs", "categories"]), _odd), st.data())
def test_households_with_odd_values(changed: dict[str, Any], data: st.DataObject) -> None:
    member = {"id_number": number(1), "relation": "head", "name": "某"}
    field = data.draw(st.sampled_from(["id_number", "relation", "name", "co_resident", "disability_grade"]))
    good = {"household_id": "H", "region": "420525", "as_of": "2026-01-01", "programs": [{"program": "dibao"}]}
    household = {**good, "members": [{**member, field: data.draw(_odd)}], **changed}
    roster_line(json.dumps(household).encode())
