"""Identity numbers (GB 11643) and names, as rules.md compares them."""

import unicodedata
from datetime import date

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_DOTS = "·•・‧"


def check_digit(first_17: str) -> str:
    """The eighteenth character that belongs to seventeen digits."""
    return _CHECK[sum(int(digit) * weight for digit, weight in zip(first_17, _WEIGHTS, strict=True)) % 11]


def identity(text: str) -> str:
    """Fact 11: an identity number's x is X; 15 digits are read as 19.. with the check digit.

    Raises ValueError for what fails GB 11643.
    """
    number = text.upper()
    if len(number) == 15 and number.isascii() and number.isdigit():
        number = f"{number[:6]}19{number[6:]}"
        number += check_digit(number)
    if len(number) != 18 or not number.isascii() or not number[:17].isdigit() or number[0] == "0":
        raise ValueError("not an identity number")
    date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    if number[17] != check_digit(number[:17]):
        raise ValueError("wrong check digit")
    return number


def compared(name: str) -> str:
    """Fact 11: NFKC, without white space and middle dots (· • ・ ‧ and a full stop between names)."""
    kept = [c for c in unicodedata.normalize("NFKC", name) if not c.isspace() and c not in _DOTS]
    last = len(kept) - 1
    return "".join(c for place, c in enumerate(kept) if c != "." or place in (0, last))
