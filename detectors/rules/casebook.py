"""A household's findings under all rules, kept up to date change by change.

What stands follows from the set of records alone; the caches only save working out again what a change cannot have
altered.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from detectors.rules import household_rules, income
from detectors.rules.finding import Finding, of_support, order
from detectors.rules.history import ENDINGS, History, Reading, begins_fact
from detectors.rules.rule import Rule
from detectors.rules.scope import Scope
from detectors.rules.vocabulary import ABOUT
from detectors.standards import Standards
from streams.changes import Change
from streams.moments import day_of
from streams.roster import Line, Membership

Findings = dict[tuple[str, ...], Finding]


@dataclass(frozen=True)
class RuleBook:
    """The rules and local amounts in force."""

    rules: tuple[Rule, ...]
    standards: Standards

    def reading(self, feed: str) -> tuple[Rule, ...]:
        """The rules on whose findings a record of the feed may bear."""
        return tuple(rule for rule in self.rules if feed in rule.depends_on)


@dataclass
class Casebook:
    """One household: its history and what each rule finds in it."""

    book: RuleBook
    history: History = field(default_factory=History)
    candidates: dict[str, dict[str, tuple[Scope, ...]]] = field(default_factory=lambda: defaultdict(dict))
    """Per rule and record the readings for which all parts about the record itself hold."""
    months: dict[str, dict[str, Reading]] = field(default_factory=lambda: defaultdict(dict))
    incomes: dict[str, income.Income | None] = field(default_factory=dict)
    findings: dict[str, Findings] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._rebuild()

    def take(self, key: str, change: Change | None) -> None:
        """Let a record stand (or, with None, stand no longer) and find anew what it bears on."""
        before = self.history.records.get(key)
        if before is not None:
            self.history.drop(key)
        if change is not None:
            self.history.put(key, change)
        touched = [c for c in (before, change) if c is not None]
        if any(c.feed == "deaths" for c in touched):
            self._rebuild()
            return
        for c in touched:
            self._refresh_candidates(key, c)
            self._refresh_income(key, c)
        for rule in {r.id: r for c in touched for r in self.book.reading(c.feed)}.values():
            self.findings[rule.id] = self._find(rule)

    def take_line(self, line: Line, version: int) -> None:
        """Let a roster line stand; of two with one `as_of` the one of the greater version."""
        if version >= self.history.versions.get(line.as_of, -1):
            self.history.lines[line.as_of] = line
            self.history.versions[line.as_of] = version
            self.history.index_lines()
            self._rebuild()

    def take_others(self, others: Mapping[str, Mapping[str, tuple[Membership, ...]]]) -> None:
        """Learn what the persons' other households hold."""
        for person, households in others.items():
            known = self.history.others.setdefault(person, {})
            for household_id, memberships in households.items():
                known[household_id] = household_rules.merge(known.get(household_id, ()), memberships)
        for rule in self.book.rules:
            if rule.reads == "roster":
                self.findings[rule.id] = self._find(rule)

    def _rebuild(self) -> None:
        self.candidates.clear()
        self.months.clear()
        self.incomes.clear()
        for key, change in self.history.records.items():
            self._add_candidates(key, change)
            self._refresh_income(key, change)
        for rule in self.book.rules:
            self.findings[rule.id] = self._find(rule)

    def _refresh_candidates(self, key: str, change: Change) -> None:
        """A record that ends a fact also changes how long the records that begin it are read."""
        for by_record in self.candidates.values():
            by_record.pop(key, None)
        if key in self.history.records:
            self._add_candidates(key, self.history.records[key])
        if change.feed in ENDINGS:
            for other_key, other in self.history.by_feed.get(change.feed, {}).items():
                if other_key != key and begins_fact(other):
                    self._add_candidates(other_key, other)

    def _add_candidates(self, key: str, change: Change) -> None:
        for rule in self.book.rules:
            if change.feed not in rule.feeds or "excess" in rule.about:
                continue
            scopes = tuple(self._scopes(rule, change))
            if scopes:
                self.candidates[rule.id][key] = scopes
            else:
                self.candidates[rule.id].pop(key, None)

    def _scopes(self, rule: Rule, change: Change) -> Iterator[Scope]:
        for scope in self.trace(rule, change):
            if all(condition.holds(scope) for condition in rule.local):
                yield scope

    def trace(self, rule: Rule, change: Change) -> Iterator[Scope]:
        """The moments at which a rule reads a change at all, whether or not its condition holds."""
        persons = {"person": change.person, "spouse": change.spouse, "related": change.related}
        if rule.reads == "unconsented":
            readings = household_rules.unconsented(self.history, change)
        else:
            named = tuple(persons[role] for role in rule.through)
            readings = self.history.readings(change, named, rule.who, after_death=rule.after_death)
        for reading in readings:
            through = tuple(
                role for role in rule.through if persons[role] and reading.period.find(persons[role], rule.who)
            )
            yield self.scope(rule, reading, through)

    def scope(self, rule: Rule, reading: Reading, through: tuple[str, ...] = ("person",)) -> Scope:
        """A reading as the rule's conditions see it."""
        return Scope(reading, self.history, rule.params, self.book.standards, through)

    def _refresh_income(self, key: str, change: Change) -> None:
        if change.feed not in income.DEPENDS_ON:
            return
        if change.feed not in income.FEEDS:
            self.incomes.clear()
            return
        month = change.text("period")
        self.months[month].pop(key, None)
        self.incomes.pop(month, None)
        current = self.history.records.get(key)
        if current is not None and current.text("period") == month:
            for reading in income.readings(self.history, current):
                self.months[month][key] = reading

    def _find(self, rule: Rule) -> Findings:
        if rule.reads == "roster":
            return household_rules.across_households(rule, self.history, self.book.standards)
        if "excess" in rule.about:
            return self._excesses(rule)
        supports: list[Scope] = []
        for scopes in self.candidates[rule.id].values():
            supports.extend(s for s in scopes if all(condition.holds(s) for condition in rule.measured))
        if "window" in rule.about:
            return dict(_windows(rule, supports))
        by_about: dict[tuple[str, ...], dict[str, Scope]] = defaultdict(dict)
        for scope in sorted(supports, key=lambda s: s.reading.at, reverse=True):
            change = scope.reading.change
            # Of one record's readings the earliest moment overwrites the later ones.
            by_about[about(rule, scope)][f"{change.feed}/{change.event_id}"] = scope
        return {x: of_support(rule, x, scopes.values()) for x, scopes in by_about.items()}

    def _excesses(self, rule: Rule) -> Findings:
        """Runs of months above the line, named by their first; months without income neither begin nor end one."""
        found: Findings = {}
        running = False
        for month in sorted(self.months):
            if month not in self.incomes:
                self.incomes[month] = income.measure(self.history, self.months[month].values())
            measured = self.incomes[month]
            if measured is None:
                continue
            above = self._above(rule, measured)
            if above and not running:
                found[(month,)] = self._excess(rule, measured)
            running = above
        return found

    def _above(self, rule: Rule, measured: income.Income) -> bool:
        scope = Scope(measured.reading, self.history, rule.params, self.book.standards, ("person",), income=measured)
        return all(condition.holds(scope) for condition in rule.when)

    def _excess(self, rule: Rule, measured: income.Income) -> Finding:
        """The change that crosses is the one from which on the month's records stay above the line."""
        readings = sorted(self.months[measured.period].values(), key=income.order)
        crossing = measured.reading
        for count in range(len(readings), 0, -1):
            partial = income.measure(self.history, readings[:count], measured.reading.period)
            if partial is None or not self._above(rule, partial):
                break
            crossing = readings[count - 1]
        scopes = tuple(
            Scope(r, self.history, rule.params, self.book.standards, ("person",), income=measured)
            for r in measured.readings
        )
        decisive = Scope(crossing, self.history, rule.params, self.book.standards, ("person",), income=measured)
        return Finding(rule, (measured.period,), decisive, scopes)


