"""From lines and records to the standing alerts: the whole of rules.md, recomputed from the set of changes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from tests.oracle import clock, holdings, lasting, occurrences, sums
from tests.oracle.household import Household, Standards, Support
from tests.oracle.occurrences import name_differs
from tests.oracle.records import Record, RefusedError, Row, usable
from tests.oracle.records import standing as standing_records
from tests.oracle.roster import Line, lines
from tests.oracle.roster_rules import roster_alerts

SUPPORTED = (
    lasting.death_receiving,
    lasting.breadwinner_death,
    lasting.property_commercial,
    lasting.business_owner,
    lasting.public_posts,
    lasting.member_in_custody,
    lasting.severe_disability,
    lasting.supporter_means,
    holdings.vehicle_owned,
    holdings.property_multiple,
    occurrences.formal_employment,
    occurrences.housing_fund_paid,
    occurrences.retirement_pension,
    occurrences.marriage_changed,
    occurrences.moved_away,
    occurrences.household_size_changed,
    occurrences.released_from_custody,
    occurrences.job_lost,
    occurrences.identity_mismatch,
    occurrences.activity_after_death,
)
CROSSED = (sums.large_subsidy, sums.catastrophic_medical, sums.income_above_line)
# source -> (direction, days to act)
SAYS: dict[str, tuple[str, int]] = {
    "death-receiving": ("exit", 10),
    "double-programme": ("exit", 15),
    "duplicate-member": ("exit", 20),
    "vehicle-owned": ("exit", 20),
    "property-multiple": ("exit", 20),
    "property-commercial": ("exit", 20),
    "business-owner": ("exit", 20),
    "formal-employment": ("exit", 20),
    "housing-fund-paid": ("exit", 20),
    "income-above-line": ("exit", 20),
    "large-subsidy": ("exit", 30),
    "public-post-coresident": ("exit", 20),
    "retirement-pension": ("exit", 20),
    "public-post-relative": ("review", 30),
    "supporter-means": ("review", 30),
    "marriage-changed": ("review", 30),
    "moved-away": ("review", 30),
    "household-size-changed": ("review", 30),
    "member-in-custody": ("review", 15),
    "catastrophic-medical": ("help", 7),
    "job-lost": ("help", 15),
    "severe-disability": ("help", 15),
    "breadwinner-death": ("help", 7),
    "released-from-custody": ("help", 15),
    "identity-mismatch": ("data", 15),
    "consent-missing": ("data", 30),
    "activity-after-death": ("data", 10),
}
SEVERITIES = ("critical", "high", "medium", "low")
DEFAULTS = {
    "dibao_line": "800",
    "low_income_line": "1200",
    "minimum_wage": "2000",
    "large_subsidy": "10000",
    "high_base": "8000",
    "catastrophic_share": "0.4",
    "catastrophic_floor": "3000",
}


@dataclass(frozen=True, order=True)
class Standing:
    """A standing alert. `about` holds plain identity numbers, plates, employers, periods and days."""

    source: str
    household_id: str
    about: tuple[str, ...]
    occurred_at: str
    severity: str
    match: str
    event_ids: tuple[str, ...]
    due_at: str
    direction: str
    region: str
    programs: tuple[str, ...]


@dataclass(frozen=True)
class Verdict:
    """All standing alerts, the refused rows as (feed, index, reason, field), and how many rows matched the roster."""

    alerts: list[Standing]
    refused: list[tuple[str, int, str, str]]
    matched: int


def judge(
    households: Iterable[Mapping[str, Any]],
    events: Mapping[str, Sequence[Row]],
    standards: Sequence[Mapping[str, Any]] | None,
    now: datetime,
) -> Verdict:
    """The verdict on a roster and all feeds' rows, as of the run's clock `now` (which only refuses the future)."""
    records, refused = [], []
    for feed, rows in events.items():
        for index, row in enumerate(rows):
            try:
                records.append(usable(feed, row, now))
            except RefusedError as error:
                refused.append((feed, index, error.reason, error.field))
    roster = lines(households)
    everybody = {person for of_one in roster.values() for line in of_one for person in line.members}
    valid = standing_records(records)
    alerts = [_roster_alert(*found) for found in roster_alerts(roster)]
    for of_one in roster.values():
        alerts += household_alerts(Household(of_one, valid, amounts(standards)))
    matched = sum(bool(record.persons & everybody) for record in records)
    return Verdict(sorted(alerts), refused, matched)


def standing(
    households: Iterable[Mapping[str, Any]],
    events: Mapping[str, Sequence[Row]],
    standards: Sequence[Mapping[str, Any]] | None,
    now: datetime,
) -> list[Standing]:
    """The standing alerts alone."""
    return judge(households, events, standards, now).alerts


def amounts(standards: Sequence[Mapping[str, Any]] | None) -> Standards:
    """Fact 12: by region, longest prefix first, with dates from which they hold; the default everywhere.

    `standards` are entries of `region` (a prefix), `since` (ISO date, may be absent) and `amounts`.
    """
    entries = sorted(standards or (), key=lambda e: (len(e["region"]), str(e.get("since") or "")), reverse=True)

    def amount(name: str, region: str, at: datetime) -> Fraction:
        day = clock.day(at).isoformat()
        for entry in entries:
            if region.startswith(entry["region"]) and str(entry.get("since") or "") <= day and name in entry["amounts"]:
                return Fraction(str(entry["amounts"][name]))
        return Fraction(DEFAULTS[name])

    return amount


def household_alerts(house: Household) -> Iterator[Standing]:
    """Every standing alert of a household but those of the roster's own rules."""
    by_alert: dict[tuple[str, tuple[str, ...]], list[Support]] = {}
    for rule in SUPPORTED:
        for support in rule(house):
            by_alert.setdefault((support.source, support.about), []).append(support)
    for supports in by_alert.values():
        yield _supported(supports)
    for crossed in CROSSED:
        for found in crossed(house):
            yield _crossed(house, found)
    yield from _consent_missing(house)


