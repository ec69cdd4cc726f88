"""Text files of departments: UTF-8 or GB18030, found by looking, read in blocks of lines."""

import codecs
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, NamedTuple

from streams.errors import UnusableError

BLOCK = 1 << 20
"""Bytes that are read at once, about."""
_LONGEST_LINE = 64 << 20
_VOTERS = 20_000
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Encoding(NamedTuple):
    """How a text file is written: ``utf-8-sig`` or ``gb18030``. A sound one has no damaged byte for certain."""

    name: str
    sound: bool = False


class Block(NamedTuple):
    """Some thousand lines with their ends, and how many bytes have been read so far.

    Unless they are `sound`, bytes that are no text may appear in them as lone surrogates; `is_text` tells.
    """

    lines: list[str]
    read: int
    sound: bool


def encoding_of(path: Path) -> Encoding:
    """The encoding of a text file.

    Most lines that are not plain ASCII decide, so that a few damaged bytes cost their own lines only. Raises
    UnusableError for a file that cannot be read, or is no text of such lines.
    """
    try:
        with path.open("rb") as file:
            if file.read(2) in _UTF16:
                raise UnusableError(f"{path}: is UTF-16; save it as UTF-8 or GB18030")
            file.seek(0)
            if _is_utf8(file, path):
                return Encoding("utf-8-sig", sound=True)
            file.seek(0)
            return Encoding(_voted(file))
    except OSError as error:
        raise UnusableError(f"{path}: {error.strerror}") from error


def _is_utf8(file: BinaryIO, path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    valid, since_newline = True, 0
    while block := file.read(BLOCK):
        newline = block.rfind(b"\n")
        since_newline = len(block) - newline - 1 if newline >= 0 else since_newline + len(block)
        if since_newline > _LONGEST_LINE:
            raise UnusableError(f"{path}: has a line of more than {_LONGEST_LINE >> 20} MiB; is it a text file?")
        if valid:
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                valid = False
    return valid and not decoder.getstate()[0]


def _voted(file: BinaryIO) -> str:
    for_utf8 = against = 0
    for line in file:
        if not line.isascii():
            try:
                line.decode("utf-8")
                for_utf8 += 1
            except UnicodeDecodeError:
                against += 1
            if for_utf8 + against == _VOTERS:
                break
    return "utf-8-sig" if for_utf8 > against else "gb18030"


def text_blocks(path: Path) -> Iterator[Block]:
    """The lines of a text file. Raises UnusableError."""
    encoding = encoding_of(path)
    try:
        with (
            path.open("rb") as data,
            TextIOWrapper(data, encoding=encoding.name, errors="surrogateescape", newline="") as file,
        ):
            while block := file.readlines(BLOCK):
                yield Block(block, data.tell(), encoding.sound)
    except OSError as error:
        raise UnusableError(f"{path}: {error.strerror}") from error


def is_text(text: str) -> bool:
    """No byte of the text was damaged."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def byte_blocks(path: Path) -> Iterator[tuple[list[bytes], int]]:
    """The lines of a text file as UTF-8, and how many bytes have been read; a damaged line stays as it is."""
    if encoding_of(path).name == "gb18030":
        for lines, read, _ in text_blocks(path):
            yield [line.encode("utf-8", "surrogateescape") for line in lines], read
        return
    try:
        with path.open("rb") as file:
            while block := file.readlines(BLOCK):
                yield block, file.tell()
    except OSError as error:
        raise UnusableError(f"{path}: {error.strerror}") from error