def about(rule: Rule, scope: Scope) -> tuple[str, ...]:
    """The X of "once per X" for one reading."""
    change = scope.reading.change
    return tuple(
        ABOUT[name](scope) if name in ABOUT else str(change.values.get(name.removeprefix("change."), change.feed))
        for name in rule.about
    )


def _windows(rule: Rule, supports: Iterable[Scope]) -> Iterator[tuple[tuple[str, ...], Finding]]:
    """Once in 365 days from the crossing; what comes within them adds its evidence."""
    crossing: Scope | None = None
    within: list[Scope] = []
    for scope in sorted(supports, key=order):
        day = day_of(scope.reading.change.occurred_at)
        if crossing is None or day >= day_of(crossing.reading.change.occurred_at) + household_rules.WINDOW_DAYS:
            if crossing is not None:
                yield _window(rule, crossing, within)
            crossing, within = scope, []
        else:
            within.append(scope)
    if crossing is not None:
        yield _window(rule, crossing, within)


def _window(rule: Rule, crossing: Scope, within: list[Scope]) -> tuple[tuple[str, ...], Finding]:
    name = ABOUT["day"](crossing)
    summed = household_rules.window_of(rule, crossing)
    return (name,), Finding(rule, (name,), crossing, tuple(sorted([*summed, *within], key=order)))
