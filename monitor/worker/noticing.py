"""A part that is away is noticed although nobody has work for it: what is asked of it now and then tells."""

from streams.outages import Outages


class Notice:
    """Says that a part is away. Says that it is back only where it said itself that it was away.

    Others may wait for the part although what is asked here is answered: a database may be read and not written.
    """

    def __init__(self, part: str, outages: Outages) -> None:
        self._part = part
        self._outages = outages
        self._said = False

    def unanswered(self, error: Exception) -> None:
        """The part did not answer."""
        self._said = True
        self._outages.away(self._part, error)

    def answered(self) -> None:
        """The part answered."""
        if self._said:
            self._said = False
            self._outages.back(self._part)
