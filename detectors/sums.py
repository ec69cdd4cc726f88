"""Monthly sums: what was paid out of pocket, or came as subsidy, month by month, months without a record being 0."""

import array
import struct
import sys

import msgspec

MONTHS = 24
"""How many months a series of sums keeps."""
_SUM = struct.Struct("<i")
_MOST = 2**31 - 1


class Sums(msgspec.Struct, array_like=True):
    """Sums of fen by calendar month, the latest 24. Whole numbers add up to the same in every order.

    `first` is the month of the first record ever, `start` the one of the first kept sum, `learned` the month before
    which the peers have learned this person's scores.
    """

    first: int
    start: int
    learned: int
    fen: bytes = b""

    def add(self, month: int, fen: int) -> None:
        """Add to a month; what lies before the kept months is forgotten."""
        if not self.fen:
            self.start = month
        known, place = self.fen, _SUM.size * (month - self.start)
        if 0 <= place < len(known):
            (sum_,) = _SUM.unpack_from(known, place)
            self.fen = known[:place] + _packed(sum_ + fen) + known[place + _SUM.size :]
            return
        if place < 0:
            self.fen = _packed(fen) + bytes(-place - _SUM.size) + known
            self.start = month
        else:
            self.fen = known + bytes(place - len(known)) + _packed(fen)
        self.first = min(self.first, month)
        surplus = len(self.fen) // _SUM.size - MONTHS
        if surplus > 0:
            self.fen = self.fen[_SUM.size * surplus :]
            self.start += surplus

    def unpack(self) -> list[int]:
        """The sums from `start` on."""
        values = array.array("i", self.fen)
        if sys.byteorder == "big":
            values.byteswap()
        return values.tolist()

    def add_sums(self, sums: list[float], begin: int) -> None:
        """Add to monthly sums, in yuan, that begin with this month."""
        lead = self.start - begin
        kept = self.unpack()[max(0, -lead) : max(0, len(sums) - lead)]
        for place, fen in enumerate(kept, start=max(0, lead)):
            sums[place] += fen / 100


def _packed(fen: int) -> bytes:
    return _SUM.pack(min(fen, _MOST))


def fen_of(amount: float) -> int:
    """An amount in whole fen."""
    return round(min(amount, 2e7) * 100)
