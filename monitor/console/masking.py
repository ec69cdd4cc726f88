"""Names and identity numbers as they are shown to people who did not ask for them."""

import re

_LIKE_A_NUMBER = re.compile(r"(?<!\d)(?:[1-9]\d{16}[\dXx]|[1-9]\d{14})(?!\d)", re.ASCII)
"""Something that looks like an identity number in a text, be it a wrong one; the old ones had 15 digits."""


def masked_name(name: str) -> str:
    """张三 becomes 张*; of a longer name, too, only the first character stays."""
    return name[:1] + "*" * max(1, len(name) - 1) if name else ""


def masked_number(number: str) -> str:
    """The first four and the last four characters stay."""
    return number[:4] + "*" * (len(number) - 8) + number[-4:] if len(number) > 8 else "*" * len(number)


def masked_text(text: str) -> str:
    """A text that somebody typed, with the identity numbers in it masked."""
    return _LIKE_A_NUMBER.sub(lambda found: masked_number(found.group()), text)
