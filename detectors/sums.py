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
        place = _SUM.size * (month - self.start)
        if 0 <= place < len(self.fen):
            (known,) = _SUM.unpack_from(self.fen, place)
            packed = _SUM.pack(min(known + fen, _MOST))
            self.fen = self.fen[:place] + packed + self.fen[place + _SUM.size :]
            return
        values = self.unpack()
        if not values:
            self.start = month
        if month < self.start:
            values = [0] * (self.start - month) + values
            self.start = month
        if month >= self.start + len(values):
            values += [0] * (month - self.start - len(values) + 1)
        values[month - self.start] += fen
        self.first = min(self.first, month)
        self._pack(values)

    def unpack(self) -> list[int]:
        """The sums from `start` on."""
        values = array.array("i", self.fen)
        if sys.byteorder == "big":
            values.byteswap()
        return values.tolist()

    def _pack(self, values: list[int]) -> None:
        surplus = max(0, len(values) - MONTHS)
        self.start += surplus
        packed = array.array("i", [min(value, _MOST) for value in values[surplus:]])
        if sys.byteorder == "big":
            packed.byteswap()
        self.fen = packed.tobytes()

    def add_sums(self, sums: list[float], begin: int) -> None:
        """Add to monthly sums, in yuan, that begin with this month."""
        lead = self.start - begin
        kept = self.unpack()[max(0, -lead) : max(0, len(sums) - lead)]
        for place, fen in enumerate(kept, start=max(0, lead)):
            sums[place] += fen / 100


def fen_of(amount: float) -> int:
    """An amount in whole fen."""
    return round(min(amount, 2e7) * 100)
