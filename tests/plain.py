"""Contract-form dicts as changes and lines, with the plain number as pseudonym: short and easy to read."""

import hashlib
from collections.abc import Mapping
from typing import Any

from streams.changes import Change
from streams.moments import parse_day, parse_instant
from streams.names import compared_form
from streams.roster import Grant, Line, Member

COMMON = {"event_id", "id_number", "name", "occurred_at", "reported_at", "region", "source", "op"}
PERSONS = {"spouse_id_number", "related_id_number"}
NUMBERS = {
    "value", "area_m2", "base", "registered_capital", "amount", "total_cost", "out_of_pocket", "grade",
}  # fmt: skip


def change(feed: str, record: Mapping[str, Any]) -> Change:
    """A valid record as a change."""
    given = {name: str(value) for name, value in record.items() if value not in (None, "")}
    values = {
        name: float(value) if name in NUMBERS else value
        for name, value in given.items()
        if name not in COMMON | PERSONS
    }
    content = sorted((n, v) for n, v in given.items() if n not in ("op", "reported_at", "event_id"))
    derived = hashlib.blake2b(repr((feed, content)).encode(), digest_size=8).hexdigest()
    occurred_at = parse_instant(given["occurred_at"])
    reported = given.get("reported_at")
    return Change(
        feed=feed,
        event_id=given.get("event_id", derived),
        derived="event_id" not in given,
        person=given["id_number"],
        spouse=given.get("spouse_id_number", ""),
        related=given.get("related_id_number", ""),
        name=compared_form(given.get("name", "")),
        occurred_at=occurred_at,
        reported_at=parse_instant(reported, end_of_day=True) if reported else occurred_at,
        op="retract" if given.get("op") == "retract" else "upsert",
        region=given.get("region", ""),
        source=given.get("source", ""),
        values=values,
        sealed=given.get("name", ""),
    )


def line(record: Mapping[str, Any]) -> Line:
    """A household as a line."""
    members = [
        Member(
            person=m["id_number"],
            relation=m.get("relation", "head" if place == 0 else "other"),
            name=compared_form(m.get("name") or ""),
            co_resident=bool(m.get("co_resident", True)),
            disability_grade=m.get("disability_grade"),
            declared_monthly_income=float(m.get("declared_monthly_income") or 0),
        )
        for place, m in enumerate(record["members"])
    ]
    consent = record.get("consent_until")
    income = record.get("declared_monthly_income")
    return Line(
        household_id=record.get("household_id", "H-1"),
        region=str(record.get("region", "420525101003")),
        as_of=parse_day(record.get("as_of", "2026-01-01")),
        programs=tuple(Grant(program=p["program"]) for p in record.get("programs", [{"program": "dibao"}])),
        members=tuple(members),
        declared_monthly_income=None if income is None else float(income),
        declared_vehicles=int(record.get("declared_vehicles") or 0),
        declared_properties=int(record.get("declared_properties") or 0),
        consent_until=parse_day(consent) if consent else None,
    )
