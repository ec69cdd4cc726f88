"""The quick check's own parts against the exact ones, over the whole range of what they judge."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from streams.identity import check_digit, normalised
from streams.quick_check import usual_identities, usual_rows
from tests.unit.streams.people import number, record


def agrees(texts: list[str]) -> bool:
    return usual_identities(texts).tolist() == [normalised(text) == text for text in texts]


def with_check_digit(first: str) -> str:
    return first + check_digit(first)


def test_every_day_that_might_be_is_judged_as_the_calendar_does() -> None:
    years = (0, 1, 4, 1900, 1999, 2000, 2004, 2100)
    days = [f"{year:04d}{month:02d}{day:02d}" for year in years for month in range(14) for day in range(33)]
    assert agrees([with_check_digit(f"420525{day}123") for day in days])


@given(st.lists(st.from_regex(r"[0-9]{17}[0-9Xx]|[0-9]{15}|[0-9X]{18}", fullmatch=True) | st.text(max_size=19)))
def test_any_texts_are_judged_as_the_exact_check_does(texts: list[str]) -> None:
    assert agrees(texts)
    firsts = [text[:17] for text in texts if len(text) >= 17 and text[:17].isascii() and text[:17].isdigit()]
    assert agrees(list(map(with_check_digit, firsts)))


@given(st.lists(st.integers(0, 999).map(number)), st.integers(0, 17), st.characters())
def test_one_strange_character_spoils_its_own_number_only(numbers: list[str], place: int, strange: str) -> None:
    spoilt = [f"{n[:place]}{strange}{n[place + 1 :]}" for n in numbers]
    assert agrees([text for pair in zip(numbers, spoilt, strict=True) for text in pair])


def test_no_rows_are_no_trouble() -> None:
    usual = usual_rows("deaths", {}, np.zeros(0, dtype=np.int64))
    assert (usual.mask.tolist(), usual.numbers) == ([], [])


def test_a_table_without_a_required_column_has_no_usual_row() -> None:
    columns = {name: [str(value)] for name, value in record("vehicles").items() if name != "plate"}
    assert usual_rows("vehicles", columns, np.array([2**60])).mask.tolist() == [False]
