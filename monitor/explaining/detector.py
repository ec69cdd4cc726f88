"""What a detector saw in a household. It compares with the county, so the whole county is assessed again."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import msgspec

from detectors.alerts import Alert, decode
from detectors.looks import Look, Watched
from detectors.rules.rule_book import RuleBook
from monitor.explaining.trials import Part, Trial
from monitor.replaying.given import Inputs, Told
from monitor.replaying.run import ALERTS, assess_inputs
from monitor.replaying.screened import Screened
from streams.moments import day_of, iso_month, parse_instant


class SourceExplained(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule or detector said, and what it looked at."""

    source: str
    version: int
    title: dict[str, str]
    fires: bool
    why: str
    alerts: tuple[Alert, ...]
    trials: tuple[Trial, ...] = ()
    thresholds: dict[str, float] = {}
    """A detector's numbers: what it compares with."""


def explain_detector(
    inputs: Inputs, screened: Sequence[Screened], household_id: str, source: str, as_of: int | None,
    names: Mapping[str, str], told: Told,
) -> SourceExplained:  # fmt: skip
    """A detector's alerts about a household as known at the end of a day, and every look it had at it until then.

    `names` says how persons are called.
    """
    detector = inputs.configuration.detectors[source]
    looks: list[Look] = []

    def hear(at: int, look: Look) -> None:
        if look.source == source and (as_of is None or day_of(at) <= as_of):
            looks.append(look)

    alone = replace(inputs.configuration, rules=RuleBook((), inputs.configuration.rules.standards))
    latest: dict[str, Alert] = {}
    with tempfile.TemporaryDirectory() as folder:
        asked = replace(inputs, configuration=alone, watched=Watched(household_id, hear))
        assess_inputs(asked, screened, Path(folder), told, apart=False)
        with (Path(folder) / ALERTS).open("rb") as file:
            for alert in map(decode, file):
                known = as_of is None or day_of(parse_instant(alert.detected_at)) <= as_of
                if known and alert.source == source and alert.household_id == household_id:
                    latest[alert.alert_id] = alert
    fires = any(alert.status == "raised" for alert in latest.values())
    trials = tuple(_trial(look, names) for look in looks)
    return SourceExplained(
        source=source,
        version=detector.version,
        title={"zh": detector.title.zh, "en": detector.title.en},
        fires=fires,
        why="" if fires else "taken back" if latest else _silent(trials),
        alerts=tuple(_named(alert, names) for alert in latest.values()),
        trials=trials,
        thresholds={**asdict(detector.parameters), "budget": detector.budget},
    )


def _trial(look: Look, names: Mapping[str, str]) -> Trial:
    failed = next((check for check in look.checks if not check.holds), None)
    person = f" of {names.get(look.person, '–')}" if look.person else ""
    return Trial(
        what=look.series + person,
        day=iso_month(look.month),
        fires=failed is None,
        why=f"not: {failed.condition}" if failed is not None else "",
        parts=tuple(Part(check.condition, dict(check.values), check.holds) for check in look.checks),
    )


def _silent(trials: Sequence[Trial]) -> str:
    """Why nothing was said: the reason of the look that came nearest."""
    if not trials:
        return "no record in a series that it watches"
    nearest = max(trials, key=lambda trial: trial.held)
    return f"{nearest.day} {nearest.what}: {nearest.why or 'it would speak, and what it rested on has been withdrawn'}"


def _named(alert: Alert, names: Mapping[str, str]) -> Alert:
    """The person by place in the household, as everywhere in an explanation."""
    if not alert.person:
        return alert
    return msgspec.structs.replace(alert, person=names.get(str(alert.person), "–"))
