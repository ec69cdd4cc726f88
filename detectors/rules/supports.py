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
from detectors.rules.worked_out import WorkedOut, marks, outcomes
from streams.changes import Change

_Seen = tuple[Reading, tuple[str, ...]]
"""A reading, and as what the record names somebody whom the view looks at."""
_Scopes = tuple[Scope, ...]
_Held = dict[str, _Scopes | None]
"""By key of the record the readings for which something holds; None for some that are to be read anew."""


class Supports:
    """The supports of each rule that reads single records."""

    def __init__(self, book: RuleBook, history: History) -> None:
        self._book = book
        self._history = history
        self._candidates: dict[str, _Held] = {}
        """By rule: the parts about the record itself hold."""
        self._supports: dict[str, _Held] = {}
        """By rule that measures facts across records: all parts hold."""
        self._known = WorkedOut()
        """What was worked out before the household was loaded, as far as nobody has asked for it."""
        self._known_keys: list[str] = []

    def remember(self, known: WorkedOut) -> None:
        """Take over what was worked out before, of the same records, lines and rules."""
        self._known = known
        self._known_keys = list(self._history.records)

    def worked_out(self, known: WorkedOut) -> None:
        """Note what is worked out."""
        keys = list(self._history.records)
        if keys[: len(self._known_keys)] != self._known_keys:
            for rule_id in list(self._known.candidates):
                self._recall(rule_id)
        places = {key: place for place, key in enumerate(keys)}
        # In one order, so that what is known makes the same bytes however it came to be known.
        for rule_id in sorted(self._known.candidates.keys() | self._candidates.keys()):
            candidates = self._candidates.get(rule_id)
            if candidates is None:
                known.candidates[rule_id] = self._known.candidates[rule_id]
                if rule_id in self._known.held:
                    known.held[rule_id] = self._known.held[rule_id]
                continue
            known.candidates[rule_id] = [places[key] for key in candidates]
            if (held := self._supports.get(rule_id)) is not None:
                # What is to be read anew held before.
                known.held[rule_id] = marks(candidates, {key: scopes != () for key, scopes in held.items()})

    def _recall(self, rule_id: str) -> _Held | None:
        """The rule's candidates, as far as they are worked out."""
        places = self._known.candidates.pop(rule_id, None)
        if places is not None:
            candidates = self._candidates[rule_id] = {self._known_keys[place]: None for place in places}
            if (kept := self._known.held.pop(rule_id, None)) is not None:
                held = outcomes(candidates, kept)
                self._supports[rule_id] = {key: None if holds else () for key, holds in held.items()}
        return self._candidates.get(rule_id)

    def of(self, rule: Rule) -> list[Scope]:
        """All readings of the standing records for which the rule's condition holds."""
        candidates = self._recall(rule.id)
        if candidates is None:
            candidates = self._candidates[rule.id] = {
                key: scopes
                for feed in rule.feeds
                for key, change in self._history.by_feed.get(feed, {}).items()
                if (scopes := self._local(rule, self._seen(rule.view, change)))
            }
        held = self._supports.setdefault(rule.id, {}) if rule.measured else candidates
        found: list[Scope] = []
        for key, read in candidates.items():
            known = held.get(key)
            if known is None:
                scopes = read if read is not None else self._reread(rule, candidates, key)
                known = held[key] = tuple(s for s in scopes if all(condition.holds(s) for condition in rule.measured))
            found += known
        return found

    def _reread(self, rule: Rule, candidates: _Held, key: str) -> _Scopes:
        scopes = candidates[key] = self._local(rule, self._seen(rule.view, self._history.records[key]))
        return scopes

    def bearing(self, change: Change) -> dict[str, _Scopes]:
        """Of each rule, if any, the readings of a record for which the parts about the record itself hold."""
        found = {}
        alive = change.person not in self._history.deaths
        for view, rules in self._book.readers[change.feed]:
            if view.after_death and alive:
                continue
            if seen := self._seen(view, change):
                for rule in rules:
                    if scopes := self._local(rule, seen):
                        found[rule.id] = scopes
        return found

    def take(self, key: str, bears: Mapping[str, _Scopes], altered: Sequence[Change]) -> None:
        """Let a record stand, of which each rule has these readings; or no longer, with none.

        `altered` are its versions that stood before and now. They may not end anything: then all is to be forgotten.
        """
        for rule in self._book.by_feed[altered[0].feed]:
            candidates = self._recall(rule.id)
            if candidates is None:
                continue
            held = self._supports.get(rule.id, {})
            for change in altered:
                for other in self._reached(rule, change, held):
                    del held[other]
            held.pop(key, None)
            candidates.pop(key, None)
            if rule.id in bears:
                candidates[key] = bears[rule.id]

    def forget(self, rules: Iterable[Rule] | None = None) -> None:
        """Work these rules' supports, or all rules', out anew when they are next asked for."""
        if rules is None:
            self._known = WorkedOut()
            self._candidates.clear()
            self._supports.clear()
            return
        for rule in rules:
            self._recall(rule.id)
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
        found = []
        for reading, through in seen:
            scope = self.scope(rule, reading, through)
            for condition in rule.local:
                if not condition.holds(scope):
                    break
            else:
                found.append(scope)
        return tuple(found)

    def _seen(self, view: View, change: Change) -> list[_Seen]:
        named = [(role, person) for role in view.through if (person := getattr(change, role))]
        readings: Iterator[Reading]
        if view.reads == "unconsented":
            readings = household_rules.unconsented(self._history, change)
        else:
            readings = self._history.readings(
                change,
                tuple([person for _, person in named]),
                view.who,
                after_death=view.after_death,
                as_record=view.as_record,
            )
        if len(view.through) == 1:
            return [(reading, view.through) for reading in readings]
        return [
            (reading, tuple([role for role, person in named if reading.period.find(person, view.who)]))
            for reading in readings
        ]

    def _reached(self, rule: Rule, change: Change, held: _Held) -> list[str]:
        """The records at which a rule may measure something else because of a change."""
        facts = [fact for fact in rule.facts if change.feed in fact.feeds and fact.reads(change)]
        records = self._history.records
        return [key for key in held if key in records and any(fact.reaches(change, records[key]) for fact in facts)]
