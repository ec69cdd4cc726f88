"""What supports the rules' findings: the readings of a household's records for which a rule's condition holds.

Kept between changes, so that a change costs what it can have altered and not the household's whole history.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from detectors.rules import household_rules
from detectors.rules.history import History, Reading
from detectors.rules.income import Income
from detectors.rules.rule import Rule, View
from detectors.rules.rule_book import RuleBook
from detectors.rules.scope import Scope
from streams.changes import Change

_Seen = tuple[Reading, tuple[str, ...]]
"""A reading, and as what the record names somebody whom the view looks at."""
_Held = dict[str, tuple[Scope, ...]]
"""By key of the record the readings for which something holds."""


class Supports:
    """The supports of each rule that reads single records."""

    def __init__(self, book: RuleBook, history: History) -> None:
        self._book = book
        self._history = history
        self._candidates: dict[str, _Held] = {}
        """By rule: the parts about the record itself hold."""
        self._supports: dict[str, _Held] = {}
        """By rule that measures facts across records: all parts hold."""

    def of(self, rule: Rule) -> list[Scope]:
        """All readings of the standing records for which the rule's condition holds."""
        candidates = self._candidates.get(rule.id)
        if candidates is None:
            candidates = self._candidates[rule.id] = {
                key: scopes
                for feed in rule.feeds
                for key, change in self._history.by_feed.get(feed, {}).items()
                if (scopes := self._local(rule, self._seen(rule.view, change)))
            }
        held = candidates
        if rule.measured:
            held = self._supports.setdefault(rule.id, {})
            for key, scopes in candidates.items():
                if key not in held:
                    held[key] = tuple(s for s in scopes if all(condition.holds(s) for condition in rule.measured))
        return [scope for scopes in held.values() for scope in scopes]

    def bearing(self, change: Change) -> dict[str, tuple[Scope, ...]]:
        """Of each rule, if any, the readings of a record for which the parts about the record itself hold."""
        found = {}
        for view, rules in self._book.readers[change.feed]:
            seen = self._seen(view, change)
            if seen:
                for rule in rules:
                    if scopes := self._local(rule, seen):
                        found[rule.id] = scopes
        return found

    def take(self, key: str, bears: Mapping[str, tuple[Scope, ...]], altered: Sequence[Change]) -> None:
        """Let a record stand, of which each rule has these readings; or no longer, with none.

        `altered` are its versions that stood before and now. They may not end anything: then all is to be forgotten.
        """
        for rule in self._book.by_feed[altered[0].feed]:
            candidates = self._candidates.get(rule.id)
            if candidates is None:
                continue
            held = self._supports.get(rule.id, {})
            for change in altered:
                for other in _reached(rule, change, held, candidates):
                    del held[other]
            held.pop(key, None)
            candidates.pop(key, None)
            if rule.id in bears:
                candidates[key] = bears[rule.id]

    def forget(self, rules: Iterable[Rule] | None = None) -> None:
        """Work these rules' supports, or all rules', out anew when they are next asked for."""
        if rules is None:
            self._candidates.clear()
            self._supports.clear()
            return
        for rule in rules:
            self._candidates.pop(rule.id, None)
            self._supports.pop(rule.id, None)

    def trace(self, rule: Rule, change: Change) -> Iterator[Scope]:
        """The moments at which a rule reads a change at all, whether or not its condition holds."""
        for reading, through in self._seen(rule.view, change):
            yield self.scope(rule, reading, through)

    def scope(
        self, rule: Rule, reading: Reading, through: tuple[str, ...] = ("person",), measured: Income | None = None
    ) -> Scope:
        """What a rule's conditions see of a reading; `measured` is the month's income where it judges months."""
        return Scope(reading, self._history, rule.params, self._book.standards, through, measured)

    def _local(self, rule: Rule, seen: Iterable[_Seen]) -> tuple[Scope, ...]:
        scopes = (self.scope(rule, reading, through) for reading, through in seen)
        return tuple(s for s in scopes if all(condition.holds(s) for condition in rule.local))

    def _seen(self, view: View, change: Change) -> list[_Seen]:
        persons = {"person": change.person, "spouse": change.spouse, "related": change.related}
        readings: Iterator[Reading]
        if view.reads == "unconsented":
            readings = household_rules.unconsented(self._history, change)
        else:
            readings = self._history.readings(
                change,
                tuple(persons[role] for role in view.through),
                view.who,
                after_death=view.after_death,
                as_record=view.as_record,
            )
        return [
            (
                reading,
                tuple(role for role in view.through if persons[role] and reading.period.find(persons[role], view.who)),
            )
            for reading in readings
        ]


def _reached(rule: Rule, change: Change, held: _Held, candidates: _Held) -> list[str]:
    """The records at which a rule may measure something else because of a change."""
    facts = [fact for fact in rule.facts if change.feed in fact.feeds and fact.reads(change)]
    if not facts:
        return []
    return [
        key
        for key in held
        if candidates[key] and any(fact.reaches(change, candidates[key][0].reading.change) for fact in facts)
    ]
