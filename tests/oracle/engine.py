"""The real engine behind the oracle's interface: plain dicts in, standing alerts out, in any order of arrival."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from random import Random
from typing import Any

from detectors.alerts import Alert
from detectors.rules.rule_book import RuleBook
from monitor.assessment import Assessor, Keyring
from monitor.configuration import SHIPPED, load_configuration
from streams.changes import Change, Rejection
from streams.checking import check
from streams.concealing import conceal, reveal
from streams.enrolment import Enrolled, in_force, notes
from streams.messages import Matched, RosterNote
from streams.moments import instant, parse_day
from streams.roster import Grant, Line, Member
from streams.secrets import Keys
from tests.oracle import Standing
from tests.oracle.persons import identity

KEYS = Keys(b"synthetic people only, never a real secret")
Row = Mapping[str, Any]


@lru_cache(maxsize=1)
def rules() -> RuleBook:
    """The shipped rules."""
    return load_configuration(SHIPPED).rules


def engine_stands(
    roster: Iterable[Row], rows: Sequence[tuple[str, Row]], now: datetime, order: Random | None = None
) -> list[Standing]:
    """The standing rule alerts once everything has arrived; `about` stays empty.

    The roster comes first, then the rows as given; with an `order`, lines and changes come mixed, and states are stored
    and loaded in between, as a worker does.
    """
    enrolled: dict[str, list[Enrolled]] = {}
    for version, row in enumerate(roster):
        line = _line(row)
        enrolled.setdefault(line.household_id, []).append(Enrolled(version, line))
    assessor = Assessor(rules(), Keyring(KEYS.id, lambda change: reveal(change, KEYS)))
    states = {household: assessor.load(None) for household in enrolled}
    clock = instant(now)
    messages: list[Matched | RosterNote] = [*notes(enrolled)]
    messages += [Matched(household_id=to, change=change) for to, change in _deliveries(enrolled, rows, clock)]
    if order is not None:
        order.shuffle(messages)
    for message in messages:
        state = states[message.household_id]
        if order is not None and order.random() < 0.5:
            state = states[message.household_id] = assessor.load(assessor.store(state))
        assessor.assess(state, message, clock)
    published = [said for state in states.values() for said in state.published.values() if said.raised]
    return sorted(_standing(said.content) for said in published if said.content.source_kind == "rule")


def _deliveries(
    enrolled: Mapping[str, Sequence[Enrolled]], rows: Sequence[tuple[str, Row]], clock: int
) -> list[tuple[str, Change]]:
    """Each change for each household of a person it names, and for those whose record it replaces."""
    persons = {
        household: {member.person for each in in_force(lines) for member in each.line.members}
        for household, lines in enrolled.items()
    }
    records = [check(feed, row, clock) for feed, row in rows]
    changes = [conceal(record, KEYS) for record in records if not isinstance(record, Rejection)]
    concerned: dict[tuple[str, str], set[str]] = {}
    for change in changes:
        households = {household for household, listed in persons.items() if listed & set(change.persons)}
        concerned.setdefault((change.feed, change.event_id), set()).update(households)
    return [(household, c) for c in changes for household in sorted(concerned[c.feed, c.event_id])]


def _line(row: Row) -> Line:
    declared = row.get("declared_monthly_income")
    return Line(
        household_id=row["household_id"],
        region=row["region"],
        as_of=parse_day(row["as_of"]),
        programs=tuple(Grant(program=grant["program"]) for grant in row["programs"]),
        members=tuple(_member(member) for member in row["members"]),
        declared_monthly_income=None if declared is None else float(declared),
        declared_vehicles=row.get("declared_vehicles") or 0,
        declared_properties=row.get("declared_properties") or 0,
        consent_until=parse_day(row["consent_until"]) if row.get("consent_until") else None,
    )


def _member(row: Row) -> Member:
    return Member(
        person=KEYS.pseudonym(identity(row["id_number"])),
        relation=row["relation"],
        name=KEYS.name_mark(row.get("name") or ""),
        co_resident=row.get("co_resident", True),
        disability_grade=row.get("disability_grade"),
        declared_monthly_income=float(row.get("declared_monthly_income") or 0),
    )


def _standing(alert: Alert) -> Standing:
    return Standing(
        source=alert.source,
        household_id=alert.household_id or "",
        about=(),
        occurred_at=alert.occurred_at,
        severity=alert.severity,
        match=alert.match,
        event_ids=alert.event_ids,
        due_at=alert.due_at,
        direction=alert.direction,
        region=alert.region,
        programs=tuple(alert.programs),
    )


def comparable(alerts: Iterable[Standing], known: Iterable[str]) -> list[Standing]:
    """The alerts without what the two sides write differently: `about`, and ids that were derived."""
    given = set(known)

    def ids(alert: Standing) -> tuple[str, ...]:
        return tuple(sorted(event_id if event_id in given else "derived" for event_id in alert.event_ids))

    return sorted(replace(alert, about=(), event_ids=ids(alert)) for alert in alerts)
