"""Made-up identity numbers and records for tests; no such person exists."""

import json
from datetime import date
from typing import Any

from streams.feeds import FEEDS, fields_of
from streams.identity import check_digit
from streams.moments import parse_instant
from streams.secrets import Keys

KEYS = Keys(b"a secret of tests, thirty-two bytes at least")
NOW = parse_instant("2026-06-30T12:00:00+08:00")


def number(serial: int, born: date = date(1960, 5, 17), division: str = "420525") -> str:
    """A valid identity number."""
    first = f"{division}{born:%Y%m%d}{serial:03d}"
    return first + check_digit(first)


def record(feed: str, serial: int = 1, **changed: Any) -> dict[str, Any]:
    """A record of a feed that passes every check, with some fields changed; None takes a field out."""
    values = {"amount": 1200.5, "grade": 2, "period": "2026-05", "moment": "2026-06-01", "identity": number(serial + 1)}
    given: dict[str, Any] = {
        field.name: min(field.words) if field.kind == "word" else values.get(field.kind, f"{field.name} 甲")
        for field in fields_of(feed)
    }
    given |= {"id_number": number(serial), "op": "upsert", "event_id": f"E-{serial}", "reported_at": "2026-06-02"}
    given |= changed
    return {name: value for name, value in given.items() if value is not None}


def as_json(given: Any) -> bytes:
    """A record or an array of them as a department would send it."""
    return json.dumps(given, ensure_ascii=False).encode()


ALL_FEEDS = sorted(FEEDS)
