"""Values as they lie in Redis: compressed by Zstandard with a dictionary of what recurs in them.

A household's state is mostly names of fields beside short numbers: with the dictionary it takes a fifth of the room, an
event half of it, for some 15 µs of processor to pack a state of a year and 7 µs to unpack it. Lines are mostly sealed
bytes and keep four fifths.
"""

import threading
from functools import cache
from pathlib import Path

import zstandard

# Never change the dictionary: what was packed with it can be read with it alone. A new one gets a new mark.
# `python -m tests.bench.packing` says how well it serves, and makes one.
_DICTIONARY_FILE = Path(__file__).with_name("packing.zdict")
_MARK = b"\x02"
"""The first byte of what is packed so; no value in MessagePack that is kept here begins with it."""
_LEVEL = 1


def pack(data: bytes) -> bytes:
    """The value as it is kept; nothing stays nothing."""
    return _MARK + _tools.compress(data) if data else b""


def unpack(data: bytes) -> bytes:
    """The value that was packed; one from before there was packing is given as it is. Raises zstandard.ZstdError."""
    return _tools.decompress(data[1:]) if data[:1] == _MARK else data


@cache
def _dictionary() -> zstandard.ZstdCompressionDict:
    dictionary = zstandard.ZstdCompressionDict(_DICTIONARY_FILE.read_bytes())
    dictionary.precompute_compress(level=_LEVEL)
    return dictionary


class _Tools(threading.local):
    """A compressor and a decompressor for each thread: one must not serve two at once."""

    def __init__(self) -> None:
        dictionary = _dictionary()
        # Each value names its length, but neither the dictionary, which the mark does, nor a checksum.
        compressor = zstandard.ZstdCompressor(
            level=_LEVEL, dict_data=dictionary, write_checksum=False, write_dict_id=False
        )
        self.compress = compressor.compress
        self.decompress = zstandard.ZstdDecompressor(dict_data=dictionary).decompress


_tools = _Tools()
