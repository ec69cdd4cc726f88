"""The filter that tells strangers: it may err in one direction only."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from streams.roster_filter import RosterFilter
from streams.secrets import Keys, pseudonym_text

KEYS = Keys(b"a secret of tests, thirty-two bytes at least")


def digests(*names: str) -> np.ndarray:
    return np.frombuffer(b"".join(KEYS.digests(names)), dtype=np.uint64).reshape(-1, 2)


@given(st.lists(st.lists(st.text(max_size=3), max_size=20), max_size=5))
def test_whoever_was_added_is_never_hidden(groups: list[list[str]]) -> None:
    roster = RosterFilter()
    for group in groups:
        roster.add(KEYS.pseudonym(name) for name in group)
        assert roster.likely(digests(*group)).all()
    assert roster.likely(digests(*(name for group in groups for name in group))).all()


def test_few_strangers_pass() -> None:
    members, strangers = [f"m{n}" for n in range(20_000)], [f"s{n}" for n in range(20_000)]
    roster = RosterFilter(len(members))
    roster.add(pseudonym_text(digest) for digest in KEYS.digests(members))
    assert not roster.crowded
    assert roster.likely(digests(*members)).all()
    assert 0 < roster.likely(digests(*strangers)).mean() < 0.01


def test_many_more_than_expected_crowd_it() -> None:
    roster = RosterFilter()
    roster.add(KEYS.pseudonym(f"{n}") for n in range(10_000))
    assert roster.crowded
    assert roster.likely(digests(*(f"{n}" for n in range(10_000)))).all()


def test_an_empty_filter_hides_everybody() -> None:
    assert not RosterFilter().likely(digests("a", "b")).any()
    assert RosterFilter().likely(digests()).tolist() == []
