"""A household explained: its line, its facts, and each source's alerts and trials, as of a day."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from detectors.rules.history import FOREVER, History
from monitor.evaluation import FEED_DAYS
from monitor.explaining.detector import SourceExplained, explain_detector
from monitor.explaining.trials import Trial, trials
from monitor.household import HouseholdState
from monitor.replaying.course import messages
from monitor.replaying.given import Inputs, Told, assessor_of
from monitor.replaying.run import screen_inputs
from monitor.replaying.screened import Screened
from streams.changes import Change
from streams.enrolment import notes
from streams.errors import UnusableError
from streams.ledger import key_of, too_old
from streams.moments import date_of, day_of, day_start, iso


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """A record that stands. `until` is when what it began has ended; None while it stands or where nothing lasts."""

    feed: str
    event_id: str
    person: str
    occurred_at: str
    reported_at: str
    until: str | None
    values: Mapping[str, Any]


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """All about one household. `left_out` are records that do not stand, with the reason."""

    household_id: str
    as_of: str | None
    line: dict[str, Any] | None
    facts: tuple[Fact, ...]
    left_out: tuple[dict[str, str], ...]
    sources: tuple[SourceExplained, ...]


def explain(
    inputs: Inputs, household_id: str, source: str | None, as_of: int | None, told: Told = lambda s, d, t: None
) -> Explanation:
    """Explain a household as it was known at the end of a day, or of the files. Raises UnusableError."""
    if household_id not in inputs.roster:
        raise UnusableError(f"--household {household_id}: is not in the roster")
    rules = {rule.id for rule in inputs.configuration.rules.rules}
    detectors = inputs.configuration.detectors
    if source is not None and source not in rules and source not in detectors:
        known = ", ".join(sorted([*rules, *detectors]))
        raise UnusableError(f"--source {source}: no such rule or detector; there are {known}")
    if source in FEED_DAYS:
        raise UnusableError(
            f"--source {source}: speaks about feeds and not about households; see alerts.jsonl of a replay"
        )
    with tempfile.TemporaryDirectory() as scratch:
        screened = screen_inputs(inputs, Path(scratch), told)
        return _explained(inputs, screened, household_id, source, as_of, told)


def _explained(
    inputs: Inputs, screened: Sequence[Screened], household_id: str, source: str | None, as_of: int | None, told: Told
) -> Explanation:
    rules = {rule.id for rule in inputs.configuration.rules.rules}
    state, learnt = _learn(inputs, screened, household_id, as_of, told)
    history = state.casebook.history
    moment = day_start(as_of + 1) - 1 if as_of is not None else max((c.reported_at for c in learnt), default=FOREVER)
    names = _names(history)
    detected: tuple[SourceExplained, ...] = ()
    if source is not None and source not in rules:
        detected = (explain_detector(inputs, screened, household_id, source, as_of, names, told),)
    return Explanation(
        household_id=household_id,
        as_of=date_of(as_of).isoformat() if as_of is not None else None,
        line=_line(history, moment, names),
        facts=tuple(_fact(history, change, names) for change in sorted(history.records.values(), key=_order)),
        left_out=tuple(_left_out(state, learnt)),
        sources=tuple(_source(state, rule, names) for rule in sorted(rules) if source in (None, rule)) + detected,
    )


def _learn(
    inputs: Inputs, screened: Sequence[Screened], household_id: str, as_of: int | None, told: Told
) -> tuple[HouseholdState, list[Change]]:
    """The household's state after all it had learnt by the end of the day, and the changes it learnt of."""
    assessor = assessor_of(inputs)
    state = assessor.load(None)
    roster = {
        name: [e for e in lines if as_of is None or e.line.as_of <= as_of] for name, lines in inputs.roster.items()
    }
    for note in notes({name: lines for name, lines in roster.items() if lines}):
        if note.household_id == household_id:
            assessor.assess(state, note, day_start(note.line.as_of) if note.line is not None else 0)
    learnt = []
    total = sum(done.matched for done in screened)
    for message, at in messages(inputs.keys, screened, lambda done: told("reading", done, total)):
        if as_of is not None and day_of(at) > as_of:
            break
        if message.household_id == household_id:
            assessor.assess(state, message, at)
            learnt.append(message.change)
    return state, learnt


def _names(history: History) -> dict[str, str]:
    """Persons by their place in the household and their relation: nobody's number is told."""
    names: dict[str, str] = {}
    for period in history.periods:
        for member in period.line.members:
            names.setdefault(member.person, f"#{len(names) + 1} {member.relation}")
    return names


def _line(history: History, moment: int, names: Mapping[str, str]) -> dict[str, Any] | None:
    period = history.period_at(moment)
    if period is None:
        return None
    line = period.line
    return {
        "as_of": date_of(line.as_of).isoformat(),
        "region": line.region,
        "programs": line.program_names,
        "consent_until": date_of(line.consent_until).isoformat() if line.consent_until is not None else None,
        "declared_monthly_income": line.declared_monthly_income,
        "declared_vehicles": line.declared_vehicles,
        "declared_properties": line.declared_properties,
        "members": [
            {
                "person": names[member.person],
                "co_resident": member.co_resident,
                "declared_monthly_income": member.declared_monthly_income,
                "disability_grade": member.disability_grade,
            }
            for member in line.members
        ],
    }


def _fact(history: History, change: Change, names: Mapping[str, str]) -> Fact:
    end = history.end_of(change)
    return Fact(
        feed=change.feed,
        event_id=change.event_id,
        person=", ".join(names.get(person, "–") for person in change.persons),
        occurred_at=iso(change.occurred_at),
        reported_at=iso(change.reported_at),
        until=iso(end) if end != FOREVER else None,
        values=change.values,
    )


def _order(change: Change) -> tuple[int, str, str]:
    return change.occurred_at, change.feed, change.event_id


def _left_out(state: HouseholdState, learnt: list[Change]) -> list[dict[str, str]]:
    """Changes that were reported and do not stand: withdrawn, replaced, or too old when they came."""
    found = []
    for change in learnt:
        key = key_of(change)
        standing = state.casebook.history.records.get(key)
        if change.op == "retract" or (standing is not None and standing == change):
            continue
        if key in state.retracted:
            why = "withdrawn by its source"
        elif too_old(change):
            why = "too old when it was reported"
        elif standing is not None:
            why = "replaced by another version"
        else:
            why = "expired"
        found.append({"feed": change.feed, "event_id": change.event_id, "why": why})
    return found


def _source(state: HouseholdState, rule_id: str, names: Mapping[str, str]) -> SourceExplained:
    rule = next(rule for rule in state.casebook.book.rules if rule.id == rule_id)
    tried = trials(state.casebook, rule)
    said = [
        replace(p.content, revision=p.revision, status="raised" if p.raised else "retracted",
                person=names.get(str(p.content.person), "–") if p.content.person else p.content.person)
        for p in state.published.values() if p.content.source == rule_id
    ]  # fmt: skip
    fires = any(alert.status == "raised" for alert in said)
    return SourceExplained(
        source=rule.id,
        version=rule.version,
        title={"zh": rule.title.zh, "en": rule.title.en},
        fires=fires,
        why="" if fires else _why(tried),
        alerts=tuple(said),
        trials=tuple(tried),
    )


def _why(tried: list[Trial]) -> str:
    """The reason of the trial that came nearest."""
    if not tried:
        return "no record that it reads"
    if any(trial.fires for trial in tried):
        return "fired once, and what it rested on has been withdrawn or expired"
    return max(tried, key=lambda trial: (trial.held, bool(trial.parts))).why
