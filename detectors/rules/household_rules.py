"""Where a rule reads something else than one record: other households, a missing consent, a window's other records."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from detectors.rules import facts
from detectors.rules.finding import Finding
from detectors.rules.history import History, Period, Reading
from detectors.rules.rule import Rule
from detectors.rules.scope import Scope
from detectors.standards import Standards
from streams.changes import Change
from streams.ledger import too_old
from streams.moments import day_start
from streams.roster import Membership

WINDOW_DAYS = facts.WINDOW_DAYS
_WINDOWS = {"facts.subsidies_365": "subsidies", "facts.out_of_pocket_365": "medical"}


def unconsented(history: History, change: Change) -> Iterator[Reading]:
    """A change about somebody of an active household that has not agreed to be looked at; a death needs no consent."""
    period = history.period_at(change.occurred_at)
    if change.feed == "deaths" or too_old(change):
        return
    if period is None or not period.line.active or period.consents(change.occurred_at):
        return
    for person in change.persons:
        member = period.find(person, "listed")
        if member is not None:
            yield Reading(change, change.occurred_at, period, member)
            return


def window_of(rule: Rule, crossing: Scope) -> list[Scope]:
    """The records that the crossing one adds up with, it included."""
    for condition in rule.when:
        for name in condition.names:
            if (found := _WINDOWS.get(name)) is not None:
                return [
                    Scope(reading, crossing.history, crossing.params, crossing.standards)
                    for reading in facts.window(crossing, found)
                ]
    return [crossing]


def merge(known: tuple[Membership, ...], news: tuple[Membership, ...]) -> tuple[Membership, ...]:
    """One membership per `as_of`, of the greatest version, whatever the order in which notes arrive."""
    best = {membership.as_of: membership for membership in known}
    for membership in news:
        if membership.as_of not in best or membership.version >= best[membership.as_of].version:
            best[membership.as_of] = membership
    return tuple(best[as_of] for as_of in sorted(best))


class Comparison(NamedTuple):
    """A member at a moment, and the programmes of each household that lists the person then, the own one first."""

    reading: Reading
    households: tuple[tuple[str, ...], ...]

    def scope(self, rule: Rule, history: History, standards: Standards) -> Scope:
        """What a rule's conditions see of it."""
        return Scope(self.reading, history, rule.params, standards, households=self.households)


def across_households(
    rule: Rule, history: History, standards: Standards, compared: Iterable[Comparison]
) -> dict[tuple[str, ...], Finding]:
    """Findings of a rule that compares a person's households, at every `as_of` of any of them."""
    found: dict[tuple[str, ...], Finding] = {}
    for comparison in compared:
        at = comparison.reading.at
        x = (comparison.reading.member.person,) if "person" in rule.about else ("",)
        if x not in found or at < found[x].decisive.reading.at:
            scope = comparison.scope(rule, history, standards)
            if all(condition.holds(scope) for condition in rule.when):
                found[x] = Finding(rule, x, scope, (scope,))
    return found


def comparisons(history: History) -> Iterator[Comparison]:
    """What such rules look at: each member at every `as_of` of any of the person's households."""
    persons = {member.person for period in history.periods for member in period.co_residents}
    for person in sorted(persons):
        for at in sorted(_moments(history, person)):
            period = history.period_at(at)
            member = period.find(person, "member") if period is not None and period.line.active else None
            if period is None or member is None:
                continue
            together = tuple(tuple(sorted(names)) for names in _together(history, person, period, at))
            change = Change(feed="", event_id="", person=person, occurred_at=at, reported_at=at)
            yield Comparison(Reading(change, at, period, member), together)


def _moments(history: History, person: str) -> set[int]:
    own = {period.start for period in history.periods}
    others = history.others.get(person, {}).values()
    return own | {day_start(membership.as_of) for memberships in others for membership in memberships}


def _together(history: History, person: str, own: Period, at: int) -> list[tuple[str, ...]]:
    """The programmes of each active household that lists the person as co-resident at a moment, the own one first."""
    households = [own.line.program_names]
    for memberships in history.others.get(person, {}).values():
        in_force = [m for m in memberships if day_start(m.as_of) <= at]
        if in_force and in_force[-1].listed and in_force[-1].co_resident and in_force[-1].programs:
            households.append(in_force[-1].programs)
    return households
