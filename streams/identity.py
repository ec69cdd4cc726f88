"""Identity numbers by GB 11643: checked, and brought into one form."""

import re
from collections.abc import Callable
from datetime import date
from operator import mul

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ZEROS = ord("0") * sum(_WEIGHTS)
_CHECK_DIGITS = "10X98765432"
_NEW = re.compile(r"[0-9]{17}[0-9Xx]")
_OLD = re.compile(r"[0-9]{15}")
_EMBEDDED = re.compile(r"(?<!\d)[0-9]{17}[0-9Xx](?!\d)")


def check_digit(first17: str) -> str:
    """The last character that belongs to the first seventeen digits."""
    return _CHECK_DIGITS[(sum(map(mul, _WEIGHTS, first17.encode())) - _ZEROS) % 11]


def normalised(number: str) -> str | None:
    """The number in 18 characters with a capital X, or None if it fails GB 11643.

    Fifteen digits are read as a birth in 19.. and get their check digit. The division's code is not looked up: codes
    come and go, and an old number stays valid.

    >>> normalised("42052519540312351x") is None
    True
    """
    if _OLD.fullmatch(number):
        number = number[:6] + "19" + number[6:]
        number += check_digit(number)
    elif _NEW.fullmatch(number):
        number = number.upper()
        if check_digit(number[:17]) != number[17]:
            return None
    else:
        return None
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
    return number


def contains_identity(text: str) -> bool:
    """A valid identity number of 18 characters stands in the text, with no digit beside it."""
    return any(normalised(found) for found in _EMBEDDED.findall(text))


def without_identities(text: str, replacement: Callable[[str], str]) -> str:
    """The text with every valid identity number in it replaced by what is given for the normalised number."""

    def replaced(found: re.Match[str]) -> str:
        number = normalised(found[0])
        return replacement(number) if number else found[0]

    return _EMBEDDED.sub(replaced, text)
