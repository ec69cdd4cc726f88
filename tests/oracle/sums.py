"""Rules that add up: windows of 365 days, and income per head (facts 13, 14). One `Crossing` is one alert."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

from tests.oracle import clock
from tests.oracle.household import Household
from tests.oracle.lasting import custody_end
from tests.oracle.records import Record
from tests.oracle.roster import Line, in_force


@dataclass(frozen=True)
class Crossing:
    """An alert that several records support together; `record` is the one that crosses."""

    source: str
    about: tuple[str, ...]
    record: Record
    line: Line
    severity: str
    records: tuple[Record, ...]


def large_subsidy(house: Household) -> Iterator[Crossing]:
    """Subsidies of any kind to members within 365 days together exceed large_subsidy."""
    return _windows(
        house,
        "large-subsidy",
        "subsidies",
        "amount",
        "medium",
        lambda record, line: house.standard("large_subsidy", line.region, record.occurred_at),
    )


def catastrophic_medical(house: Household) -> Iterator[Crossing]:
    """Members' out_of_pocket within 365 days > max(catastrophic_floor, catastrophic_share x 12 x declared)."""

    def limit(record: Record, line: Line) -> Fraction:
        floor = house.standard("catastrophic_floor", line.region, record.occurred_at)
        share = house.standard("catastrophic_share", line.region, record.occurred_at)
        return max(floor, share * 12 * line.declared_income)

    return _windows(house, "catastrophic-medical", "medical", "out_of_pocket", "high", limit)


def _windows(
    house: Household, source: str, feed: str, field: str, severity: str, limit: Callable[[Record, Line], Fraction]
) -> Iterator[Crossing]:
    """Once in 365 days from the crossing; windows include the day of the change; what was not read does not add up."""
    read = [record for record in house.of(feed) if house.read_of(record) is not None]
    last_crossing = None
    for record in sorted(read, key=lambda r: r.order):
        line = house.read_of(record)
        if line is None or (last_crossing is not None and (record.day - last_crossing).days < 365):
            continue
        within = tuple(
            other for other in read if other.day > record.day - timedelta(days=365) and other.order <= record.order
        )
        if sum((other.amount(field) for other in within), Fraction(0)) > limit(record, line):
            last_crossing = record.day
            yield Crossing(source, (record.day.isoformat(),), record, line, severity, within)


def income_above_line(house: Household) -> Iterator[Crossing]:
    """Income per head in a period exceeds the line; once per excess, named by its first period.

    A period without any income record neither begins nor ends one.
    """
    in_excess = False
    for period, records in sorted(_effective(house).items()):
        line = in_force(house.lines, max(record.occurred_at for record in records))
        if line is None:
            continue
        crossing = _excess(house, line, period, records)
        if crossing is not None and not in_excess:
            yield crossing
        in_excess = crossing is not None


def _effective(house: Household) -> dict[int, list[Record]]:
    """The income records by period, after what a later record of the same person, employer and period replaced."""
    latest: dict[tuple[str, ...], Record] = {}
    for record in sorted(house.records, key=lambda r: r.order):
        if house.read_of(record) is None:
            continue
        if (record.feed == "social-insurance" and record["kind"] == "employee") or record.feed == "housing-fund":
            latest[record.feed, record.person, record["employer"], record["period"]] = record
        elif record.feed == "pensions" or (record.feed == "taxes" and record["income_kind"] != "other"):
            latest[record.feed, record.key] = record  # these add up by distinct record
    by_period: dict[int, list[Record]] = {}
    for record in latest.values():
        if record.period is not None and record["status"] != "stopped":
            by_period.setdefault(record.period, []).append(record)
    return by_period


def _excess(house: Household, line: Line, period: int, records: Sequence[Record]) -> Crossing | None:
    """The excess of a period by its line: which of its records crosses, if any does."""
    names = set(line.programs)
    if names & {"dibao", "tekun"}:
        name = "dibao_line"
    elif names & {"low_income", "expense_poor"}:
        name = "low_income_line"
    else:
        return None
    heads = [m for m in line.co_residents if _counts_as_head(house, m.person, period)]
    living_there = {member.person for member in heads}
    own = sorted((record for record in records if record.person in living_there), key=lambda r: r.order)
    count = len(heads) + len(_children_born(house, line, period))
    declared = sum((member.declared for member in heads), Fraction(0))
    for place, record in enumerate(own):
        so_far = own[: place + 1]
        beyond = sum((max(Fraction(0), observed(so_far, m.person) - m.declared) for m in heads), Fraction(0))
        limit = house.standard(name, line.region, max(r.occurred_at for r in records))
        # an excess needs observed income beyond what is declared
        if beyond > line.beyond_members and (declared + beyond) / count > limit:
            about = (clock.month_text(period),)
            return Crossing("income-above-line", about, record, line, "high", tuple(own))
    return None


def observed(records: Sequence[Record], person: str) -> Fraction:
    """Fact 13: wages (the greatest of three sources, each added up) + pension + business + property."""

    def total(feed: str, field: str, kind: str = "") -> Fraction:
        chosen = (r for r in records if r.person == person and r.feed == feed and r["income_kind"] == kind)
        return sum((record.amount(field) for record in chosen), Fraction(0))

    wages = max(total("social-insurance", "base"), total("housing-fund", "base"), total("taxes", "amount", "wages"))
    others = total("taxes", "amount", "business") + total("taxes", "amount", "property")
    return wages + total("pensions", "amount") + others


def _counts_as_head(house: Household, person: str, period: int) -> bool:
    """Living and not in custody on the first day of the period; who dies on it still lives."""
    first_day = clock.first_day(period)
    death = house.deaths.get(person)
    if death is not None and clock.day(death) < first_day:
        return False
    at = clock.at_midnight(first_day)
    for record in house.of("custody", action="imprisoned"):
        end = custody_end(house, record)
        counts = record.person == person and not house.silenced(record)
        if counts and record.occurred_at <= at and (end is None or at < end):
            return False
    return True


def _children_born(house: Household, line: Line, period: int) -> set[str]:
    """Children born to a member since the line's `as_of` and by the first day of the period, living then."""
    first_day = clock.first_day(period)
    return {
        record.person
        for record in house.of("household-register", action="born")
        if house.reading(record) == line
        and line.lists(record.related, co_resident=True)
        and not line.lists(record.person)
        and record.day <= first_day
        and _counts_as_head(house, record.person, period)
    }
