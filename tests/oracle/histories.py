"""Dense small histories by seed: few people, plates and employers, so that records meet, on days at which things turn.

``python -m tests.oracle.histories [N]`` prints how often each rule fires in N histories.
"""

import random
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.oracle.records import BY_PERIOD, FEEDS
from tests.oracle.story import person

Row = dict[str, Any]
NOW = datetime(2029, 1, 1, tzinfo=UTC)
NAMES = ("张三", "买买提·艾力", "李四", "王五", "赵六", "钱七")
PEOPLE = {person(number): name for number, name in zip((11, 22, 33, 44, 55, 66), NAMES, strict=True)}
STRANGER = person(99)
CHILDREN = (person(1, "20260310"), person(2, "20260310"))
TURNS = tuple(date.fromisoformat(day) for day in ("2026-01-01", "2026-02-01", "2026-03-10", "2026-04-01", "2026-07-01"))
VEHICLES = {"鄂E1": "car", "鄂E2": "truck", "鄂E3": "other", "鄂E4": "tricycle"}
PROPERTIES = {"P-1": "residential", "P-2": "residential", "P-3": "residential", "P-4": "commercial", "P-5": "other"}
PROGRAMS = (
    "dibao",
    "dibao",
    "dibao medical",
    "tekun",
    "low_income",
    "expense_poor housing",
    "medical",
    "",
    "temporary",
)
EMPLOYERS = ("甲厂", "乙厂", "丙店")
AMOUNTS = (0, 300, 800, 801, 1300, 2700, 4100, 8000, 9500)


@dataclass(frozen=True)
class History:
    """A roster in reading order and the rows of every feed, in contract form."""

    roster: list[Row]
    events: dict[str, list[Row]] = field(default_factory=dict)

    @property
    def rows(self) -> list[tuple[str, Row]]:
        """All rows with their feed."""
        return [(feed, row) for feed, rows in self.events.items() for row in rows]


def gather(roster: Sequence[Row], rows: Sequence[tuple[str, Row]]) -> History:
    """A history of these rows."""
    events: dict[str, list[Row]] = {}
    for feed, row in rows:
        events.setdefault(feed, []).append(row)
    return History(list(roster), events)


def history(seed: int) -> History:
    """The history of a seed."""
    rng = random.Random(seed)
    feeds = rng.sample(sorted(FEEDS), rng.choice((2, 3, 4, 15)))
    if rng.random() < 0.4 and "deaths" not in feeds:
        feeds.append("deaths")
    rows: list[tuple[str, Row]] = []
    for number in range(rng.randint(3, 30)):
        rows += _told(rng, rng.choice(feeds), number, rows)
    rng.shuffle(rows)
    return gather(_roster(rng), rows)


def histories() -> st.SearchStrategy[History]:
    """The same histories for Hypothesis."""
    return st.integers(min_value=0, max_value=2**32).map(history)


def _roster(rng: random.Random) -> list[Row]:
    people = rng.sample(sorted(PEOPLE), rng.randint(2, 5))
    roster = []
    for number in range(rng.choice((1, 1, 2, 3))):
        region = rng.choice(("420525101003", "420525102", "420526"))
        for _ in range(rng.choice((1, 1, 2, 3))):
            roster.append(_line(rng, f"H-{number + 1}", rng.choice((region, region, "420525101003")), people))
    return roster


