"""What a rule finds in a household's history: one finding per X of "once per X"."""

from collections.abc import Iterable
from dataclasses import dataclass

from detectors.alerts import Severity
from detectors.rules.history import occurrence
from detectors.rules.rule import Rule, milder
from detectors.rules.scope import Scope
from streams.changes import Change


@dataclass(frozen=True)
class Finding:
    """A rule's finding. `decisive` gives `occurred_at`, severity, line and days; `support` is all its evidence."""

    rule: Rule
    about: tuple[str, ...]
    decisive: Scope
    support: tuple[Scope, ...]

    @property
    def changes(self) -> tuple[Change, ...]:
        """The records that support it; none for what the roster alone shows."""
        return tuple(s.reading.change for s in self.support if s.reading.change.feed)

    @property
    def doubtful(self) -> bool:
        """No supporting record matches exactly."""
        return all(scope.reading.doubtful for scope in self.support)

    @property
    def severity(self) -> Severity:
        """The rule's severity for the decisive record, one step milder if the match is doubtful."""
        severity = next((word for word, when in self.rule.severities if when.holds(self.decisive)), self.rule.severity)
        return milder(severity) if self.doubtful else severity


def order(scope: Scope) -> tuple[int, int, str, str]:
    """By occurrence, so that every order of arrival decides alike."""
    return occurrence(scope.reading)


def of_support(rule: Rule, about: tuple[str, ...], scopes: Iterable[Scope]) -> Finding:
    """The finding of one X: of records by period those of the earliest stand for the later ones."""
    support = list(scopes)
    if rule.reads == "unconsented":
        support = [min(support, key=order)]
    periods = [scope.reading.change.text("period") for scope in support]
    earliest = min((period for period in periods if period), default="")
    kept = [s for s, period in zip(support, periods, strict=True) if not period or period == earliest]
    return Finding(rule, about, min(kept, key=order), tuple(sorted(kept, key=order)))
