"""What the rules that read pay, bills, deaths, names and consent must say of a household's final records.

A household in which somebody is put into work has a new income, too; whoever dies may have been the breadwinner. Such
consequences are labelled here, by a plain reading of rules.md. The other rules fire only where a tale makes them.
"""

from collections.abc import Iterator

from monitor.simulation.almanac import first_day, month_number
from monitor.simulation.model import Household, Label, Line, Person, Record
from monitor.simulation.scene import DIRECTIONS
from streams.moments import date_of

Finding = tuple[str, int, Person | None]
"""Rule, day, person."""
_LINES = {"dibao": 800, "tekun": 800, "low_income": 1200, "expense_poor": 1200}
_HIGH_BASE = 8000
_DIBAO_LINE = 800
_LARGE_SUBSIDY = 10_000
_FLOOR, _SHARE = 3000, 0.4


def read(home: Household) -> None:
    """Label what follows from the records, and drop near misses that turned out to be none."""
    fires = {finding[0] for finding in _label(home)}
    home.near_misses = [near for near in home.near_misses if near.kind not in fires]


def _label(home: Household) -> list[Finding]:
    standing = [r for r in home.records if not r.wrong_number and r.retracted_after is None]
    findings = [
        *_without_consent(home, standing),
        *_deaths(home, standing),
        *_pay(home, [r for r in standing if readable(home, r)]),
    ]
    for kind, day, person in findings:
        size = home.sizes.get(kind)
        home.labels.append(
            Label(
                household_id=home.household_id,
                kind=kind,
                direction=DIRECTIONS[kind],
                since=day,
                person=person,
                size=size or "plain",
                cause="truth" if size else "consequence",
            )
        )
    return findings


def readable(home: Household, record: Record) -> Line | None:
    """The line that judges a record; None where no rule may read it."""
    line = home.line_at(record.day)
    if line is None or not line.consents(record.day) or record.person not in line.members:
        return None
    died = record.person.died
    return None if died is not None and record.day > died else line


def _without_consent(home: Household, standing: list[Record]) -> Iterator[Finding]:
    """Once a calendar year, the earliest change."""
    seen = set()
    for record in sorted(standing, key=lambda r: (r.day, r.second)):
        line = home.line_at(record.day)
        year = date_of(record.day).year
        if line and record.feed != "deaths" and not line.consents(record.day) and year not in seen:
            seen.add(year)
            yield "consent-missing", record.day, None


def _deaths(home: Household, standing: list[Record]) -> Iterator[Finding]:
    """A death needs no consent; one before `as_of` counts from the first line that lists the dead."""
    for record in standing:
        if record.feed != "deaths" or not record.person.co_resident:
            continue
        line = home.line_at(record.day)
        later = [one for one in home.lines if one.as_of > record.day and one.programs and record.person in one.members]
        if line is None and later:
            line = later[0]
        if line is None or record.person not in line.members:
            continue
        yield "death-receiving", record.day, record.person
        others = [p for p in line.residents if p is not record.person and (p.died is None or p.died >= record.day)]
        if record.person.declared > 0 and record.person.declared >= sum(p.declared for p in others) and others:
            yield "breadwinner-death", record.day, record.person


def _pay(home: Household, readable_records: list[Record]) -> Iterator[Finding]:
    ordered = sorted(readable_records, key=lambda r: (_period(r), r.day))
    yield from _once(home, ordered)
    yield from _job_lost(home, ordered)
    yield from _income_above_line(home, ordered)
    yield from _names(ordered)
    yield from _window(home, ordered, "medical", "out_of_pocket", "catastrophic-medical")
    yield from _window(home, ordered, "subsidies", "amount", "large-subsidy")


def _period(record: Record) -> int:
    period = record.values.get("period")
    return period if isinstance(period, int) else month_number(record.day)


def number(record: Record, field: str) -> float:
    """An amount of a record."""
    value = record.values.get(field, 0)
    return 0.0 if isinstance(value, str) else float(value)


def _line(home: Household, record: Record) -> Line:
    line = home.line_at(record.day)
    assert line is not None
    return line


