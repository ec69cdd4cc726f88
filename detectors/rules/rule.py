"""A rule: what it reads, about whom, when it fires and what it then says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple, get_args

from detectors.alerts import SEVERITIES, Direction, Severity, Text
from detectors.rules import income
from detectors.rules.condition import Condition
from detectors.rules.facts import Fact
from detectors.rules.history import Who
from detectors.rules.scope import Param
from detectors.rules.vocabulary import AMOUNTS, Name
from streams.changes import Change, Feed

Reads = Literal["changes", "roster", "unconsented"]


class View(NamedTuple):
    """How rules look at records, before any condition."""

    reads: Reads
    who: Who
    through: tuple[str, ...]
    after_death: bool
    as_record: bool


@dataclass(frozen=True)
class Example:
    """A small history that must or must not fire, in the contract's own form."""

    name: str
    fires: bool
    households: tuple[Mapping[str, object], ...]
    events: Mapping[str, tuple[Mapping[str, object], ...]]
    line: int


@dataclass(frozen=True)
class Rule:
    """One rule, as its file says it.

    `about` is the X of "once per X"; `when` the parts that must all hold, those about the record itself first;
    `through` as what a record must name somebody listed as `who`; `severities` are asked in order before `severity`.
    """

    id: str
    version: int
    title: Text
    direction: Direction
    severity: Severity
    days: int
    reads: Reads
    feeds: frozenset[str]
    who: Who
    through: tuple[str, ...]
    about: tuple[str, ...]
    when: tuple[Condition, ...]
    severities: tuple[tuple[Severity, Condition], ...]
    params: Mapping[str, Param]
    evidence: Mapping[str, Name]
    explanation: Text
    suggested_step: Text
    after_death: bool = False
    shadow: bool = False
    file: str = ""
    examples: tuple[Example, ...] = field(default=(), compare=False)

    @cached_property
    def local(self) -> tuple[Condition, ...]:
        """The parts that the record, the line and the standards decide alone."""
        return tuple(condition for condition in self.when if condition.local)

    @cached_property
    def measured(self) -> tuple[Condition, ...]:
        """The parts that need facts across records."""
        return tuple(condition for condition in self.when if not condition.local)

    @cached_property
    def facts(self) -> tuple[Fact, ...]:
        """What it measures across records, for its condition, its severity or its evidence."""
        names = [name for condition in self.when for name in condition.names.values()]
        names += [*self.evidence.values()]
        names += [name for _, condition in self.severities for name in condition.names.values()]
        return tuple(dict.fromkeys(name.fact for name in names if name.fact is not None))

    @cached_property
    def measures(self) -> frozenset[str]:
        """The feeds whose records can change what the rule says of another record."""
        months = income.DEPENDS_ON if self.judges_months else frozenset[str]()
        return months.union(*(fact.feeds for fact in self.facts))

    @cached_property
    def view(self) -> View:
        """How it looks at records: rules of one view read the same of a record."""
        return View(self.reads, self.who, self.through, self.after_death, self.judges_records)

    @cached_property
    def amounts(self) -> frozenset[str]:
        """The feeds on whose amounts what it says rests."""
        names = {name for condition in self.when for name in condition.names}
        return frozenset[str]().union(*(AMOUNTS[name] for name in names if name in AMOUNTS)) & self.feeds

    def measured_with(self, change: Change) -> bool:
        """A record can alter what it measures at some other one."""
        if self.judges_months and change.feed in income.DEPENDS_ON and income.concerns(change):
            return True
        return any(change.feed in fact.feeds and fact.reads(change) for fact in self.facts)

    @property
    def judges_records(self) -> bool:
        """It judges whatever records say, not the facts that they begin: it reads all feeds."""
        return len(self.feeds) == len(ALL_FEEDS)

    @property
    def judges_months(self) -> bool:
        """It judges a month's income as a whole, not single records."""
        return "excess" in self.about


def milder(severity: Severity) -> Severity:
    """One step less; low stays low."""
    return SEVERITIES[min(SEVERITIES.index(severity) + 1, len(SEVERITIES) - 1)]


ALL_FEEDS: tuple[str, ...] = get_args(Feed)
