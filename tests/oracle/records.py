"""A department's record as plain values, and what is refused (rules.md "Refused", contract.md §4)."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import TypeVar

from tests.oracle import clock, persons

Row = Mapping[str, object]
T = TypeVar("T")

COMMON = ("event_id", "id_number", "name", "occurred_at", "reported_at", "region", "source", "op")
_PAID = ("paid", "stopped")
_VEHICLES = ("car", "truck", "motorcycle", "agricultural", "tricycle", "other")
_ROLES = ("legal_representative", "shareholder", "sole_proprietor", "executive")
_ANY: tuple[str, ...] = ()  # text of any kind
# Contract §4: per feed its further fields; words where they are listed; a name that ends in ? may be absent.
FEEDS: dict[str, dict[str, tuple[str, ...] | str]] = {
    "deaths": {"certificate_no?": _ANY},
    "vehicles": {
        "plate": _ANY,
        "vehicle_type": _VEHICLES,
        "value?": "number",
        "action": ("registered", "transferred", "scrapped"),
    },
    "properties": {
        "property_id": _ANY,
        "use": ("residential", "commercial", "other"),
        "area_m2?": "number",
        "value?": "number",
        "action": ("acquired", "disposed"),
    },
    "social-insurance": {
        "employer": _ANY,
        "base": "number",
        "period": "month",
        "kind": ("employee", "flexible", "resident"),
        "status": _PAID,
    },
    "housing-fund": {"employer": _ANY, "base": "number", "period": "month", "status": _PAID},
    "businesses": {
        "company_id": _ANY,
        "role": _ROLES,
        "registered_capital?": "number",
        "action": ("registered", "cancelled"),
    },
    "marriages": {"action": ("married", "divorced"), "spouse_id_number?": "identity"},
    "household-register": {
        "action": ("moved_in", "moved_out", "born", "cancelled"),
        "to_region?": _ANY,
        "related_id_number?": "identity",
    },
    "taxes": {"income_kind": ("wages", "business", "property", "other"), "amount": "number", "period": "month"},
    "pensions": {"amount": "number", "period": "month"},
    "medical": {"total_cost": "number", "out_of_pocket": "number"},
    "disabilities": {"grade": ("1", "2", "3", "4"), "action": ("certified", "revoked")},
    "subsidies": {"kind": ("farm_machinery", "forestry", "other"), "amount": "number"},
    "public-posts": {"employer": _ANY, "action": ("hired", "left")},
    "custody": {"action": ("imprisoned", "released")},
}
BY_PERIOD = frozenset({"social-insurance", "housing-fund", "taxes", "pensions"})
BY_AMOUNT = frozenset({"medical", "subsidies"})


class RefusedError(Exception):
    """The record is refused for this reason, because of this field."""

    def __init__(self, reason: str, field: str) -> None:
        super().__init__(reason, field)
        self.reason = reason
        self.field = field


@dataclass(frozen=True, eq=False)
class Record:
    """One usable record; `key` is what corrections and retractions name it by."""

    feed: str
    key: str
    op: str
    person: str
    spouse: str
    related: str
    name: str
    occurred_at: datetime
    reported_at: datetime
    fields: Mapping[str, str]
    content: str

    def __getitem__(self, field: str) -> str:
        return self.fields.get(field, "")

    @property
    def event_id(self) -> str:
        """As given; a derived one is shown by its content."""
        return self.fields.get("event_id") or f"derived:{self.key}"

    @property
    def day(self) -> date:
        """The day of `occurred_at`."""
        return clock.day(self.occurred_at)

    @property
    def period(self) -> int | None:
        """The month of a record by period."""
        return clock.month(self["period"]) if self.feed in BY_PERIOD else None

    @property
    def persons(self) -> frozenset[str]:
        """Fact 3: a change concerns every person whom it names."""
        return frozenset({self.person, self.spouse, self.related} - {""})

    def amount(self, field: str) -> Fraction:
        """A number, 0 where absent."""
        return number(self[field]) if self[field] else Fraction(0)

    @property
    def order(self) -> tuple[datetime, datetime, str, str]:
        """Earlier is smaller; ties by report, then by feed and `event_id` as replay does (contract §5)."""
        return (self.occurred_at, self.reported_at, self.feed, self.event_id)


def _holds_identity(text: str) -> bool:
    for found in re.finditer(r"(?<![0-9])[0-9]{17}[0-9Xx](?![0-9])", text):
        try:
            persons.identity(found.group())
        except ValueError:
            continue
        return True
    return False


def number(text: str) -> Fraction:
    """A number that is not negative. Raises ValueError."""
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise ValueError("no number") from error
    if not text.isascii() or not value.is_finite() or value < 0 or "_" in text:
        raise ValueError("negative or none")
    return Fraction(value)


def usable(feed: str, row: Row, now: datetime) -> Record:
    """The record in a row. Raises RefusedError."""
    if None in row:  # more or fewer columns than the header, as csv.DictReader tells
        raise RefusedError("bad_columns", "")
    known = {*COMMON, *(name.rstrip("?") for name in FEEDS[feed])}
    fields = {field: _text(row.get(field)) for field in known if _text(row.get(field))}
    if _holds_identity(fields.get("event_id", "")):  # contract §4: replaced by a derived one
        del fields["event_id"]
    op = fields.get("op", "upsert")
    if op not in ("upsert", "retract"):
        raise RefusedError("unknown_word", "op")
    _check_missing(feed, fields, partly=op == "retract" and "event_id" in fields)
    _check_kinds(feed, fields)
    for field in ("id_number", "spouse_id_number", "related_id_number"):
        if field in fields:
            fields[field] = _read(persons.identity, fields[field], "bad_identity", field)
    occurred_at = _read(clock.moment, fields["occurred_at"], "bad_date", "occurred_at")
    reported_at = occurred_at
    if "reported_at" in fields:
        reported_at = _read(
            lambda t: clock.moment(t, end_of_day=True), fields["reported_at"], "bad_date", "reported_at"
        )
    if occurred_at > reported_at + clock.ONE_DAY:
        raise RefusedError("bad_date", "occurred_at")
    for field, at in (("occurred_at", occurred_at), ("reported_at", reported_at)):
        if at > now + clock.ONE_DAY:
            raise RefusedError("future", field)
    return Record(
        feed=feed,
        key=f"id:{fields['event_id']}" if "event_id" in fields else f"content:{_content(fields, derived=True)}",
        op=op,
        person=fields["id_number"],
        spouse=fields.get("spouse_id_number", ""),
        related=fields.get("related_id_number", ""),
        name=persons.compared(fields.get("name", "")),
        occurred_at=occurred_at,
        reported_at=reported_at,
        fields=fields,
        content=_content(fields, derived=False),
    )


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()


def _check_missing(feed: str, fields: Mapping[str, str], *, partly: bool) -> None:
    """A required field missing or empty; a retraction with an `event_id` may leave the others empty (fact 4)."""
    required = ["id_number", "occurred_at"]
    if not partly:
        required += [field for field in FEEDS[feed] if not field.endswith("?")]
    for field in required:
        if field not in fields:
            raise RefusedError("missing", field)


def _check_kinds(feed: str, fields: Mapping[str, str]) -> None:
    """A word outside the listed ones, a number that is negative or none, a period that does not exist."""
    for name, kind in FEEDS[feed].items():
        field = name.rstrip("?")
        if field not in fields:
            continue
        if kind == "number":
            _read(number, fields[field], "bad_number", field)
        elif kind == "month":
            _read(clock.month, fields[field], "bad_date", field)
        elif isinstance(kind, tuple) and kind and fields[field] not in kind:
            raise RefusedError("unknown_word", field)


def _read(read: Callable[[str], T], text: str, reason: str, field: str) -> T:
    try:
        return read(text)
    except (ValueError, OverflowError) as error:
        raise RefusedError(reason, field) from error


def _content(fields: Mapping[str, str], *, derived: bool) -> str:
    """Fine print 4: UTF-8 JSON with sorted keys, values as text; for a derived id without what fact 4 leaves out."""
    left_out = {"op", "reported_at", "event_id"} if derived else set()
    kept = {field: value for field, value in fields.items() if field not in left_out}
    return json.dumps(kept, ensure_ascii=False, sort_keys=True)


def standing(records: Iterable[Record]) -> list[Record]:
    """Fact 4: what is left of all records once corrections and retractions have done their work.

    Of several upserts with one feed and `event_id` the one with the latest `reported_at` stands, ties by content (the
    greater); a retraction undoes the record with that `event_id` for good, also when it comes first; one without
    `event_id` undoes the record of equal content. Fact 2: what is `too_old` is not judged, as if it had not come.
    """
    groups: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        if record.op == "retract" or not too_old(record):
            groups.setdefault((record.feed, record.key), []).append(record)
    kept = [
        max(group, key=lambda r: (r.reported_at, r.content.encode()))
        for group in groups.values()
        if all(record.op == "upsert" for record in group)
    ]
    return sorted(kept, key=lambda r: r.order)


def too_old(record: Record) -> bool:
    """Fact 2: a record by period or amount that occurred more than 26 months before its own report."""
    if record.feed not in BY_PERIOD | BY_AMOUNT:
        return False
    limit = clock.months_later(record.day, 26)
    time_of_day = record.occurred_at - clock.at_midnight(record.day)
    return clock.at_midnight(limit) + time_of_day < record.reported_at