def _once(home: Household, ordered: list[Record]) -> Iterator[Finding]:
    """Rules by record, once per person (and employer): the earliest period counts."""
    said = set()
    for record in ordered:
        person, line = record.person, _line(home, record)
        declared = person.declared + line.rest
        paid = record.values.get("status") == "paid"
        base, employee = number(record, "base"), record.values.get("kind") == "employee"
        found = None
        if not person.co_resident:
            if record.feed == "social-insurance" and employee and paid and base >= _HIGH_BASE:
                found = ("supporter-means", "")
        elif record.feed == "social-insurance" and employee and paid and base > 2 * declared:
            found = ("formal-employment", str(record.values["employer"]))
        elif record.feed == "housing-fund" and paid and base > declared:
            found = ("housing-fund-paid", str(record.values["employer"]))
        elif record.feed == "pensions" and number(record, "amount") >= max(_DIBAO_LINE, declared + 0.001):
            found = ("retirement-pension", "")
        if found and (person, *found) not in said:
            said.add((person, *found))
            yield found[0], record.day, person


def _job_lost(home: Household, ordered: list[Record]) -> Iterator[Finding]:
    contributions = [r for r in ordered if r.feed == "social-insurance" and r.values["kind"] == "employee"]
    paid = {(r.person, r.values["employer"], _period(r)) for r in contributions if r.values["status"] == "paid"}
    for record in contributions:
        employer, period = record.values["employer"], _period(record)
        if record.values["status"] != "stopped" or not record.person.co_resident:
            continue
        before = any((record.person, employer, period - back) in paid for back in (1, 2, 3))
        elsewhere = any(p is record.person and e != employer and m in (period, period + 1) for p, e, m in paid)
        if before and not elsewhere:
            yield "job-lost", record.day, record.person


def _names(ordered: list[Record]) -> Iterator[Finding]:
    said = set()
    for record in sorted(ordered, key=lambda r: (r.day, r.second)):
        name = _compared(record.name or "")
        if name and name != _compared(record.person.name) and (record.person, name) not in said:
            said.add((record.person, name))
            yield "identity-mismatch", record.day, record.person


def _compared(name: str) -> str:
    return "".join(c for c in name if not c.isspace() and c not in "·•・‧.")


def _window(home: Household, ordered: list[Record], feed: str, field: str, kind: str) -> Iterator[Finding]:
    """Sums of 365 days; once in 365 days from the crossing."""
    read = sorted((r for r in ordered if r.feed == feed and r.person.co_resident), key=lambda r: (r.day, r.second))
    crossed = None
    for place, record in enumerate(read):
        if crossed is not None and record.day - crossed < 365:
            continue
        limit = _LARGE_SUBSIDY if feed == "subsidies" else max(_FLOOR, _SHARE * 12 * _line(home, record).declared)
        within = [other for other in read[: place + 1] if other.day > record.day - 365]
        if sum(number(other, field) for other in within) > limit:
            crossed = record.day
            yield kind, record.day, None


def _income_above_line(home: Household, ordered: list[Record]) -> Iterator[Finding]:
    by_period: dict[int, list[Record]] = {}
    for record in ordered:
        income = (
            record.feed in ("housing-fund", "pensions")
            or (record.feed == "social-insurance" and record.values["kind"] == "employee")
            or (record.feed == "taxes" and record.values["income_kind"] != "other")
        )
        if income and record.person.co_resident and record.values.get("status") != "stopped":
            by_period.setdefault(_period(record), []).append(record)
    in_excess = False
    for period, records in sorted(by_period.items()):
        records.sort(key=lambda r: (r.day, r.second))
        crossing = _excess(_line(home, records[-1]), period, records)
        if crossing and not in_excess:
            yield "income-above-line", crossing.day, None
        in_excess = crossing is not None


def _excess(line: Line, period: int, records: list[Record]) -> Record | None:
    """The record of a period that brings the income per head above the line."""
    limit = min((_LINES[name] for name in line.programs if name in _LINES), default=None)
    heads = [p for p in line.residents if p.died is None or p.died >= first_day(period)]
    if limit is None or not heads:
        return None
    declared = sum(person.declared for person in heads)
    for place, record in enumerate(records):
        beyond = sum(max(0.0, _observed(records[: place + 1], person) - person.declared) for person in heads)
        if beyond > line.rest and declared + beyond > limit * len(heads):
            return record
    return None


def _observed(records: list[Record], person: Person) -> float:
    sums: dict[str, float] = {}
    for record in records:
        if record.person is person:
            source = str(record.values.get("income_kind", record.feed))
            sums[source] = sums.get(source, 0.0) + number(record, "base") + number(record, "amount")
    wages = max(sums.pop("social-insurance", 0.0), sums.pop("housing-fund", 0.0), sums.pop("wages", 0.0))
    return wages + sum(sums.values())
