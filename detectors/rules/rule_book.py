"""The rules and local amounts in force, and by which feed each of them can matter."""

import hashlib
from collections.abc import Iterable

from detectors.rules.rule import ALL_FEEDS, Rule, View
from detectors.standards import Standards

METHOD = 1
"""To be raised with every change of this code by which rules find something else in the same records.

Households keep what the rules have worked out: with another version all of it is worked out anew.
"""


class RuleBook:
    """The rules and local amounts in force. `version` differs between any two that could say something else."""

    def __init__(self, rules: tuple[Rule, ...], standards: Standards) -> None:
        self.rules = rules
        self.ids = frozenset(rule.id for rule in rules)
        self.standards = standards
        self.by_feed = {feed: tuple(r for r in rules if feed in r.feeds | r.measures) for feed in ALL_FEEDS}
        """Those for which a record of the feed can matter: as evidence, or by what is measured with it."""
        self.measuring = {feed: tuple(r for r in rules if feed in r.measures) for feed in ALL_FEEDS}
        """Those that measure with records of the feed what they say of others."""
        single = [rule for rule in rules if rule.reads != "roster" and not rule.judges_months]
        self.readers = {feed: _by_view(rule for rule in single if feed in rule.feeds) for feed in ALL_FEEDS}
        """Those that judge single records of the feed, together with those that look at them in the same way."""
        said = [
            (
                r.id, r.version, r.direction, r.severity, r.days, r.who, r.through, r.about, r.after_death, r.shadow,
                *(condition.source for condition in r.when), *((word, c.source) for word, c in r.severities),
                sorted(r.params.items()), sorted(r.evidence), r.title, r.explanation, r.suggested_step,
            )
            for r in rules
        ]  # fmt: skip
        self.version = hashlib.blake2b(repr((METHOD, said, standards.entries)).encode(), digest_size=8).hexdigest()


def _by_view(rules: Iterable[Rule]) -> tuple[tuple[View, tuple[Rule, ...]], ...]:
    found: dict[View, list[Rule]] = {}
    for rule in rules:
        found.setdefault(rule.view, []).append(rule)
    return tuple((view, tuple(alike)) for view, alike in found.items())
