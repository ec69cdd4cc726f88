"""Months above a line, where a rule judges a month's income as a whole: runs of them, named by their first."""

from collections.abc import Iterable

from detectors.rules import income
from detectors.rules.finding import Finding
from detectors.rules.history import History
from detectors.rules.rule import Rule
from detectors.rules.supports import Supports
from detectors.rules.worked_out import WorkedOut, marks, outcomes
from streams.changes import Change

Findings = dict[tuple[str, ...], Finding]


class Excesses:
    """The excesses that rules find, and the months' incomes; kept between changes, month by month."""

    def __init__(self, history: History, supports: Supports) -> None:
        self._history = history
        self._supports = supports
        self._incomes: dict[str, income.Income | None] = {}
        self._above: dict[str, dict[str, bool | None]] = {}
        self._found: dict[str, dict[str, Finding]] = {}

    def remember(self, known: WorkedOut) -> None:
        """Take over what was worked out before, of the same records, lines and rules."""
        months = income.months(self._history)
        self._above = {rule_id: outcomes(months, kept) for rule_id, kept in known.above.items()}

    def worked_out(self, known: WorkedOut) -> None:
        """Note what is worked out."""
        months = income.months(self._history)
        for rule_id, above in sorted(self._above.items()):
            known.above[rule_id] = marks(months, above)

    def find(self, rule: Rule) -> Findings:
        """Runs of months above the line, named by their first; months without income neither begin nor end one."""
        found: Findings = {}
        running = bool(self._history.anchors.get(rule.id))
        judged = self.judged(rule)
        known = self._found.setdefault(rule.id, {})
        for month, above in judged.items():
            if above is None:
                continue
            if above and not running and (measured := self._income(month)) is not None:
                if month not in known:
                    known[month] = self._excess(rule, measured)
                found[(month,)] = known[month]
            running = above
        return found

    def judged(self, rule: Rule) -> dict[str, bool | None]:
        """For each month with records, in order: it is above the line; None without income."""
        known = self._above.setdefault(rule.id, {})
        months = income.months(self._history)
        for month in months:
            if month not in known:
                measured = self._income(month)
                known[month] = self._exceeds(rule, measured) if measured is not None else None
        return {month: known[month] for month in months}

    def take(self, altered: Iterable[Change]) -> None:
        """Drop what was worked out and may be otherwise, now that these records stand or stand no longer."""
        for change in altered:
            if change.feed not in income.DEPENDS_ON or not income.concerns(change):
                continue
            if change.feed not in income.FEEDS:
                self.forget()
                return
            month = change.text("period")
            self._incomes.pop(month, None)
            for above in self._above.values():
                above.pop(month, None)
            for found in self._found.values():
                found.pop(month, None)

    def forget(self) -> None:
        """Work everything out anew when it is next asked for."""
        self._incomes.clear()
        self._above.clear()
        self._found.clear()

    def _income(self, month: str) -> income.Income | None:
        if month not in self._incomes:
            self._incomes[month] = income.of_month(self._history, month)
        return self._incomes[month]

    def _exceeds(self, rule: Rule, measured: income.Income) -> bool:
        scope = self._supports.scope(rule, measured.reading, measured=measured)
        return all(condition.holds(scope) for condition in rule.when)

    def _excess(self, rule: Rule, measured: income.Income) -> Finding:
        """The change that crosses is the first with which the month's income, so far, is above the line."""
        crossing = next(
            reading
            for place, reading in enumerate(measured.readings, 1)
            if (so_far := income.measure(self._history, measured.readings[:place], measured.reading)) is not None
            and self._exceeds(rule, so_far)
        )
        support = tuple(self._supports.scope(rule, reading, measured=measured) for reading in measured.readings)
        reading = crossing._replace(period=measured.reading.period)
        return Finding(rule, (measured.period,), self._supports.scope(rule, reading, measured=measured), support)
