"""From a finding to the alert that people read (contract.md §5)."""

from collections.abc import Callable

from msgspec.structs import replace

from detectors.alerts import Alert, Text
from detectors.rules.finding import Finding
from detectors.rules.scope import Scope
from detectors.rules.vocabulary import Name, Value
from detectors.rules.words import words
from streams.moments import day_end, iso

_PERSONS = ("person", "change.person")


def alert(finding: Finding, identify: Callable[..., str]) -> Alert:
    """The alert as its first revision, `detected_at` still empty. `identify` makes ids out of parts."""
    rule, decisive = finding.rule, finding.decisive
    reading = decisive.reading
    line = reading.period.line
    changes = finding.changes
    person = next((x for name, x in zip(rule.about, finding.about, strict=False) if name in _PERSONS), None)
    values = {name: _stated(entry, decisive) for name, entry in rule.evidence.items()}
    shown = [(name, value, rule.evidence[name].field) for name, value in values.items()]
    found = Alert(
        alert_id=identify(rule.id, line.household_id, *finding.about),
        revision=1,
        status="raised",
        source=rule.id,
        source_kind="rule",
        source_version=rule.version,
        direction=rule.direction,
        severity=finding.severity,
        household_id=line.household_id,
        region=line.region,
        programs=line.program_names,
        feeds=tuple(sorted({change.feed for change in changes})),
        event_ids=tuple(sorted({change.event_id for change in changes})),
        occurred_at=iso(reading.change.occurred_at),
        detected_at="",
        title=rule.title,
        explanation=Text(
            rule.explanation.zh.format(**{name: words(value, "zh", field) for name, value, field in shown}),
            rule.explanation.en.format(**{name: words(value, "en", field) for name, value, field in shown}),
        ),
        evidence={
            **{name: _plain(value) for name, value in values.items() if value is not None},
            "changes": [
                {"feed": change.feed, "event_id": change.event_id, "occurred_at": iso(change.occurred_at)}
                for change in changes
            ],
            "days_to_act": rule.days,
        },
        match="doubtful" if finding.doubtful else "exact",
        suggested_step=rule.suggested_step,
        due_at=iso(day_end(reading.counted_from + rule.days)),
    )
    if person:
        found = replace(found, person=person)
    return replace(found, shadow=True) if rule.shadow else found


def _stated(entry: Name, scope: Scope) -> Value | None:
    """What a piece of evidence is; None for an amount that the record does not state, which is not an amount of 0."""
    absent = entry.kind == "number" and entry.field and entry.field not in scope.reading.change.values
    return None if absent else entry.value(scope)


def _plain(value: Value) -> Value | int:
    """Whole numbers without a decimal point, as people write them."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
