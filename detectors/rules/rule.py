"""A rule: what it reads, about whom, when it fires and what it then says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, get_args

from detectors.alerts import SEVERITIES, Direction, Severity, Text
from detectors.rules.condition import Condition
from detectors.rules.history import Who
from detectors.rules.scope import Param
from detectors.rules.vocabulary import AMOUNTS, Name
from streams.changes import Feed

Reads = Literal["changes", "roster", "unconsented"]


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
    def measures(self) -> frozenset[str]:
        """The feeds whose records can change what the rule says of another record."""
        names = [name for condition in self.when for name in condition.names.values()]
        names += [*self.evidence.values()]
        names += [name for _, condition in self.severities for name in condition.names.values()]
        return frozenset[str]().union(*(name.fact for name in names if name.fact))

    @cached_property
    def amounts(self) -> frozenset[str]:
        """The feeds on whose amounts what it says rests."""
        names = {name for condition in self.when for name in condition.names}
        return frozenset[str]().union(*(AMOUNTS[name] for name in names if name in AMOUNTS)) & self.feeds

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
