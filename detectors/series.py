"""A series of one person: the last 24 periods' values, packed into a few bytes each.

The values are all there is: scores are recomputed from them, so that a retraction leaves no trace, and nothing has to
be unpickled. A cell is (period, payer, value); of one period every payer has at most one.
"""

import math
import struct
import unicodedata
from functools import lru_cache
from hashlib import blake2b

import msgspec

PERIODS = 24
"""How many periods with a value a series keeps."""
WARM_UP = 6
"""Months at the beginning of a series in which nothing is said."""
_CELL = struct.Struct("<HBf")
_PAYER = struct.Struct("<4sH")
_PAYERS = 16
_OFFSET = 100.0
_BRACKETS = str.maketrans("[{〔【〈《「『]}〕】〉》」』", "(((((((())))))))")

Cells = dict[int, dict[int, float]]
"""Period to payer's index to value, in the order of the periods."""


class Values(msgspec.Struct):
    """Periods in order, and beside them the value of each, on the logarithmic scale.

    This, like whatever else is made anew at each change, is a Struct: a NamedTuple takes three times as long to make.
    """

    periods: list[int]
    levels: list[float]


def log_amount(amount: float) -> float:
    """The scale on which amounts are compared: equal ratios are equal steps, and small change does not count.

    Raises ValueError for what is no amount.
    """
    if not 0 <= amount < math.inf:
        raise ValueError("not an amount: negative, infinite or no number")
    return math.log(amount + _OFFSET)


def amount_of(level: float) -> int:
    """The amount of a `log_amount`, to the yuan."""
    return round(math.exp(level) - _OFFSET)


@lru_cache(maxsize=16384)
def payer_mark(name: str) -> bytes:
    """Four bytes that stand for a payer's name, whatever its spaces, width and bracket style."""
    compared = "".join(unicodedata.normalize("NFKC", name).translate(_BRACKETS).split())
    return blake2b(compared.encode(), digest_size=4).digest()


@lru_cache(maxsize=1024)
def _row(count: int) -> struct.Struct:
    """So many cells at once: a series is read at each of its records, and a call for each cell takes longer."""
    return struct.Struct("<" + _CELL.format[1:] * count)


class Series(msgspec.Struct, array_like=True):
    """`first` is the first period ever seen; `payers` holds a mark and the period of its first appearance for each
    payer's index.
    """

    first: int
    cells: bytes = b""
    payers: bytes = b""

    def unpack(self) -> Cells:
        """All cells."""
        found: Cells = {}
        for period, payer, value in _CELL.iter_unpack(self.cells):
            if period in found:
                found[period][payer] = value
            else:
                found[period] = {payer: value}
        return found

    def values(self) -> Values:
        """The greatest value of any payer in each period: nothing is added up."""
        count = len(self.cells) // _CELL.size
        flat = _row(count).unpack(self.cells)
        periods = flat[::3]
        if len(self.payers) == _PAYER.size or len(set(periods)) == count:
            return Values(list(periods), list(flat[2::3]))
        cells = self.unpack()
        return Values(list(cells), [max(payers.values()) for payers in cells.values()])

    def append(self, period: int, payer: int, value: float) -> None:
        """Add a cell of a period that is later than all others."""
        self.cells += _CELL.pack(period, payer, value)

    def forget_before(self, period: int) -> None:
        """Keep only cells from this period on, of which there is one."""
        while _CELL.unpack_from(self.cells)[0] < period:
            self.cells = self.cells[_CELL.size :]

    def pack(self, cells: Cells) -> None:
        """Keep the last 24 periods of these cells."""
        self.cells = b"".join(
            _CELL.pack(period, payer, value)
            for period in sorted(cells)[-PERIODS:]
            for payer, value in sorted(cells[period].items())
        )

    def add_sums(self, sums: list[float], begin: int) -> None:
        """Add the amounts of all payers to monthly sums that begin with this period."""
        end = begin + len(sums)
        for period, _, value in _CELL.iter_unpack(self.cells):
            if begin <= period < end:
                sums[period - begin] += math.exp(value) - _OFFSET

    @property
    def cut(self) -> bool:
        """Its first values are no longer kept."""
        oldest: int = _CELL.unpack_from(self.cells)[0]
        return self.first < oldest

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
