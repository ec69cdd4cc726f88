"""Errors that a person can put right, and those that say that bytes are no message of ours."""

import msgspec

UNREADABLE: tuple[type[Exception], ...] = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What decoding raises on anybody's bytes: broken, of another encoding or form, nested beyond measure."""


class UnusableError(Exception):
    """Says in one line what cannot be used, where, and what to do. The command line ends with status 2 on it.

    The text never holds an identity number or a name.
    """


class NamedError(UnusableError):
    """The same with a word (`name`), so that a page can say it in the reader's language."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text)
        self.name = name
