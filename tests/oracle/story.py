"""Short words for hand-written histories: people, roster lines, records and the alerts they must leave."""

from dataclasses import dataclass
from typing import Any

from tests.oracle.persons import check_digit

NOW = "2027-12-31T12:00:00+08:00"
REGION = "420525101003"
Row = dict[str, Any]


def person(number: int, birthday: str = "19540312") -> str:
    """A made-up identity number."""
    first = f"420525{birthday}{number:03d}"
    return first + check_digit(first)


A, B, C, D, E, S, T, X = (person(number) for number in (11, 22, 33, 44, 55, 66, 77, 88))
"""A to E usually live in the household, S and T are usually supporters, X is a stranger."""
BABY, TWIN = person(1, "20260310"), person(2, "20260310")


def member(of: str, **fields: Any) -> Row:
    """A co-resident member unless said otherwise."""
    return {"id_number": of, "name": "", "relation": "other", "co_resident": True, **fields}


def supporter(of: str, **fields: Any) -> Row:
    """A member who lives elsewhere."""
    return member(of, co_resident=False, **fields)


def home(*members: Row | str, as_of: str = "2026-01-01", programs: str = "dibao", **fields: Any) -> Row:
    """A roster line; H-1, dibao, consent for long, nothing declared unless said otherwise."""
    return {
        "household_id": "H-1",
        "region": REGION,
        "as_of": as_of,
        "programs": [{"program": name, "since": as_of} for name in programs.split()],
        "consent_until": "2028-12-31",
        "declared_vehicles": 0,
        "declared_properties": 0,
        "declared_monthly_income": sum(
            m.get("declared_monthly_income") or 0 for m in members if isinstance(m, dict) and m["co_resident"]
        ),
        "members": [member(m) if isinstance(m, str) else m for m in members],
    } | fields


_TYPICAL: dict[str, Row] = {
    "deaths": {},
    "vehicles": {"plate": "鄂E1", "vehicle_type": "car", "action": "registered"},
    "properties": {"property_id": "P-1", "use": "residential", "action": "acquired"},
    "social-insurance": {"employer": "甲厂", "base": 3000, "kind": "employee", "status": "paid"},
    "housing-fund": {"employer": "甲厂", "base": 3000, "status": "paid"},
    "businesses": {"company_id": "C-1", "role": "shareholder", "action": "registered"},
    "marriages": {"action": "married"},
    "household-register": {},
    "taxes": {"income_kind": "wages", "amount": 3000},
    "pensions": {"amount": 1000},
    "medical": {"total_cost": 9000, "out_of_pocket": 4000},
    "disabilities": {"grade": 1, "action": "certified"},
    "subsidies": {"kind": "other", "amount": 6000},
    "public-posts": {"employer": "镇政府", "action": "hired"},
    "custody": {"action": "imprisoned"},
}


def says(feed: str, of: str, at: str, event_id: str = "", **fields: Any) -> Row:
    """A typical record of a feed, changed by `fields`. `feed` stays beside the record's own fields."""
    common = {"event_id": event_id} if event_id else {}
    typical = dict(_TYPICAL[feed])
    if feed in ("social-insurance", "housing-fund", "taxes", "pensions"):
        typical["period"] = at[:7]
    return {"feed": feed, **common, "id_number": of, "occurred_at": at, **typical, **fields}


def takes_back(feed: str, of: str, at: str, event_id: str, **fields: Any) -> Row:
    """A retraction: `occurred_at` and every identity number, nothing else."""
    return {"feed": feed, "event_id": event_id, "id_number": of, "occurred_at": at, "op": "retract", **fields}


@dataclass(frozen=True)
class Case:
    """A roster and records, and every alert of the named rules that must stand: no more, no fewer.

    `expected` are lines like ``source[@household] day severity [doubtful] [due=day] [ids=a,b]``, with `source` left out
    where the case is about one rule.
    """

    name: str
    rules: tuple[str, ...]
    roster: tuple[Row, ...]
    records: tuple[Row, ...]
    expected: tuple[str, ...]

    @property
    def events(self) -> dict[str, list[Row]]:
        """The records by feed, as files hold them."""
        by_feed: dict[str, list[Row]] = {}
        for record in self.records:
            fields = {name: value for name, value in record.items() if name != "feed"}
            by_feed.setdefault(record["feed"], []).append(fields)
        return by_feed


@dataclass(frozen=True, order=True)
class Seen:
    """What a case compares of a standing alert; None where the case does not say."""

    source: str
    household: str
    occurred_at: str
    severity: str
    match: str = "exact"
    due: str | None = None
    ids: tuple[str, ...] | None = None

    def shows(self, other: "Seen") -> bool:
        """This alert is the one that `other` expects."""
        same = (self.source, self.household, self.severity, self.match) == (
            other.source,
            other.household,
            other.severity,
            other.match,
        )
        return (
            same
            and self.occurred_at.startswith(other.occurred_at)
            and other.due in (None, self.due)
            and other.ids in (None, self.ids)
        )


def case(name: str, rules: str, roster: list[Row], records: list[Row], *expected: str) -> Case:
    """A case about the rules named (space between them)."""
    return Case(name, tuple(rules.split()), tuple(roster), tuple(records), expected)


def expectation(of: Case, line: str) -> Seen:
    """Read a line of `expected`."""
    words = line.split()
    source, household = of.rules[0], "H-1"
    if not words[0][0].isdigit():
        source, _, elsewhere = words.pop(0).partition("@")
        source, household = source or of.rules[0], elsewhere or household
    options = dict(word.split("=") for word in words[2:] if "=" in word)
    return Seen(
        source=source,
        household=household,
        occurred_at=words[0],
        severity=words[1],
        match="doubtful" if "doubtful" in words else "exact",
        due=options.get("due"),
        ids=tuple(sorted(filter(None, options["ids"].split(",")))) if "ids" in options else None,
    )


def differences(of: Case, seen: list[Seen]) -> list[str]:
    """What stands without being expected and what is expected without standing."""
    left = [alert for alert in seen if alert.source in of.rules]
    missing = []
    for line in of.expected:
        wanted = expectation(of, line)
        found = next((alert for alert in left if alert.shows(wanted)), None)
        if found is None:
            missing.append(f"missing: {line}")
        else:
            left.remove(found)
    return missing + [f"unexpected: {alert}" for alert in left]
