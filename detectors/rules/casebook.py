"""A household's findings under all rules.

What stands follows from the set of records alone; what is kept between changes only saves working out again what a
change cannot have altered.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from detectors.rules import household_rules, income
from detectors.rules.finding import Finding, of_support, order
from detectors.rules.history import ENDINGS, History, Reading, begins_fact
from detectors.rules.rule import ALL_FEEDS, Rule
from detectors.rules.scope import Scope
from detectors.rules.vocabulary import ABOUT
from detectors.standards import Standards
from streams.changes import Change
from streams.moments import day_of
from streams.roster import Line, Membership

Findings = dict[tuple[str, ...], Finding]


class RuleBook:
    """The rules and local amounts in force. `version` differs between any two that could say something else."""

    def __init__(self, rules: tuple[Rule, ...], standards: Standards) -> None:
        self.rules = rules
        self.standards = standards
        self.by_feed = {feed: tuple(r for r in rules if feed in r.feeds | r.measures) for feed in ALL_FEEDS}
        said = [
            (
                r.id, r.version, r.direction, r.severity, r.days, r.who, r.through, r.about, r.after_death, r.shadow,
                *(condition.source for condition in r.when), *((word, c.source) for word, c in r.severities),
                sorted(r.params.items()), sorted(r.evidence), r.title, r.explanation, r.suggested_step,
            )
            for r in rules
        ]  # fmt: skip
        self.version = hashlib.blake2b(repr((said, standards)).encode(), digest_size=8).hexdigest()


class Casebook:
    """One household: its history and what each rule finds in it.

    Nothing is worked out before it is asked for. `dirty` holds the rules whose findings may differ from what was said
    last; the others' are as they were.
    """

    def __init__(self, book: RuleBook, history: History | None = None) -> None:
        self.book = book
        self.history = history if history is not None else History()
        self.dirty: set[str] = set()
        self._candidates: dict[str, dict[str, tuple[Scope, ...]]] = {}
        self._incomes: dict[str, income.Income | None] = {}
        self._above: dict[str, dict[str, bool | None]] = {}

    def take(self, key: str, change: Change | None) -> None:
        """Let a record stand (or, with None, stand no longer)."""
        before = self.history.records.get(key)
        feed = before.feed if before is not None else change.feed if change is not None else ""
        if feed == "deaths":
            self._put(key, before, change)
            self.forget()
            return
        rules = self.book.by_feed[feed]
        touched = {rule.id for rule in rules if before is not None and self._bears(rule, before)}
        self._put(key, before, change)
        touched |= {rule.id for rule in rules if change is not None and self._bears(rule, change)}
        self.dirty |= touched
        self._refresh(key, feed, [c for c in (before, change) if c is not None])

    def take_line(self, line: Line, version: int) -> None:
        """Let a roster line stand; of two with one `as_of` the one of the greater version."""
        if version >= self.history.versions.get(line.as_of, -1):
            self.history.lines[line.as_of] = line
            self.history.versions[line.as_of] = version
            self.history.index_lines()
            self.forget()

    def take_others(self, others: Mapping[str, Mapping[str, tuple[Membership, ...]]]) -> None:
        """Learn what the persons' other households hold."""
        for person, households in others.items():
            known = self.history.others.setdefault(person, {})
            for household_id, memberships in households.items():
                known[household_id] = household_rules.merge(known.get(household_id, ()), memberships)
        self.dirty |= {rule.id for rule in self.book.rules if rule.reads == "roster"}

    def forget(self) -> None:
        """Work everything out anew when it is next asked for."""
        self._candidates.clear()
        self._incomes.clear()
        self._above.clear()
        self.dirty = {rule.id for rule in self.book.rules}

    def expire(self, keys: Iterable[str]) -> None:
        """Drop records that no rule can need any more, and keep what windows and excesses need to know of them.

        What they support stays as it was said: nothing becomes dirty by it.
        """
        gone = {key: self.history.records[key] for key in keys}
        for rule in self.book.rules:
            if rule.judges_months:
                self._anchor_excess(rule, {change.text("period") for change in gone.values()})
            elif "window" in rule.about and rule.feeds & {change.feed for change in gone.values()}:
                leaving = {(change.feed, change.event_id) for change in gone.values()}
                days = [
                    day_of(found.decisive.reading.at)
                    for found in self.find(rule).values()
                    if not leaving.isdisjoint((change.feed, change.event_id) for change in found.changes)
                ]
                if days:
                    self.history.anchors[rule.id] = max(days) + household_rules.WINDOW_DAYS
        for key in gone:
            self.history.drop(key)
        dirty = self.dirty
        self.forget()
        self.dirty = dirty

    def _anchor_excess(self, rule: Rule, gone: set[str]) -> None:
        self._excesses(rule)
        above = self._above.get(rule.id, {})
        judged = [month for month in sorted(gone) if above.get(month) is not None]
        if judged:
            self.history.anchors[rule.id] = int(bool(above[judged[-1]]))

    def findings(self) -> Iterator[tuple[Rule, Findings]]:
        """What the rules find that may find something else than before; they count as said from now on."""
        dirty, self.dirty = self.dirty, set()
        for rule in self.book.rules:
            if rule.id in dirty:
                yield rule, self.find(rule)

    def find(self, rule: Rule) -> Findings:
        """All that a rule finds."""
        if rule.reads == "roster":
            return household_rules.across_households(rule, self.history, self.book.standards)
        if not self.history.records:
            return {}
        if rule.judges_months:
            return self._excesses(rule)
        supports: list[Scope] = []
        for scopes in self._candidates_of(rule).values():
            supports.extend(s for s in scopes if all(condition.holds(s) for condition in rule.measured))
        if "window" in rule.about:
            return dict(_windows(rule, supports, self.history.anchors.get(rule.id)))
        by_about: dict[tuple[str, ...], dict[str, Scope]] = defaultdict(dict)
        for scope in sorted(supports, key=lambda s: s.reading.at, reverse=True):
            change = scope.reading.change
            # Of one record's readings the earliest moment overwrites the later ones.
            by_about[about(rule, scope)][f"{change.feed}/{change.event_id}"] = scope
        return {x: of_support(rule, x, scopes.values()) for x, scopes in by_about.items()}

    def trace(self, rule: Rule, change: Change) -> Iterator[Scope]:
        """The moments at which a rule reads a change at all, whether or not its condition holds."""
        persons = {"person": change.person, "spouse": change.spouse, "related": change.related}
        if rule.reads == "unconsented":
            readings = household_rules.unconsented(self.history, change)
        else:
            named = tuple(persons[role] for role in rule.through)
            readings = self.history.readings(
                change, named, rule.who, after_death=rule.after_death, as_record=rule.judges_records
            )
        for reading in readings:
            through = tuple(
                role for role in rule.through if persons[role] and reading.period.find(persons[role], rule.who)
            )
            yield self._scope(rule, reading, through)

    def _scope(
        self,
        rule: Rule,
        reading: Reading,
        through: tuple[str, ...] = ("person",),
        measured: income.Income | None = None,
    ) -> Scope:
        return Scope(reading, self.history, rule.params, self.book.standards, through, measured)

    def _put(self, key: str, before: Change | None, change: Change | None) -> None:
        if before is not None:
            self.history.drop(key)
        if change is not None:
            self.history.put(key, change)

    def _bears(self, rule: Rule, change: Change) -> bool:
        """Whether a record can alter what a rule finds: as evidence, or by what is measured or ended with it."""
        if change.feed in rule.measures or (change.feed in ENDINGS and not begins_fact(change)):
            return True
        return change.feed in rule.feeds and any(True for _ in self._scopes(rule, change))

    def _refresh(self, key: str, feed: str, touched: Iterable[Change]) -> None:
        """Drop what was worked out and may be otherwise now."""
        ends = feed in ENDINGS and any(not begins_fact(change) for change in touched)
        for rule in self.book.by_feed[feed]:
            if ends:
                self._candidates.pop(rule.id, None)
            elif rule.id in self._candidates and feed in rule.feeds:
                current = self.history.records.get(key)
                self._candidates[rule.id][key] = tuple(self._scopes(rule, current)) if current is not None else ()
        if feed in income.FEEDS:
            for month in {change.text("period") for change in touched}:
                self._incomes.pop(month, None)
                for above in self._above.values():
                    above.pop(month, None)
        elif feed in income.DEPENDS_ON:
            self._incomes.clear()
            self._above.clear()

    def _candidates_of(self, rule: Rule) -> dict[str, tuple[Scope, ...]]:
        """Per record the readings for which all parts about the record itself hold."""
        found = self._candidates.get(rule.id)
        if found is None:
            records = self.history.records
            found = {k: tuple(self._scopes(rule, c)) for k, c in records.items() if c.feed in rule.feeds}
            self._candidates[rule.id] = found
        return found

    def _scopes(self, rule: Rule, change: Change) -> Iterator[Scope]:
        for scope in self.trace(rule, change):
            if all(condition.holds(scope) for condition in rule.local):
                yield scope

    def _income(self, month: str) -> income.Income | None:
        if month not in self._incomes:
            self._incomes[month] = income.of_month(self.history, month)
        return self._incomes[month]

    def _excesses(self, rule: Rule) -> Findings:
        """Runs of months above the line, named by their first; months without income neither begin nor end one."""
        found: Findings = {}
        running = bool(self.history.anchors.get(rule.id))
        above = self._above.setdefault(rule.id, {})
        for month in income.months(self.history):
            if month not in above:
                measured = self._income(month)
                above[month] = self._exceeds(rule, measured) if measured is not None else None
            if above[month] is None:
                continue
            if above[month] and not running and (measured := self._income(month)) is not None:
                found[(month,)] = self._excess(rule, measured)
            running = bool(above[month])
        return found

    def _exceeds(self, rule: Rule, measured: income.Income) -> bool:
        scope = self._scope(rule, measured.reading, measured=measured)
        return all(condition.holds(scope) for condition in rule.when)

    def _excess(self, rule: Rule, measured: income.Income) -> Finding:
        """The change that crosses is the first with which the month's income, so far, is above the line."""
        crossing = next(
            reading
            for place, reading in enumerate(measured.readings, 1)
            if (so_far := income.measure(self.history, measured.readings[:place], measured.reading)) is not None
            and self._exceeds(rule, so_far)
        )
        support = tuple(self._scope(rule, reading, measured=measured) for reading in measured.readings)
        decisive = self._scope(rule, crossing._replace(period=measured.reading.period), measured=measured)
        return Finding(rule, (measured.period,), decisive, support)


def about(rule: Rule, scope: Scope) -> tuple[str, ...]:
    """The X of "once per X" for one reading."""
    change = scope.reading.change
    return tuple(
        ABOUT[name](scope) if name in ABOUT else str(change.values.get(name.removeprefix("change."), change.feed))
        for name in rule.about
    )


def _windows(
    rule: Rule, supports: Iterable[Scope], quiet_until: int | None
) -> Iterator[tuple[tuple[str, ...], Finding]]:
    """Once in 365 days from the crossing; the evidence is what adds up to it."""
    for scope in sorted(supports, key=order):
        day = day_of(scope.reading.change.occurred_at)
        if quiet_until is None or day >= quiet_until:
            quiet_until = day + household_rules.WINDOW_DAYS
            name = ABOUT["day"](scope)
            yield (name,), Finding(rule, (name,), scope, tuple(household_rules.window_of(rule, scope)))
