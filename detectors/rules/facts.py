"""Facts: what conditions may measure across a household's records. Each says which feeds it depends on."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping
from math import fsum
from typing import Literal, NamedTuple

from detectors.rules import holdings, income
from detectors.rules.history import FOREVER, Reading, occurrence
from detectors.rules.scope import Scope
from streams.changes import Change
from streams.moments import day_of, day_start, month_of, parse_month

Value = str | float | bool | list[str]


def _always(*_changes: Change) -> bool:
    return True


class Fact(NamedTuple):
    """A measured fact: its meaning in both languages, the feeds it depends on, and how it is measured.

    `reads` says whether it depends on a record of these feeds at all, `reaches` whether a record can alter what is
    measured at another one. Both only spare measuring anew; where in doubt they say yes.
    """

    kind: Literal["number", "flag", "texts"]
    zh: str
    en: str
    feeds: frozenset[str]
    measure: Callable[[Scope], Value]
    reads: Callable[[Change], bool] = _always
    reaches: Callable[[Change, Change], bool] = _always


WINDOW_DAYS = 365
"""Windows include the day of the change."""


def _vehicles(scope: Scope) -> float:
    counted = scope.params.get("counted")
    sorts = counted if isinstance(counted, tuple) else ()
    kind = holdings.Holdings("vehicles", "plate", "vehicle_type", sorts, lambda period: period.line.declared_vehicles)
    return float(holdings.count(scope.history, kind, scope.reading))


_RESIDENCES = holdings.Holdings(
    "properties", "property_id", "use", ("residential",), lambda period: period.line.declared_properties
)


def _residences(scope: Scope) -> float:
    return float(holdings.count(scope.history, _RESIDENCES, scope.reading))


def window(scope: Scope, feed: str) -> list[Reading]:
    """The members' records within the 365 days that end with the reading's change, it included."""
    change = scope.reading.change
    readings = scope.history.read(feed, "member")
    first = day_start(day_of(change.occurred_at) - WINDOW_DAYS + 1)
    begin = bisect_left(readings, first, key=lambda reading: reading.change.occurred_at)
    return readings[begin : bisect_right(readings, occurrence(scope.reading), key=occurrence)]


def _sum_in_window(feed: str, field: str) -> Callable[[Scope], Value]:
    def measure(scope: Scope) -> float:
        return round(fsum(reading.change.number(field) for reading in window(scope, feed)), 4)

    return measure


def _within_window(altered: Change, crossing: Change) -> bool:
    return 0 <= day_of(crossing.occurred_at) - day_of(altered.occurred_at) < WINDOW_DAYS


def _cancelled_same_day(scope: Scope) -> bool:
    change = scope.reading.change
    ends = scope.history.endings.get((change.feed, change.person, change.text("company_id")), [])
    return change.feed == "businesses" and any(day_of(end) == day_of(change.occurred_at) for end in ends)


def _paid_within(scope: Scope, employers: Callable[[str], bool], months: range) -> bool:
    """Some employer of that sort paid the person an employee contribution for one of the months."""
    change = scope.reading.change
    return any(
        other.person == change.person
        and _pays(other)
        and employers(other.text("employer"))
        and parse_month(other.text("period")) in months
        for other in (reading.change for reading in scope.history.read("social-insurance", "listed"))
    )


def _pays(change: Change) -> bool:
    return change.text("kind") == "employee" and change.text("status") == "paid"


def _paid_about_then(altered: Change, stopped: Change) -> bool:
    """One of the payments that count where a contribution stops."""
    months = parse_month(altered.text("period")) - parse_month(stopped.text("period"))
    return altered.person == stopped.person and -3 <= months <= 1


def _paid_before(scope: Scope) -> bool:
    change = scope.reading.change
    month = parse_month(change.text("period"))
    return _paid_within(scope, lambda e: e == change.text("employer"), range(month - 3, month))


def _other_employer_pays(scope: Scope) -> bool:
    change = scope.reading.change
    month = parse_month(change.text("period"))
    return _paid_within(scope, lambda e: e != change.text("employer"), range(month, month + 2))


def _died_by_then(scope: Scope) -> bool:
    change = scope.reading.change
    death = scope.history.deaths.get(change.person)
    return death is not None and day_of(death) <= day_of(change.occurred_at)


def _after_month_of_death(scope: Scope) -> bool:
    change = scope.reading.change
    death = scope.history.deaths.get(change.person)
    if death is None:
        return False
    period = change.text("period")
    return not period or parse_month(period) > month_of(death)


def _declared_before(scope: Scope) -> float:
    """Own declarations of the co-resident members who lived before the death that is read, the dead one's included."""
    change, deaths = scope.reading.change, scope.history.deaths
    members = scope.reading.period.co_residents
    living = (m for m in members if m.person == change.person or deaths.get(m.person, FOREVER) >= change.occurred_at)
    return round(fsum(member.declared_monthly_income for member in living), 4)


