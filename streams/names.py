"""Names as they are compared: one person's name is written in several ways."""

import re
import unicodedata

_DROPPED = re.compile(r"[\s·•・‧]+")
_STOP_BETWEEN = re.compile(r"(?<=.)[.。]+(?=.)")


def compared_form(name: str) -> str:
    """A name after NFKC, without white space, middle dots and full stops between its parts.

    >>> compared_form("买买提 · 艾力") == compared_form("买买提．艾力") == "买买提艾力"
    True
    """
    return _STOP_BETWEEN.sub("", _DROPPED.sub("", unicodedata.normalize("NFKC", name)))