def _line(rng: random.Random, household: str, region: str, people: Sequence[str]) -> Row:
    listed = [who for who in people if rng.random() < 0.75] or list(people[:1])
    members = [_member(rng, who) for who in listed]
    own = sum(m.get("declared_monthly_income", 0) for m in members if m["co_resident"])
    line: Row = {
        "household_id": household,
        "region": region,
        "as_of": rng.choice(TURNS[:1] * 2 + TURNS).isoformat(),
        "programs": [{"program": name} for name in rng.choice(PROGRAMS).split()],
        "declared_vehicles": rng.choice((0, 0, 0, 1, 2)),
        "declared_properties": rng.choice((0, 0, 1, 2)),
        "members": members,
    }
    declared = rng.choice((own, own, own, own + 500, own // 2, None))
    if declared is not None:
        line["declared_monthly_income"] = declared
    consent = rng.choice(("2028-12-31",) * 7 + ("2026-03-10", "2026-06-30", None))
    if consent is not None:
        line["consent_until"] = consent
    return line


def _member(rng: random.Random, who: str) -> Row:
    row: Row = {"id_number": who, "relation": "other", "co_resident": rng.random() < 0.75}
    if rng.random() < 0.8:
        row["name"] = PEOPLE[who]
    if rng.random() < 0.5:
        row["declared_monthly_income"] = rng.choice((0, 300, 600, 900, 2000))
    if rng.random() < 0.3:
        row["disability_grade"] = rng.randint(1, 4)
    return row


def _told(rng: random.Random, feed: str, number: int, so_far: list[tuple[str, Row]]) -> list[tuple[str, Row]]:
    """A new record, or one told again, corrected or taken back."""
    kind = rng.random()
    earlier = [row for other, row in so_far if other == feed and row.get("op") != "retract"]
    if kind < 0.1 and earlier:
        return [(feed, _retraction(rng, rng.choice(earlier)))]
    if kind < 0.2 and earlier:
        return [(feed, _correction(rng, feed, rng.choice(earlier)))]
    if kind < 0.25 and earlier:
        return [(feed, dict(rng.choice(earlier)))]
    if feed in BY_PERIOD and rng.random() < 0.4:
        return [(feed, row) for row in _months(rng, feed, number)]
    return [(feed, _record(rng, feed, f"{feed}-{number}"))]


def _months(rng: random.Random, feed: str, number: int) -> list[Row]:
    """The same payment month after month; a contribution may stop in the last one."""
    first = _record(rng, feed, "") | {"id_number": rng.choice(sorted(PEOPLE))}
    start = rng.randint(1, 8)
    rows = []
    for month in range(start, start + rng.randint(2, 5)):
        row = first | {"occurred_at": f"2026-{month:02d}-05", "period": f"2026-{month:02d}"}
        rows.append(row | {"event_id": f"{feed}-{number}-{month}"})
        rows[-1].pop("reported_at", None)
    if "status" in first:
        rows[-1]["status"] = rng.choice(("stopped", "paid"))
    return rows


def _retraction(rng: random.Random, of: Row) -> Row:
    report = {"reported_at": _report(rng, date(2026, 3, 1))}
    if "event_id" not in of:
        return of | {"op": "retract"} | report
    kept = ("event_id", "id_number", "occurred_at", "spouse_id_number", "related_id_number")
    return {name: of[name] for name in kept if name in of} | {"op": "retract"} | report


def _correction(rng: random.Random, feed: str, of: Row) -> Row:
    fresh = _record(rng, feed, of.get("event_id", ""))
    if rng.random() < 0.7:  # the same persons; an upsert that names others undoes it as well
        fresh |= {name: of[name] for name in ("id_number", "spouse_id_number", "related_id_number") if name in of}
    if "event_id" in of:
        fresh["event_id"] = of["event_id"]
    return fresh


def _record(rng: random.Random, feed: str, event_id: str) -> Row:
    who = rng.choice([*PEOPLE, STRANGER])
    day = _day(rng)
    row: Row = {"id_number": who, "occurred_at": _time(rng, day)}
    if event_id and rng.random() < 0.85:
        row["event_id"] = event_id
    else:  # no ties with others: they would be settled by a derived id
        row["occurred_at"] = f"{day.isoformat()}T11:{rng.randint(0, 59):02d}:{rng.randint(0, 59):02d}"
    if rng.random() < 0.45:
        row["name"] = _name(rng, who)
    if rng.random() < 0.5:
        row["reported_at"] = _report(rng, day)
    row |= _FIELDS[feed](rng)
    if feed in BY_PERIOD:
        month = day.year * 12 + day.month - 1 - rng.choice((0, 0, 0, 1, 2))
        row["period"] = f"{month // 12}-{month % 12 + 1:02d}"
    if row.get("action") == "born":
        row |= {"id_number": rng.choice(CHILDREN), "related_id_number": who}
    return row


def _day(rng: random.Random) -> date:
    if rng.random() < 0.4:
        return rng.choice(TURNS) + timedelta(days=rng.choice((-1, 0, 0, 1)))
    if rng.random() < 0.5:
        return date(2026, rng.randint(1, 12), rng.choice((1, 5, 28)))
    return date(2025, 11, 1) + timedelta(days=rng.randint(0, 500))


def _time(rng: random.Random, day: date) -> str:
    return day.isoformat() + rng.choice(("", "", "", "", "T08:30:00", "T00:00:01", "T23:59:59", "T16:00:00Z"))


def _report(rng: random.Random, day: date) -> str:
    later = rng.choice((0, 0, 1, 5, 40, 200, 850))
    return (day + timedelta(days=later)).isoformat() + rng.choice(("", "", "T12:00:00"))


def _name(rng: random.Random, who: str) -> str:
    right = PEOPLE.get(who, "外人")
    return rng.choice((right, right.replace("·", " . "), right[0] + " " + right[1:], "张叁", "张 叁", "李肆"))


def _amount(rng: random.Random) -> str:
    return str(rng.choice(AMOUNTS))


_FIELDS: dict[str, Callable[[random.Random], Row]] = {
    "deaths": lambda rng: {},
    "vehicles": lambda rng: {
        "plate": (plate := rng.choice(sorted(VEHICLES))),
        "vehicle_type": VEHICLES[plate],
        "action": rng.choice(("registered", "registered", "transferred", "scrapped")),
    },
    "properties": lambda rng: {
        "property_id": (held := rng.choice(sorted(PROPERTIES))),
        "use": PROPERTIES[held],
        "action": rng.choice(("acquired", "acquired", "disposed")),
    },
    "social-insurance": lambda rng: {
        "employer": rng.choice(EMPLOYERS),
        "base": _amount(rng),
        "kind": rng.choice(("employee", "employee", "employee", "flexible", "resident")),
        "status": rng.choice(("paid", "paid", "stopped")),
    },
    "housing-fund": lambda rng: {
        "employer": rng.choice(EMPLOYERS),
        "base": _amount(rng),
        "status": rng.choice(("paid", "paid", "stopped")),
    },
    "businesses": lambda rng: {
        "company_id": rng.choice(("C-1", "C-2")),
        "role": rng.choice(("legal_representative", "shareholder", "sole_proprietor", "executive")),
        "registered_capital": rng.choice(("", "99999", "100000")),
        "action": rng.choice(("registered", "registered", "cancelled")),
    },
    "marriages": lambda rng: {
        "action": rng.choice(("married", "divorced")),
        "spouse_id_number": rng.choice((*PEOPLE, STRANGER, "")),
    },
    "household-register": lambda rng: {
        "action": rng.choice(("moved_in", "moved_out", "moved_out", "born", "born", "cancelled")),
        "to_region": rng.choice(("", "420525", "420526101")),
        "related_id_number": rng.choice((*PEOPLE, "")),
    },
    "taxes": lambda rng: {
        "income_kind": rng.choice(("wages", "business", "property", "other")),
        "amount": _amount(rng),
    },
    "pensions": lambda rng: {"amount": _amount(rng)},
    "medical": lambda rng: {"total_cost": "9999", "out_of_pocket": _amount(rng)},
    "disabilities": lambda rng: {
        "grade": str(rng.choice((1, 2, 2, 3))),
        "action": rng.choice(("certified", "certified", "revoked")),
    },
    "subsidies": lambda rng: {"kind": "other", "amount": rng.choice((*map(str, AMOUNTS), "10000", "10001"))},
    "public-posts": lambda rng: {
        "employer": rng.choice(EMPLOYERS[:2]),
        "action": rng.choice(("hired", "hired", "left")),
    },
    "custody": lambda rng: {"action": rng.choice(("imprisoned", "imprisoned", "released"))},
}


def coverage(count: int) -> Counter[str]:
    """In how many of so many histories each rule fires."""
    from tests.oracle import standing

    fired: Counter[str] = Counter()
    for seed in range(count):
        of = history(seed)
        fired.update({alert.source for alert in standing(of.roster, of.events, None, NOW)})
    return fired


if __name__ == "__main__":
    total = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    for rule, times in coverage(total).most_common():
        sys.stdout.write(f"{rule:25} {times:6} of {total} histories\n")
