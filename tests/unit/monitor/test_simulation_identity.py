"""Invented people: numbers that are valid, distinct and follow from the serial number; names that compare as meant."""

import numpy as np

from monitor.simulation.identity import (
    broken,
    full_name,
    identity_number,
    name_variant,
    newborn_number,
    other_name,
)
from monitor.simulation.strangers import identity_numbers
from streams.identity import normalised
from streams.moments import date_of


def test_numbers_of_different_serials_differ_even_in_one_birth_year() -> None:
    numbers = {identity_number(420525, serial, 1950, True)[0] for serial in range(200_000)}
    assert len(numbers) == 200_000


def test_number_holds_place_birthday_and_sex() -> None:
    number, born = identity_number(420525, 12345, 1961, male=False)
    assert number.startswith(f"420525{born:%Y%m%d}")
    assert int(number[16]) % 2 == 0
    assert normalised(number) == number
    assert normalised(broken(number)) is None


def test_strangers_newborns_and_members_cannot_meet() -> None:
    strangers = identity_numbers(420525, np.arange(5000), np.zeros(5000, dtype=bool))
    assert all(normalised(number) == number for number in strangers)
    assert {number[14] for number in strangers} == {"9"}
    newborn = newborn_number(420525, 7, date_of(19900))
    assert normalised(newborn) == newborn
    assert 880 <= int(newborn[14:17]) < 900
    members = [identity_number(420525, serial, 1950, True)[0] for serial in range(5000)]
    assert max(int(number[14:17]) for number in members) < 880


def test_strangers_may_have_wrong_numbers() -> None:
    wrong = identity_numbers(420525, np.arange(100), np.ones(100, dtype=bool))
    assert not any(normalised(number) for number in wrong)


def compared(name: str) -> str:
    return "".join(c for c in name if not c.isspace() and c not in "·•・")


def test_names() -> None:
    for serial in range(100):
        name = full_name(serial, serial / 100)
        assert compared(name_variant(name, serial / 100)) == compared(name)
        assert compared(other_name(name, serial / 100)) != compared(name)
