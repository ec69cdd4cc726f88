"""What a rule made of each record: the parts of its condition with their values, or why it was not read at all."""

import re
from collections.abc import Iterator
from functools import lru_cache

import msgspec

from detectors.rules import household_rules, income
from detectors.rules.casebook import Casebook
from detectors.rules.condition import Condition
from detectors.rules.rule import Rule
from detectors.rules.scope import Scope
from detectors.rules.vocabulary import Value
from streams.changes import Change
from streams.moments import date_of, day_of

_TOKENS = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|&&|\|\||[()\[\]{}?]""")
_LISTED_AS = {"member": "co-resident member", "supporter": "supporter", "listed": "member or supporter"}


class Part(msgspec.Struct, frozen=True):
    """One part of a condition: its text, what the names in it were worth, and whether it held."""

    condition: str
    values: dict[str, Value]
    holds: bool


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """A rule's look at one thing. `why` is empty where it fires, else the first part that failed, in words."""

    what: str
    day: str
    fires: bool
    why: str = ""
    parts: tuple[Part, ...] = ()

    @property
    def held(self) -> int:
        """How many parts held: the trial with the most came nearest."""
        return sum(part.holds for part in self.parts)


def trials(casebook: Casebook, rule: Rule) -> list[Trial]:
    """All that a rule looked at, by day."""
    found = [_tried(rule, what, scope) for what, scope in _scopes(casebook, rule)]
    if rule.reads != "roster" and not rule.judges_months:
        found += [
            Trial(what=_what(change), day=_day(change.occurred_at), fires=False, why=unread(casebook, rule, change))
            for change in casebook.history.records.values()
            if change.feed in rule.feeds and not any(True for _ in casebook.trace(rule, change))
        ]
    return sorted(found, key=lambda trial: (trial.day, trial.what))


def _scopes(casebook: Casebook, rule: Rule) -> Iterator[tuple[str, Scope]]:
    history, standards = casebook.history, casebook.book.standards
    if rule.reads == "roster":
        for comparison in household_rules.comparisons(history):
            yield "the roster", comparison.scope(rule, history, standards)
    elif rule.judges_months:
        for month in income.months(history):
            measured = income.of_month(history, month)
            if measured is not None:
                yield f"income of {month}", Scope(
                    measured.reading, history, rule.params, standards, income=measured
                )  # fmt: skip
    else:
        for change in history.records.values():
            if change.feed in rule.feeds:
                for scope in casebook.trace(rule, change):
                    yield _what(change), scope


def _tried(rule: Rule, what: str, scope: Scope) -> Trial:
    parts = []
    for condition in (part for whole in rule.when for part in conjuncts(whole)):
        parts.append(_part(condition, scope))
        if not parts[-1].holds:
            break
    failed = next((part for part in parts if not part.holds), None)
    return Trial(
        what=what,
        day=_day(scope.reading.at),
        fires=failed is None,
        why=f"not: {failed.condition}" if failed is not None else "",
        parts=tuple(parts),
    )


@lru_cache(maxsize=1024)
def conjuncts(whole: Condition) -> tuple[Condition, ...]:
    """The parts of a condition that must all hold: what stands between its outermost `&&`."""
    depth, since, pieces = 0, 0, []
    for match in _TOKENS.finditer(whole.source):
        token = match.group()
        if token in "([{":
            depth += 1
        elif token in ")]}":
            depth -= 1
        elif depth == 0 and token in ("?", "||"):  # these bind less than &&
            return (whole,)
        elif depth == 0 and token == "&&":
            pieces.append(whole.source[since : match.start()].strip())
            since = match.end()
    return tuple(Condition(piece, whole.names) for piece in [*pieces, whole.source[since:].strip()])


def _part(condition: Condition, scope: Scope) -> Part:
    return Part(condition.source, condition.values(scope), condition.holds(scope))


def unread(casebook: Casebook, rule: Rule, change: Change) -> str:
    """Why a rule does not read a record that stands."""
    history = casebook.history
    moments = list(history.moments(change))
    if not moments:
        before = history.period_at(change.occurred_at) is None
        return "before the household's first line" if before else "what it begins ended at once"
    active = [(at, period) for at, period in moments if period.line.active]
    if not active:
        return "the household held no programme"
    persons = {"person": change.person, "spouse": change.spouse, "related": change.related}
    named = [persons[role] for role in rule.through if persons[role]]
    listed = [(at, p) for at, p in active if any(p.find(person, rule.who) for person in named)]
    if not listed:
        return f"names no {_LISTED_AS[rule.who]} of the line in force"
    consented = any(change.feed == "deaths" or period.consents(at) for at, period in listed)
    if rule.reads == "unconsented":
        return "the household had agreed that its records are read" if consented else "not read"
    if not consented:
        return "no consent on that day"
    if rule.after_death:
        return "the person had not died on an earlier day"
    return "the person had died on an earlier day" if history.died_before(change) else "not read"


def _what(change: Change) -> str:
    said = [str(change.values[name]) for name in ("action", "status", "period", "plate", "employer", "amount", "base")
            if name in change.values]  # fmt: skip
    return f"{change.feed} {change.event_id} ({', '.join(said)})" if said else f"{change.feed} {change.event_id}"


def _day(at: int) -> str:
    return date_of(day_of(at)).isoformat()
