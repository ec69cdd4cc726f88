"""What a detector said of a household. It compares with the county, so the whole county is assessed again."""

import tempfile
from dataclasses import asdict, replace
from pathlib import Path

import msgspec

from detectors.alerts import Alert, decode
from detectors.rules.casebook import RuleBook
from monitor.explaining.trials import Trial
from monitor.replaying.given import Inputs, Told
from monitor.replaying.run import ALERTS, replay
from streams.moments import day_of, parse_instant

_QUIET = "within its own past and what its peers do, or not enough known yet"


class SourceExplained(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule or detector said, and what a rule looked at."""

    source: str
    version: int
    title: dict[str, str]
    fires: bool
    why: str
    alerts: tuple[Alert, ...]
    trials: tuple[Trial, ...] = ()
    thresholds: dict[str, float] = {}
    """A detector's numbers: what it compares its score with. Its alerts' evidence has the score and the peers."""


def explain_detector(inputs: Inputs, household_id: str, source: str, as_of: int | None, told: Told) -> SourceExplained:
    """A detector's alerts about a household as known at the end of a day, with the numbers that it compares with."""
    detector = inputs.configuration.detectors[source]
    alone = replace(inputs.configuration, rules=RuleBook((), inputs.configuration.rules.standards))
    latest: dict[str, Alert] = {}
    with tempfile.TemporaryDirectory() as folder:
        replay(replace(inputs, configuration=alone), Path(folder), told)
        for line in (Path(folder) / ALERTS).read_bytes().splitlines():
            alert = decode(line)
            known = as_of is None or day_of(parse_instant(alert.detected_at)) <= as_of
            if known and alert.source == source and alert.household_id == household_id:
                latest[alert.alert_id] = alert
    fires = any(alert.status == "raised" for alert in latest.values())
    return SourceExplained(
        source=source,
        version=detector.version,
        title={"zh": detector.title.zh, "en": detector.title.en},
        fires=fires,
        why=""
        if fires
        else "taken back"
        if latest
        else "within its own past and what its peers do, or not enough known yet",
        alerts=tuple(latest.values()),
        thresholds={**asdict(detector.parameters), "budget": detector.budget},
    )
