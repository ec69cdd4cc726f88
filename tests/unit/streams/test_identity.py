"""Identity numbers by GB 11643."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.identity import check_digit, contains_identity, normalised, without_identities

VALID = "11010519491231002X"  # the example of the standard's own text
births = st.dates(date(1900, 1, 1), date(2026, 1, 1))


@st.composite
def numbers(draw: st.DrawFn) -> str:
    first = f"{draw(st.integers(0, 999999)):06d}{draw(births):%Y%m%d}{draw(st.integers(0, 999)):03d}"
    return first + check_digit(first)


def test_the_standards_example_is_valid_in_either_case() -> None:
    assert normalised(VALID) == VALID
    assert normalised(VALID.lower()) == VALID


def test_fifteen_digits_are_a_birth_in_nineteen_hundred() -> None:
    assert normalised("110105491231002") == VALID


@pytest.mark.parametrize(
    "number",
    [
        "",
        "110105194912310021",  # another check digit
        "11010519490231002" + check_digit("11010519490231002"),  # 31 February
        "11010500000101002" + check_digit("11010500000101002"),  # no year 0
        "110105490231002",
        "1101051949123100X2",
        "11010519491231002X ",
        "１1010519491231002X",
        "11010519491231002Ⅹ",
    ],
)
def test_what_fails(number: str) -> None:
    assert normalised(number) is None


@given(numbers())
def test_a_made_number_is_valid_and_stays_as_it_is(number: str) -> None:
    assert normalised(number) == number


@given(numbers(), st.integers(0, 16), st.integers(1, 9))
def test_any_single_wrong_digit_is_seen(number: str, place: int, shift: int) -> None:
    wrong = (int(number[place]) + shift) % 10
    assert normalised(f"{number[:place]}{wrong}{number[place + 1 :]}") is None


@given(st.text())
def test_any_text_gets_an_answer(text: str) -> None:
    assert normalised(text) is None or len(text) in (15, 18)
    contains_identity(text)


@given(numbers(), st.text(st.characters(exclude_categories=["Nd"]), max_size=5))
def test_a_number_within_a_text_is_found_and_replaced(number: str, around: str) -> None:
    text = f"{around}{number}{around}"
    assert contains_identity(text)
    assert without_identities(text, lambda found: f"<{found}>") == f"{around}<{number}>{around}"


def test_a_longer_run_of_digits_holds_no_identity_number() -> None:
    assert not contains_identity(f"1{VALID}")
    assert not contains_identity("110105194912310021")
    assert contains_identity(f"E-{VALID}-7")
