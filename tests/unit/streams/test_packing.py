"""Values come back as they were, whatever they are."""

from hypothesis import given
from hypothesis import strategies as st

from streams.packing import pack, unpack


@given(st.binary())
def test_everything_comes_back(data: bytes) -> None:
    assert unpack(pack(data)) == data


def test_recurring_words_take_little_room() -> None:
    data = b"\xacdeclared_monthly_income\xa6sealed\xa6person\xa8relation" * 3
    assert len(pack(data)) < len(data) / 4


def test_a_value_from_before_there_was_packing_is_read() -> None:
    assert unpack(b"\x91\x92\x01") == b"\x91\x92\x01"
