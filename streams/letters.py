"""Texts of one length as a matrix of their letters' codes, to be checked by columns."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray


def letters_of(texts: Iterable[str], length: int) -> NDArray[np.uint8]:
    """A row for each text, of so many letters each; what is not ASCII counts as a question mark."""
    return np.frombuffer("".join(texts).encode("ascii", "replace"), dtype=np.uint8).reshape(-1, length)
