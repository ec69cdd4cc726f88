"""The quick check of many records at once, column by column.

It only ever says "usual": such a record passes the exact check of `streams.checking`, with these moments and these
identity numbers. Whatever is unusual, good or bad, is left to the exact check; a property test holds the two together.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from streams.feeds import FEEDS, Field, fields_of
from streams.letters import letters_of
from streams.moment_columns import NO_MOMENT, instants
from streams.moments import DAY, iso_month

Column = Sequence[Any]
"""One field of many records: text, None where absent; amounts may also be floats that are no NaN."""

_PERIODS = frozenset(iso_month(month) for month in range(1980 * 12, 2100 * 12))
_GRADES = frozenset([1.0, 2.0, 3.0, 4.0, "1", "2", "3", "4"])


def _few(field: Field) -> frozenset[Any] | None:
    """The usual values of a field that has but a few."""
    match field.kind:
        case "word":
            return frozenset([None, "", "upsert"]) if field.name == "op" else field.words
        case "period":
            return _PERIODS
        case "grade":
            return _GRADES
    return None


_CHECKED = {
    feed: tuple((field, _few(field)) for field in fields_of(feed) if field.required or field.kind != "text")
    for feed in FEEDS
}
"""Any text will do in an optional field of text."""

_WEIGHTS = np.array(
    [
        [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2],
        [0, 0, 0, 0, 0, 0, 1000, 100, 10, 1, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10, 1, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10, 1, 0, 0, 0],
    ],
    dtype=np.float32,
).T
_CHECK_DIGITS = np.frombuffer(b"10X98765432", dtype=np.uint8)
_MONTH_DAYS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] + [0] * 87)
_SHAPELESS = "?" * 18


class Usual(NamedTuple):
    """What the quick check found: which rows are usual, and for these their moments and identity numbers.

    `rows` and `numbers` belong together: a row that names a spouse or a related person stands there again.
    """

    mask: NDArray[np.bool_]
    occurred_at: NDArray[np.int64]
    reported_at: NDArray[np.int64]
    rows: NDArray[np.int64]
    numbers: list[str]


def usual_rows(feed: str, columns: Mapping[str, Column], clocks: NDArray[np.int64]) -> Usual:
    """Check records whose fields stand in columns; a column may be missing. `clocks` is the clock of each record."""
    count = len(clocks)
    absent: Column = [None] * count
    mask = np.ones(count, dtype=np.bool_)
    named: list[tuple[NDArray[np.int64], list[str]]] = []
    for field, few in _CHECKED[feed]:
        column = columns.get(field.name, absent)
        if field.kind == "identity":
            rows, numbers = _present(column, field.required)
            valid = usual_identities(numbers)
            mask[rows[~valid]] = False
            named.append((rows, numbers))
        elif few is not None:
            if not few.issuperset(column):
                mask &= np.array([value in few for value in column], dtype=np.bool_)
        elif field.kind != "moment":
            flags = _flags(column, field)
            if not all(flags):
                mask &= np.array(flags, dtype=np.bool_)
    occurred, reported = _moments(columns, absent, clocks, mask)
    return Usual(mask, occurred, reported, *_named(named, mask))


def _named(
    found: list[tuple[NDArray[np.int64], list[str]]], mask: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], list[str]]:
    rows = np.concatenate([rows for rows, _ in found])
    numbers = [number for _, some in found for number in some]
    if mask.all():
        return rows, numbers
    kept = mask[rows]
    return rows[kept], [number for number, keep in zip(numbers, kept.tolist(), strict=True) if keep]


def _present(column: Column, required: bool) -> tuple[NDArray[np.int64], list[str]]:
    """The rows that hold an identity number; of a required field all rows."""
    if required:
        return np.arange(len(column)), list(column)
    held = [row for row, value in enumerate(column) if value is not None and value != ""]
    return np.array(held, dtype=np.int64), [column[row] for row in held]


def _flags(column: Column, field: Field) -> list[bool]:
    """For each row: the field is as usual."""
    if field.kind == "text":
        return [value.__class__ is str and value[:1] > " " and value.isprintable() for value in column]
    empty = not field.required
    return [value >= 0.0 if value.__class__ is float else _usual_amount(value, empty) for value in column]


def _usual_amount(value: Any, may_be_empty: bool) -> bool:
    """Digits, with a point or without."""
    if not value:
        return may_be_empty
    if value.__class__ is str and value.isascii() and len(value) < 300:
        return value.isdigit() or value.replace(".", "", 1).isdigit()
    return False


def usual_identities(numbers: list[str]) -> NDArray[np.bool_]:
    """For each text: it is a valid identity number of 18 characters, with a capital X if any."""
    try:
        alike = set(map(len, numbers)) <= {18}
    except TypeError:
        alike = False
    if not alike:
        numbers = [n if n.__class__ is str and len(n) == 18 else _SHAPELESS for n in numbers]
    letters = letters_of(numbers, 18)
    digits = letters[:, :17] - np.uint8(48)
    sums = (digits.astype(np.float32) @ _WEIGHTS).astype(np.int64)
    year, month, day = sums[:, 1], sums[:, 2], sums[:, 3]
    leap = ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)
    days = _MONTH_DAYS[np.minimum(month, 99)] + ((month == 2) & leap)
    valid: NDArray[np.bool_] = (
        (digits <= 9).all(axis=1)
        & (letters[:, 17] == _CHECK_DIGITS[sums[:, 0] % 11])
        & (year > 0)
        & (day > 0)
        & (day <= days)
    )
    return valid


def _moments(
    columns: Mapping[str, Column], absent: Column, clocks: NDArray[np.int64], mask: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """When the records happened and were reported; narrows `mask` to those where the exact check would agree."""
    occurred = instants(columns.get("occurred_at", absent), end_of_day=False)
    mask &= (occurred != NO_MOMENT) & (occurred <= clocks + DAY)
    given = columns.get("reported_at", absent)
    if not any(given):
        return occurred, occurred
    reported = instants(given, end_of_day=True)
    silent = [not value for value in given]
    if any(silent):
        reported = np.where(np.array(silent), occurred, reported)
    mask &= (reported != NO_MOMENT) & (reported <= clocks + DAY) & (occurred <= reported + DAY)
    return occurred, reported
