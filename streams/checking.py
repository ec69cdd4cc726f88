"""The exact check of one record: field by field, into a plain `Record` or the reason why it is refused.

A `Record` holds plain identity numbers and names. It lives within a process for as long as the record is being
screened, and nothing but `streams.concealing` turns it into something that may leave.
"""

import re
from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any, Literal

import msgspec

from streams.changes import Rejection, Value
from streams.feeds import COMMON, FEEDS, Field, Kind, fields_of
from streams.identity import contains_identity, normalised
from streams.moments import DAY, parse_instant, parse_month

Reason = Literal["undecodable", "missing", "bad_date", "future", "bad_identity", "unknown_word", "bad_number"]

_MOMENT = re.compile(r"(\d{4})(-\d\d-\d\d|\d{4}|-?W\d\d(-?\d)?)([Tt ].+)?", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_FIRST_YEAR = "1800"
"""Earlier ones are writing errors, and near the year 1 a time zone leaves the calendar."""
_WRONG_TYPE: Mapping[Kind, Reason] = {
    "text": "undecodable",
    "word": "unknown_word",
    "amount": "bad_number",
    "grade": "unknown_word",
    "period": "bad_date",
    "moment": "bad_date",
    "identity": "bad_identity",
}


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One record that passed every check, normalised and in the plain.

    `event_id` is empty where the source gave none, or one that tells an identity number: such a record is named by
    its content. `reported_at` is `occurred_at` where the source did not say.
    """

    feed: str
    id_number: str
    occurred_at: int
    reported_at: int
    op: Literal["upsert", "retract"] = "upsert"
    event_id: str = ""
    name: str = ""
    spouse_id_number: str = ""
    related_id_number: str = ""
    region: str = ""
    source: str = ""
    values: dict[str, Value] = {}

    @property
    def numbers(self) -> tuple[str, ...]:
        """The identity numbers that the record names: its own, the spouse's, the related person's, each once."""
        named = (self.id_number, self.spouse_id_number, self.related_id_number)
        return tuple(dict.fromkeys(number for number in named if number))


class _RefusedError(Exception):
    def __init__(self, reason: Reason, field: str) -> None:
        self.reason: Reason = reason
        self.field = field


_REPEATED = ("id_number", "occurred_at")
"""What a retraction repeats even if it carries the event's id."""
_EVENT_ID, _OP = (next(field for field in COMMON if field.name == name) for name in ("event_id", "op"))
_OWN = frozenset(Record.__struct_fields__) - {"values"}


def check(feed: str, given: Mapping[str, Any], now: int) -> Record | Rejection:
    """Check one record of a feed, given as its fields' values: text, numbers or None. `now` is the clock.

    Fields that the feed does not know are not looked at.
    """
    try:
        return _checked(feed, given, now)
    except _RefusedError as refused:
        return Rejection(feed=feed, reason=refused.reason, field=refused.field)


def _checked(feed: str, given: Mapping[str, Any], now: int) -> Record:
    event_id = _as_text(given.get("event_id"), _EVENT_ID)
    if event_id and contains_identity(event_id):
        event_id = ""
    sparse = event_id and _as_text(given.get("op"), _OP) == "retract"
    own: dict[str, Any] = {"event_id": event_id}
    values: dict[str, Value] = {}
    for field, read in _FIELDS[feed]:
        name = field.name
        value = given.get(name)
        text = value.strip() if value.__class__ is str and value.isprintable() else _as_text(value, field)
        if text:
            (own if name in _OWN else values)[name] = text if read is None else read(text, field)
        elif field.required and not (sparse and name not in _REPEATED):
            raise _RefusedError("missing", name)
    occurred = own["occurred_at"]
    reported = own.setdefault("reported_at", occurred)
    if occurred > reported + DAY:
        raise _RefusedError("bad_date", "occurred_at")
    if max(occurred, reported) > now + DAY:
        raise _RefusedError("future", "occurred_at" if occurred > now + DAY else "reported_at")
    return Record(feed=feed, values=values, **own)


def _as_text(value: Any, field: Field) -> str:
    """The value as text without white space around it and control characters within; empty if absent."""
    if value is None:
        return ""
    if isinstance(value, str):
        text = value.strip()
        return text if text.isprintable() else _CONTROL.sub(" ", text).strip()
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _RefusedError(_WRONG_TYPE[field.kind], field.name)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e18:
        return str(int(value))
    try:
        return str(value)
    except ValueError:  # an integer of more than 4,300 digits
        raise _RefusedError(_WRONG_TYPE[field.kind], field.name) from None


def _read_word(text: str, field: Field) -> str:
    if text not in field.words:
        raise _RefusedError("unknown_word", field.name)
    return text


def _read_number(text: str, field: Field) -> float:
    number = float(text) if _NUMBER.fullmatch(text) else -1.0
    if not (isfinite(number) and number >= 0):
        raise _RefusedError("bad_number", field.name)
    return abs(number)  # also turns -0 into 0


def _read_grade(text: str, field: Field) -> float:
    """A grade is one of four words that are digits."""
    number = float(text) if _NUMBER.fullmatch(text) else 0.0
    if number not in (1, 2, 3, 4):
        raise _RefusedError("unknown_word", field.name)
    return number


def _read_identity(text: str, field: Field) -> str:
    number = normalised(text)
    if number is None:
        raise _RefusedError("bad_identity", field.name)
    return number


def _read_period(text: str, field: Field) -> str:
    try:
        parse_month(text)
    except ValueError:
        raise _RefusedError("bad_date", field.name) from None
    return text


def _read_moment(text: str, field: Field) -> int:
    moment = read_moment(text, end_of_day=field.name == "reported_at")
    if moment is None:
        raise _RefusedError("bad_date", field.name)
    return moment


_READERS: Mapping[Kind, Callable[[str, Field], Value | int]] = {
    "word": _read_word,
    "amount": _read_number,
    "grade": _read_grade,
    "period": _read_period,
    "moment": _read_moment,
    "identity": _read_identity,
}


_FIELDS = {
    feed: [(field, _READERS.get(field.kind)) for field in fields_of(feed) if field is not _EVENT_ID] for feed in FEEDS
}
"""Each feed's fields but the event's id, with what reads them; text is taken as it stands."""


def read_moment(text: str, *, end_of_day: bool = False) -> int | None:
    """The instant of an ISO 8601 date or time, or None if there is no such one."""
    shape = _MOMENT.fullmatch(text)
    if shape is None or shape[1] < _FIRST_YEAR:
        return None
    try:
        return parse_instant(text, end_of_day=end_of_day)
    except ValueError:
        return None
