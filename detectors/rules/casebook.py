"""A household's findings under all rules.

What stands follows from the set of records alone; what is kept between changes only saves working out again what a
change cannot have altered.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from detectors.rules import household_rules
from detectors.rules.excesses import Excesses, Findings
from detectors.rules.finding import Finding, of_support, order
from detectors.rules.history import ENDINGS, History, begins_fact
from detectors.rules.rule import Rule
from detectors.rules.rule_book import RuleBook
from detectors.rules.scope import Scope
from detectors.rules.supports import Supports
from detectors.rules.vocabulary import ABOUT
from detectors.rules.worked_out import WorkedOut
from streams.changes import Change
from streams.moments import day_of
from streams.roster import Line, Membership


class Casebook:
    """One household: its history and what each rule finds in it.

    Nothing is worked out before it is asked for. `dirty` holds the rules whose findings may differ from what was said
    last; the others' are as they were.
    """

    def __init__(self, book: RuleBook, history: History | None = None) -> None:
        self.book = book
        self.history = history if history is not None else History()
        self.dirty: set[str] = set()
        self._supports = Supports(book, self.history)
        self._excesses = Excesses(self.history, self._supports)
        self._compared: list[household_rules.Comparison] | None = None

    def remember(self, known: WorkedOut) -> None:
        """Take over what was worked out before, of the same records, lines and rules."""
        self._supports.remember(known)
        self._excesses.remember(known)

    def worked_out(self) -> WorkedOut:
        """What is worked out, to be kept beside the history."""
        known = WorkedOut()
        self._supports.worked_out(known)
        self._excesses.worked_out(known)
        return known

    def take(self, key: str, change: Change | None) -> None:
        """Let a record stand (or, with None, stand no longer)."""
        before = self.history.records.get(key)
        altered = [version for version in (before, change) if version is not None]
        feed = altered[0].feed
        bore = self._supports.bearing(before) if before is not None and feed != "deaths" else {}
        if before is not None:
            self.history.drop(key)
        if change is not None:
            self.history.put(key, change)
        if feed == "deaths":
            self.forget()
            return
        bears = self._supports.bearing(change) if change is not None else {}
        self._excesses.take(altered)
        if feed in ENDINGS and not all(map(begins_fact, altered)):
            self._supports.forget(self.book.by_feed[feed])
            self.dirty |= {rule.id for rule in self.book.by_feed[feed]}
        else:
            self._supports.take(key, bears, altered)
            self.dirty |= bore.keys() | bears.keys()
            self.dirty |= {rule.id for rule in self.book.measuring[feed] if any(map(rule.measured_with, altered))}

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
        self._compared = None
        self.dirty |= {rule.id for rule in self.book.rules if rule.reads == "roster"}

    def forget(self) -> None:
        """Work everything out anew when it is next asked for."""
        self._supports.forget()
        self._excesses.forget()
        self._compared = None
        self.dirty = set(self.book.ids)

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
        for key, change in gone.items():
            self.history.drop(key)
            self._excesses.take([change])
            self._supports.take(key, {}, [change])

    def _anchor_excess(self, rule: Rule, gone: set[str]) -> None:
        above = self._excesses.judged(rule)
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
            if self._compared is None:
                self._compared = list(household_rules.comparisons(self.history))
            return household_rules.across_households(rule, self.history, self.book.standards, self._compared)
        if not self.history.records:
            return {}
        if rule.judges_months:
            return self._excesses.find(rule)
        supports = self._supports.of(rule)
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
        return self._supports.trace(rule, change)


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