def _supported(supports: Sequence[Support]) -> Standing:
    """Fact 5 and fine print (5, 11).

    Each change is judged once, by the line that reads it first. Of records by period those of the earliest period
    stand for the later ones; among what is left the earliest by `occurred_at` gives time and severity.
    """
    once: dict[Record, Support] = {}
    for support in sorted(supports, key=lambda s: s.moment):
        once.setdefault(support.record, support)
    periods = [support.record.period for support in once.values() if support.record.period is not None]
    left = [s for s in once.values() if s.record.period is None or s.record.period == min(periods)]
    first = min(left, key=lambda s: s.record.order)
    doubtful = all(name_differs(s.record, s.line) for s in left)
    return _alert(
        first.source, first.about, first.record, first.line, first.severity, doubtful, [s.record for s in left]
    )


def _crossed(house: Household, found: sums.Crossing) -> Standing:
    """Fine print (5, 11): for windows and excesses the change that gives `occurred_at` is the one that crosses."""
    doubtful = all(name_differs(r, house.line_at(r.occurred_at) or found.line) for r in found.records)
    return _alert(found.source, found.about, found.record, found.line, found.severity, doubtful, found.records)


def _consent_missing(house: Household) -> Iterator[Standing]:
    """A change about a household without consent; once per household and calendar year of `occurred_at`.

    Naming its earliest change only; not deaths. A change after death raises it too (consent is asked first).
    """
    first: dict[int, tuple[Record, Line]] = {}
    for record in sorted(house.records, key=lambda r: r.order):
        line = house.line_at(record.occurred_at)
        if record.feed == "deaths" or line is None or not line.active or line.consents_on(record.day):
            continue
        if any(line.lists(person) for person in record.persons):
            first.setdefault(record.day.year, (record, line))
    for year, (record, line) in first.items():
        yield _alert("consent-missing", (str(year),), record, line, "low", name_differs(record, line), [record])


def _alert(
    source: str,
    about: tuple[str, ...],
    record: Record,
    line: Line,
    severity: str,
    doubtful: bool,
    records: Iterable[Record],
) -> Standing:
    """`due_at` counts from the day of the report, never from before the `as_of` that counts the change."""
    direction, days = SAYS[source]
    if doubtful:  # fact 11: one step lower, low stays low
        severity = SEVERITIES[min(SEVERITIES.index(severity) + 1, len(SEVERITIES) - 1)]
    return Standing(
        source=source,
        household_id=line.household,
        about=about,
        occurred_at=clock.text(record.occurred_at),
        severity=severity,
        match="doubtful" if doubtful else "exact",
        event_ids=tuple(sorted({r.event_id for r in records})),
        due_at=clock.due(max(clock.day(record.reported_at), line.as_of), days),
        direction=direction,
        region=line.region,
        programs=line.programs,
    )


def _roster_alert(source: str, about: tuple[str, ...], line: Line, since: datetime) -> Standing:
    """For the roster's rules the `as_of` gives `occurred_at`; no change supports them."""
    direction, days = SAYS[source]
    return Standing(
        source=source,
        household_id=line.household,
        about=about,
        occurred_at=clock.text(since),
        severity="high" if source == "double-programme" else "medium",
        match="exact",
        event_ids=(),
        due_at=clock.due(clock.day(since), days),
        direction=direction,
        region=line.region,
        programs=line.programs,
    )
