"""Income observed of a household in a month, per head (rules.md, fact 13)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import fsum

from detectors.rules.history import History, Period, Reading, occurrence
from streams.changes import Change
from streams.moments import day_of, month_start, parse_month

FEEDS = frozenset({"social-insurance", "housing-fund", "taxes", "pensions"})
DEPENDS_ON = FEEDS | {"deaths", "custody", "household-register"}


@dataclass(frozen=True)
class Income:
    """A month's income as its last record's line reads it. Amounts are CNY per month."""

    period: str
    reading: Reading
    """The last income record of the month."""
    readings: tuple[Reading, ...]
    """The income records of the persons who count, by `occurred_at`."""
    observed: float
    exceeding: float
    """What is observed beyond the members' own declarations."""
    undivided: float
    """What the household declares beyond its members' own declarations."""
    declared: float
    heads: int

    @property
    def per_head(self) -> float:
        """Own declarations, and whichever is greater of the undivided rest and what is observed beyond them.

        Where nobody counts there is no income per head: 0.
        """
        return round((self.declared + max(self.undivided, self.exceeding)) / self.heads, 4) if self.heads else 0.0

    @property
    def undeclared(self) -> float:
        """What is observed beyond everything that is declared."""
        return round(max(0.0, self.exceeding - self.undivided), 4)


def concerns(change: Change) -> bool:
    """A record of a feed on which incomes depend is, or replaces or stops, income; or it alters who counts."""
    if change.feed == "social-insurance":
        return change.text("kind") == "employee"
    return change.feed != "taxes" or change.text("income_kind") != "other"


def readings(history: History, change: Change) -> Iterator[Reading]:
    """The readings of a record of an income feed, also of one that stops or replaces a payment."""
    if concerns(change):
        yield from history.readings(change, (change.person,), "member")


def months(history: History) -> list[str]:
    """The months for which there are records of income, in order."""
    return sorted(month for month, records in history.by_month.items() if records)


def readings_of(history: History, month: str) -> list[Reading]:
    """The readings of all records of a month."""
    records = history.by_month.get(month, {}).values()
    return [reading for change in records for reading in readings(history, change)]


def of_month(history: History, month: str) -> "Income | None":
    """The income of a month, from all its records."""
    return measure(history, readings_of(history, month))


def measure(history: History, readings: Iterable[Reading], last: Reading | None = None) -> Income | None:
    """The income of one month from its records; None without any income record.

    It is judged by the line and at the moment of its last record, which may be given for a part of the records.
    """
    standing = sorted(_standing(readings), key=occurrence)
    if not standing:
        return None
    last = last or standing[-1]
    month = last.change.text("period")
    first_instant = month_start(parse_month(month))
    living = [m for m in last.period.co_residents if _counts(history, m.person, first_instant)]
    heads = len(living) + _born(history, last.period, first_instant)
    own = {member.person: member.declared_monthly_income for member in living}
    counted = tuple(reading for reading in standing if reading.change.person in own)
    sums = _observed(counted)
    return Income(
        period=month,
        reading=last,
        readings=counted,
        observed=round(fsum(sums.values()), 4),
        exceeding=round(fsum(max(0.0, observed - own[person]) for person, observed in sums.items()), 4),
        undivided=last.period.undivided_income,
        declared=round(fsum(own.values()), 4),
        heads=heads,
    )


def _standing(readings: Iterable[Reading]) -> list[Reading]:
    """Of one person's contributions by one employer the later record replaces the earlier, a stop leaves nothing."""
    latest: dict[tuple[str, ...], Reading] = {}
    for reading in sorted(readings, key=occurrence):
        change = reading.change
        distinct = change.event_id if "employer" not in change.values else change.text("employer")
        latest[(change.feed, change.person, distinct)] = reading
    return [reading for reading in latest.values() if reading.change.text("status") != "stopped"]


def _observed(standing: Iterable[Reading]) -> Mapping[str, float]:
    """Per person: the greatest of the three sources of wages, and what else came in."""
    sources: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for reading in standing:
        change = reading.change
        if change.feed in ("social-insurance", "housing-fund"):
            sources[change.person][change.feed].append(change.number("base"))
        else:
            kind = change.text("income_kind") if change.feed == "taxes" else "pension"
            sources[change.person][kind].append(change.number("amount"))
    observed = {}
    for person, amounts in sources.items():
        wages = max(fsum(amounts.get(source, ())) for source in ("social-insurance", "housing-fund", "wages"))
        observed[person] = fsum([wages, *(fsum(amounts.get(k, ())) for k in ("pension", "business", "property"))])
    return observed


def _counts(history: History, person: str, first_instant: int) -> bool:
    """Living and not in custody on the first day; who dies on that day still lives."""
    death = history.deaths.get(person)
    if death is not None and day_of(death) < day_of(first_instant):
        return False
    return not any(
        change.person == person
        and change.text("action") == "imprisoned"
        and change.occurred_at <= first_instant < history.end_of(change)
        and any(True for _ in history.readings(change, (person,), "member"))
        for change in history.by_feed.get("custody", {}).values()
    )


def _born(history: History, period: Period, first_instant: int) -> int:
    """Children born to a member since the line's `as_of`, on the first day of the month at the latest."""
    children = set()
    for change in history.by_feed.get("household-register", {}).values():
        if change.text("action") != "born" or not period.start <= change.occurred_at:
            continue
        if day_of(change.occurred_at) > day_of(first_instant) or period.find(change.person, "listed"):
            continue
        if period.find(change.related, "member") is None or not _counts(history, change.person, first_instant):
            continue
        if any(True for _ in history.readings(change, (change.related,), "member")):
            children.add(change.person)
    return len(children)
