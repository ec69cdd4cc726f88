"""What the detectors keep of a household: its persons' series and what was said about them. A few hundred bytes."""

import msgspec

from detectors.series import Series
from detectors.sums import Sums

VERSION = 1
TOLD_MONTHS = 24
"""For so long it is remembered what was said."""


class Told(msgspec.Struct, array_like=True, frozen=True):
    """Something that a detector said. Periods are months; `feed` is the one whose series showed it, empty if many."""

    source: str
    onset: int
    confirmed: int
    month: int
    """When it was said, by the change's `reported_at`."""
    feed: str = ""


class PersonSeries(msgspec.Struct, array_like=True):
    """The series of a person: incomes by feed, periods with a notice that pay stopped, medical sums."""

    incomes: dict[str, Series] = {}
    stopped: list[int] = []
    medical: Sums | None = None
    told: list[Told] = []
    last_paid: int = 0
    """The latest period in which a wage feed had a record."""


class HouseholdSeries(msgspec.Struct, array_like=True):
    """All series of a household. `checked` is the last month whose sums were compared as a whole."""

    version: int = VERSION
    persons: dict[str, PersonSeries] = {}
    sums: dict[str, Sums] = {}
    """What belongs to no person's series: subsidies, other taxed incomes, the number of other records."""
    checked: int = 0
    counted: int = 0
    """The month for which this household was last counted among the county's household-months."""
    told: list[Told] = []

    def encode(self) -> bytes:
        """The household as bytes; the same content gives the same bytes."""
        return _encode(self)

    @classmethod
    def decode(cls, packed: bytes | None) -> "HouseholdSeries":
        """The household of these bytes; a new one for none and for another version, which is learned anew."""
        if not packed:
            return cls()
        return _decode(packed) if is_current(packed) else cls()


_encode = msgspec.msgpack.Encoder(order="deterministic").encode
_decode = msgspec.msgpack.Decoder(HouseholdSeries).decode


def is_current(packed: bytes) -> bool:
    """The bytes are of this version: an array whose first element is the version."""
    return len(packed) > 1 and packed[0] & 0xF0 == 0x90 and packed[1] == VERSION
