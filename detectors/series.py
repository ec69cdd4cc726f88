"""A series of one person: the last 24 periods' values, packed into a few bytes each.

The values are all there is: scores are recomputed from them, so that a retraction leaves no trace, and nothing has to
be unpickled. A cell is (period, payer, value); of one period every payer has at most one.
"""

import math
import struct
import unicodedata
from hashlib import blake2b

import msgspec

PERIODS = 24
"""How many periods with a value a series keeps."""
WARM_UP = 6
"""Months at the beginning of a series in which nothing is said."""
_CELL = struct.Struct("<BBf")
_PAYER = struct.Struct("<4sH")
_PAYERS = 16
_OFFSET = 100.0
_BRACKETS = str.maketrans("[{〔【〈《「『]}〕】〉》」』", "(((((((())))))))")

Cells = dict[int, dict[int, float]]
"""Period to payer's index to value, in the order of the periods."""


def log_amount(amount: float) -> float:
    """The scale on which amounts are compared: equal ratios are equal steps, and small change does not count."""
    return math.log(amount + _OFFSET)


def amount_of(level: float) -> int:
    """The amount of a `log_amount`, to the yuan."""
    return round(math.exp(level) - _OFFSET)


def payer_mark(name: str) -> bytes:
    """Four bytes that stand for a payer's name, whatever its spaces, width and bracket style."""
    compared = "".join(unicodedata.normalize("NFKC", name).translate(_BRACKETS).split())
    return blake2b(compared.encode(), digest_size=4).digest()


class Series(msgspec.Struct, array_like=True):
    """`first` is the first period ever seen, `start` the one from which the cells' offsets count.

    `payers` holds a mark and the period of its first appearance for each payer's index.
    """

    first: int
    start: int
    cells: bytes = b""
    payers: bytes = b""

    def unpack(self) -> Cells:
        """All cells."""
        start = self.start
        found: Cells = {}
        for offset, payer, value in _CELL.iter_unpack(self.cells):
            period = start + offset
            if period in found:
                found[period][payer] = value
            else:
                found[period] = {payer: value}
        return found

    def pack(self, cells: Cells) -> None:
        """Keep the last 24 periods of these cells."""
        periods = sorted(cells)[-PERIODS:]
        periods = [period for period in periods if period > periods[-1] - 250]
        start = self.start = periods[0] if periods else self.first
        self.cells = b"".join(
            _CELL.pack(period - start, payer, value)
            for period in periods
            for payer, value in sorted(cells[period].items())
        )

    def payer(self, mark: bytes, period: int) -> int:
        """The index of a payer, who is remembered from now on. The oldest make room when there are too many."""
        table = self.payers
        index = 0
        for known, first in _PAYER.iter_unpack(table):
            if known == mark:
                if period < first:
                    self._set_payer(index, mark, period)
                return index
            index += 1
        if index < _PAYERS:
            self.payers = table + _PAYER.pack(mark, period)
            return index
        used = {payer for _, payer, _ in _CELL.iter_unpack(self.cells)}
        free = next((i for i in range(index) if i not in used), index - 1)
        self._set_payer(free, mark, period)
        return free

    def _set_payer(self, index: int, mark: bytes, period: int) -> None:
        at = index * _PAYER.size
        self.payers = self.payers[:at] + _PAYER.pack(mark, period) + self.payers[at + _PAYER.size :]

    def first_seen(self) -> list[int]:
        """For each payer's index the period of its first appearance."""
        return [first for _, first in _PAYER.iter_unpack(self.payers)]


def greatest(cells: Cells) -> list[tuple[int, float]]:
    """Period and the greatest value of any payer: nothing is added up."""
    return [(period, max(values.values())) for period, values in cells.items()]