def _others_living(scope: Scope) -> float:
    """Other co-resident members living when the death is read: as it happens, or at the `as_of` that counts it."""
    reading, deaths = scope.reading, scope.history.deaths
    others = (m for m in reading.period.co_residents if m.person != reading.change.person)
    return float(sum(1 for member in others if deaths.get(member.person, FOREVER) > reading.at))


def _income(scope: Scope) -> income.Income | None:
    if scope.income is not None:
        return scope.income
    return income.of_month(scope.history, scope.reading.change.text("period"))


def _of_that_month(altered: Change, change: Change) -> bool:
    return altered.feed not in income.FEEDS or altered.text("period") == change.text("period")


def _income_fact(zh: str, en: str, pick: Callable[[income.Income], float]) -> Fact:
    def measure(scope: Scope) -> float:
        found = _income(scope)
        return pick(found) if found is not None else 0.0

    return Fact("number", zh, en, income.DEPENDS_ON, measure, income.concerns, _of_that_month)


_DEATHS = frozenset({"deaths"})

FACTS: Mapping[str, Fact] = {
    "vehicles": Fact("number", "名下车辆数", "vehicles held", frozenset({"vehicles"}), _vehicles),
    "residences": Fact("number", "名下住宅数", "homes held", frozenset({"properties"}), _residences),
    "subsidies_365": Fact(
        "number",
        "365天内补贴合计",
        "subsidies within 365 days",
        frozenset({"subsidies"}),
        _sum_in_window("subsidies", "amount"),
        reaches=_within_window,
    ),
    "out_of_pocket_365": Fact(
        "number",
        "365天内自付医疗费合计",
        "medical bills paid by the household within 365 days",
        frozenset({"medical"}),
        _sum_in_window("medical", "out_of_pocket"),
        reaches=_within_window,
    ),
    "income_per_head": _income_fact("当月人均收入", "income per head that month", lambda found: found.per_head),
    "income_observed": _income_fact("当月核对收入", "income observed that month", lambda found: found.observed),
    "undeclared_income": _income_fact(
        "超出申报的收入", "income observed beyond what is declared", lambda found: found.undeclared
    ),
    "heads": _income_fact("计算人口", "persons who count for the income", lambda found: float(found.heads)),
    "cancelled_same_day": Fact(
        "flag", "当日注销", "cancelled on the same day", frozenset({"businesses"}), _cancelled_same_day
    ),
    "paid_before": Fact(
        "flag",
        "此前三个月由该单位缴费",
        "paid by that employer in the three months before",
        frozenset({"social-insurance"}),
        _paid_before,
        reads=_pays,
        reaches=_paid_about_then,
    ),
    "other_employer_pays": Fact(
        "flag",
        "当月或次月由其他单位缴费",
        "paid by another employer for that month or the next",
        frozenset({"social-insurance"}),
        _other_employer_pays,
        reads=_pays,
        reaches=_paid_about_then,
    ),
    "died_by_then": Fact("flag", "此前或当日已去世", "has died on that day or earlier", _DEATHS, _died_by_then),
    "after_month_of_death": Fact(
        "flag", "所属期晚于去世月份", "not for a period up to the month of death", _DEATHS, _after_month_of_death
    ),
    "income_declared_before": Fact(
        "number",
        "去世前在世成员申报收入合计",
        "income declared by the members living before the death",
        _DEATHS,
        _declared_before,
    ),
    "others_living": Fact(
        "number",
        "其余在世共同生活成员数",
        "co-resident members who live on",
        _DEATHS,
        _others_living,
    ),
    "active_households": Fact(
        "number",
        "在享救助的家庭数",
        "active households that list the person",
        frozenset(),
        lambda scope: float(len(scope.households)),
    ),
    "programs_together": Fact(
        "texts",
        "各家庭合计在享救助",
        "programmes of the person's households together",
        frozenset(),
        lambda scope: sorted({program for programs in scope.households for program in programs}),
    ),
    "only_member": Fact(
        "flag",
        "已无在世共同生活成员",
        "no co-resident member lives",
        _DEATHS,
        lambda scope: not _others_living(scope),
    ),
}
