"""What a detector is given beside its own memory: the household as it is known elsewhere, and the county's models."""

from collections.abc import Callable, Iterable
from typing import Any, Protocol

import msgspec

from detectors.doubts import Doubt
from detectors.household_state import HouseholdSeries, Told
from detectors.looks import Look
from detectors.population import Population
from detectors.settings import Detector
from detectors.signals import Signal
from detectors.sums import Sums
from detectors.wording import filled
from streams.changes import Change
from streams.moments import day_of, day_start, iso_month, month_of
from streams.roster import Line


class View(Protocol):
    """The household as the ledger and the roster have it, after the message at hand was applied."""

    def line(self, at: int) -> Line | None:
        """The line in force at an instant."""

    def records(self) -> Iterable[Change]:
        """Every record that stands."""

    def died(self, person: str) -> int | None:
        """When the person died, if a record says so."""


class Context(msgspec.Struct):
    """One message's work on one household."""

    population: Population
    state: HouseholdSeries
    view: View
    household_id: str
    month: int
    """The calendar month in which the message was reported."""
    signals: list[Signal] = []
    look: Callable[[Look], None] | None = None
    """Hears what the detectors compare, if somebody asks about this household."""

    def raise_(
        self,
        detector: Detector,
        person: str,
        told: Told,
        support: list[Change],
        words: dict[str, dict[str, str]],
        evidence: dict[str, Any],
        *,
        occurred_at: int | None = None,
        p_value: float | None = None,
        resting: Iterable[str] = (),
    ) -> None:
        """Say something. `words` fill the explanation's places, for each language its own.

        `resting` are the feeds whose amounts it rests on: it is taken back if they turn out to be on another scale.
        """
        latest = max(support, key=lambda change: (change.occurred_at, change.reported_at, change.event_id))
        line = self.view.line(latest.occurred_at)
        for feed in resting:
            self.population.doubts.rests(feed, self.household_id, max(c.reported_at for c in support if c.feed == feed))
        self.signals.append(
            Signal(
                source=detector.id,
                version=detector.version,
                status="raised",
                household_id=self.household_id,
                person=person,
                about=iso_month(told.onset),
                direction=detector.direction,
                severity=detector.severity,
                days=detector.days,
                region=line.region if line else "",
                feeds=tuple(sorted({change.feed for change in support})),
                event_ids=tuple(sorted({change.event_id for change in support})),
                occurred_at=latest.occurred_at if occurred_at is None else occurred_at,
                reported_at=latest.reported_at if occurred_at is None else occurred_at,
                p_value=p_value,
                shadow=detector.shadow,
                title=detector.title,
                explanation=filled(detector.explanation, words),
                step=detector.step,
                evidence=evidence,
            )
        )

    def retract(self, detector: Detector, person: str, told: Told, doubt: Doubt | None = None) -> None:
        """Take something back, perhaps because of a feed that is in doubt."""
        self.signals.append(
            Signal(
                source=detector.id,
                version=detector.version,
                status="retracted",
                household_id=self.household_id,
                person=person,
                about=iso_month(told.onset),
                direction=detector.direction,
                severity=detector.severity,
                occurred_at=0,
                reported_at=0,
                shadow=detector.shadow,
                title=detector.title,
                explanation=detector.explanation,
                step=detector.step,
                evidence={} if doubt is None else {"feed_doubtful": [doubt.evidence()]},
            )
        )


def readable(view: View, change: Change) -> bool:
    """A detector may read the change: a co-resident member's of an active household with consent, who was alive."""
    line = view.line(change.occurred_at)
    if line is None or not line.active or line.consent_until is None:
        return False
    day, person = day_of(change.occurred_at), change.person
    if day > line.consent_until:
        return False
    for member in line.members:
        if member.person == person and member.co_resident:
            break
    else:
        return False
    died = view.died(person)
    return died is None or day <= day_of(died)


def begun(context: Context, change: Change) -> Sums:
    """A new series of monthly sums: months without a record count since the feed and the household's line are there."""
    at = month_of(change.occurred_at)
    line = context.view.line(change.occurred_at)
    since = context.population.began.get(change.feed)
    first = at
    if line is not None and since is not None:
        first = min(at, max(since, month_of(day_start(line.as_of))))
    sums = Sums(first, first, first)
    sums.add(first, 0)
    return sums
