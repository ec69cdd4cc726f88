"""From a department's bytes to checked records: a Kafka value is one JSON object, or an array of them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any, NamedTuple, cast

import msgspec
import numpy as np

from streams.batches import Batch
from streams.changes import Rejection
from streams.checking import Record, check
from streams.errors import UNREADABLE
from streams.feeds import fields_of
from streams.quick_check import Column
from streams.secrets import Keys

_decode_value = msgspec.json.Decoder().decode
_decode_object = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_decode_array = msgspec.json.Decoder(list[msgspec.Raw]).decode
_BOM = b"\xef\xbb\xbf"
_BRACE = ord("{")
_SPEAKABLE = re.compile(r"[A-Za-z_][A-Za-z_-]{0,39}")
_UNNAMEABLE = re.compile(r'[\\"\x00-\x1f]')
"""What msgspec takes in no field's name; records with such a field always get the exact check."""
UNREADABLE_VALUE: list[Any] = []
"""Stands for a value that cannot be read: of a type that no field has."""


class FeedDecoder:
    """Decodes the values of one feed's topic.

    `unknown` collects the names of fields that the feed does not know: each appears in it once. Names that might
    tell something about a person appear as ``(other)``.
    """

    _MOST_UNKNOWN = 64

    def __init__(self, feed: str, keys: Keys) -> None:
        self.feed = feed
        self.unknown: set[str] = set()
        self._keys = keys
        self._fields = {field.name: field for field in fields_of(feed)}
        self._seen: set[str] = set()
        self._decode = self._decoder()

    def decode(self, values: Sequence[bytes | None], clocks: Sequence[int]) -> "Decoded":
        """Decode and check a batch of Kafka values; `clocks` is the instant that counts as now for each of them."""
        elements = Elements(values)
        rows, blank = self._rows(elements.data)
        times = np.array(clocks, dtype=np.int64)
        if elements.places is not None:
            times = times[[position for position, _ in elements.places]]

        def read(record: int) -> Mapping[str, Any] | None:
            row = rows[record]
            return self._read(elements.data[record]) if row is blank else msgspec.structs.asdict(row)

        return Decoded(elements, Batch(self.feed, _Columns(rows), times, read, self._keys))

    def _rows(self, elements: list[bytes]) -> tuple[list[Any], Any]:
        """The elements as rows of fields, a blank one where the exact check must have a look; and the blank one."""
        decode, blank = self._decode, self._decode(b"{}")
        rows = []
        for element in elements:
            try:
                rows.append(decode(element))
            except UNREADABLE:
                rows.append(blank)
        # Only the values of fields that are not looked at may be no UTF-8 by now.
        if self._seen and not _readable(b"\n".join(elements)):
            rows = [row if _readable(element) else blank for row, element in zip(rows, elements, strict=True)]
        return rows, blank

    def _read(self, data: bytes) -> Mapping[str, Any] | None:
        given = read_object(data)
        if given is not None:
            self._learn(given)
        return given

    def _learn(self, given: Mapping[str, Any]) -> None:
        """Take note of unknown fields, so that the quick way accepts them from now on."""
        new = {name for name in given if name not in self._fields and name not in self._seen}
        if new and len(self._seen) <= self._MOST_UNKNOWN:
            self._seen |= new
            self.unknown |= {name if _SPEAKABLE.fullmatch(name) else "(other)" for name in new}
            self._decode = self._decoder()

    def _decoder(self) -> Any:
        """A decoder that stops at fields which it has not seen, so that they can be counted; up to a limit."""
        kinds: dict[str, Any] = {"amount": float | str | None, "grade": float | str | None}
        known = [(name, kinds.get(field.kind, str | None), None) for name, field in self._fields.items()]
        others = {
            f"unknown_{number}": name
            for number, name in enumerate(sorted(self._seen)[: self._MOST_UNKNOWN])
            if not _UNNAMEABLE.search(name)
        }
        row = msgspec.defstruct(
            "Row",
            [*known, *((place, msgspec.Raw, msgspec.Raw()) for place in others)],
            rename=others,
            forbid_unknown_fields=len(self._seen) <= self._MOST_UNKNOWN,
            gc=False,
        )
        return msgspec.json.Decoder(row).decode


class Elements:
    """The records' bytes of a batch of values: an array counts its elements, anything else is one record.

    The bytes hold plain personal data: seal them before they go anywhere. `places` is None where no value is an
    array, else for each record the position of its value and, in an array, its own.
    """

    def __init__(self, values: Sequence[bytes | None]) -> None:
        self.places: list[tuple[int, int | None]] | None = None
        if all(value and value[0] == _BRACE for value in values):
            self.data = cast("list[bytes]", list(values))
            return
        found = [
            (data, position, index) for position, value in enumerate(values) for data, index in _split(value or b"")
        ]
        self.data = [data for data, _, _ in found]
        self.places = [(position, index) for _, position, index in found]

    def place(self, record: int) -> tuple[int, int | None]:
        """The position of a record's value in the batch, and of the record in the value if that is an array."""
        return self.places[record] if self.places is not None else (record, None)


class Decoded(NamedTuple):
    """A batch and the bytes that its records were read from."""

    elements: Elements
    batch: Batch


class _Columns(Mapping[str, Column]):
    """The fields of rows by name, each gathered when it is asked for first."""

    def __init__(self, rows: list[Any]) -> None:
        self._rows = rows
        self._gathered: dict[str, Column] = {}

    def __getitem__(self, name: str) -> Column:
        column = self._gathered.get(name)
        if column is None:
            try:
                column = self._gathered[name] = list(map(attrgetter(name), self._rows))
            except AttributeError:
                raise KeyError(name) from None
        return column

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows[0].__struct_fields__ if self._rows else ())

    def __len__(self) -> int:
        return len(list(iter(self)))


def decode(feed: str, value: bytes | None, now: int) -> list[Record | Rejection]:
    """Decode and check one Kafka value exactly: each record in it, or why it is refused. `now` is the clock."""
    found: list[Record | Rejection] = []
    for data, index in _split(value or b""):
        given = read_object(data)
        result = Rejection(feed=feed, reason="undecodable") if given is None else check(feed, given, now)
        found.append(msgspec.structs.replace(result, index=index) if isinstance(result, Rejection) else result)
    return found


def read_object(data: bytes) -> dict[str, Any] | None:
    """The fields of a JSON object in UTF-8, each as it stands there; None for anything else."""
    if not _readable(data):
        return None
    try:
        fields = _decode_object(data.removeprefix(_BOM))
    except UNREADABLE:
        return None
    return {name: _read_value(raw) for name, raw in fields.items()}


def holds_records(value: bytes) -> bool:
    """The value is an object or an array in JSON and UTF-8: something whose records can be told and checked."""
    return all(index is not None or read_object(data) is not None for data, index in _split(value))


def _read_value(raw: msgspec.Raw) -> Any:
    try:
        return _decode_value(raw)
    except UNREADABLE:
        return UNREADABLE_VALUE


def _split(value: bytes) -> list[tuple[bytes, int | None]]:
    """The records of a value with their positions in it, if it is an array."""
    data = value.removeprefix(_BOM)
    if data.lstrip()[:1] == b"[" and _readable(data):
        try:
            return [(bytes(raw), index) for index, raw in enumerate(_decode_array(data))]
        except UNREADABLE:
            pass
    return [(value, None)]


def _readable(data: bytes) -> bool:
    """The bytes are UTF-8, also where a decoder would not look."""
    try:
        str(data, "utf-8")
    except UnicodeDecodeError:
        return False
    return True
