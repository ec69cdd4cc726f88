"""A quick "surely not on the roster": a Bloom filter over pseudonyms, asked for a whole batch at once.

Nineteen of twenty records are about strangers; the filter spares Redis nearly all of those questions. It may take a
stranger for a member (about 1 in 250), never a member for a stranger: who is added is found from that moment on.
"""

from base64 import urlsafe_b64decode
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from streams.secrets import DIGEST_BYTES

_BITS_PER_PERSON = 32
_SMALLEST = 1 << 16


class RosterFilter:
    """A bit array of two bits a person; 4 MiB for a million persons."""

    def __init__(self, persons: int = 0) -> None:
        """`persons` is how many are expected. More may be added; then strangers pass more often."""
        bits = max(_SMALLEST, 1 << (persons * _BITS_PER_PERSON - 1).bit_length())
        self._bits = np.zeros(bits // 8, dtype=np.uint8)
        self._mask = np.uint64(bits - 1)
        self._added = 0

    @property
    def crowded(self) -> bool:
        """More persons were added than it was made for: worth building anew, with everybody added again."""
        return self._added * _BITS_PER_PERSON > 2 * self._bits.size * 8

    def add(self, pseudonyms: Iterable[str]) -> None:
        """Let these persons pass from now on."""
        digests = _digests(pseudonyms)
        self._added += len(digests)
        for half in (0, 1):
            places = digests[:, half] & self._mask
            np.bitwise_or.at(self._bits, places >> np.uint64(3), _bit(places))

    def likely(self, digests: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """For each pseudonym, as a row of two numbers: it may be on the roster."""
        likely = np.ones(len(digests), dtype=np.bool_)
        for half in (0, 1):
            places = digests[:, half] & self._mask
            likely &= (self._bits[places >> np.uint64(3)] & _bit(places)) != 0
        return likely


def _bit(places: NDArray[np.uint64]) -> NDArray[np.uint8]:
    return np.left_shift(np.uint8(1), (places & np.uint64(7)).astype(np.uint8))


def _digests(pseudonyms: Iterable[str]) -> NDArray[np.uint64]:
    """Pseudonyms as rows of two numbers, like those of a batch."""
    data = b"".join(urlsafe_b64decode(pseudonym + "==") for pseudonym in pseudonyms)
    return np.frombuffer(data, dtype=np.uint64).reshape(-1, DIGEST_BYTES // 8)
