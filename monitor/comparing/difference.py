"""What differs between the alerts of two replays of the same files."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec

from detectors.alerts import Alert, Text, decode, encode
from monitor.replaying.register import Register
from monitor.replaying.run import ALERTS

Kind = Literal["added", "lost", "changed"]
KINDS: tuple[Kind, ...] = ("added", "lost", "changed")
_PASSING = ("revision", "detected_at", "status", "source_version")
"""Fields that tell of the way to an alert, or of the configuration's own numbering, not of the alert."""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One alert that stands under one configuration only, or says something else under the other."""

    kind: Kind
    alert_id: str
    source: str
    household_id: str | None
    region: str
    direction: str
    occurred_at: str
    fields: tuple[str, ...]
    explanation: Text


@dataclass(frozen=True)
class Standing:
    """A replay's alerts that stand, read from its folder when they are asked for."""

    register: Register
    folder: Path

    def latest(self) -> Mapping[str, Alert]:
        """The latest revision of each, by id."""
        with (self.folder / ALERTS).open("rb") as file:
            found = {}
            for said in self.register.standing():
                file.seek(said.offset)
                found[said.alert_id] = decode(file.readline())
        return found


def differences(before: Standing, after: Standing) -> list[Difference]:
    """What the second adds, loses and changes, by source, then by occurrence."""
    old, new = before.latest(), after.latest()
    found = [_difference("added", new[alert_id], ()) for alert_id in new.keys() - old.keys()]
    found += [_difference("lost", old[alert_id], ()) for alert_id in old.keys() - new.keys()]
    for alert_id in old.keys() & new.keys():
        fields = changed_fields(old[alert_id], new[alert_id])
        if fields:
            found.append(_difference("changed", new[alert_id], fields))
    return sorted(found, key=lambda d: (d.source, d.kind, d.occurred_at, d.alert_id))


def changed_fields(old: Alert, new: Alert) -> tuple[str, ...]:
    """The fields in which two alerts differ, leaving aside how they came about."""
    one, other = (msgspec.json.decode(encode(alert)) for alert in (old, new))
    return tuple(
        name for name in sorted(one.keys() | other.keys()) if name not in _PASSING and one.get(name) != other.get(name)
    )


def counts(found: list[Difference], before: Register, after: Register) -> dict[str, dict[str, Any]]:
    """Per source how many alerts stand before and after, and how many are added, lost, changed, in how many homes."""
    old, new = before.standing_by_source(), after.standing_by_source()
    kinds = Counter((difference.source, difference.kind) for difference in found)
    households: dict[str, set[str]] = {}
    for difference in found:
        if difference.household_id is not None:
            households.setdefault(difference.source, set()).add(difference.household_id)
    return {
        source: {
            "before": old.get(source, 0),
            "after": new.get(source, 0),
            **{kind: kinds[source, kind] for kind in KINDS},
            "households": len(households.get(source, ())),
        }
        for source in sorted(old.keys() | new.keys())
    }


def _difference(kind: Kind, alert: Alert, fields: tuple[str, ...]) -> Difference:
    return Difference(
        kind=kind,
        alert_id=alert.alert_id,
        source=alert.source,
        household_id=alert.household_id,
        region=alert.region,
        direction=alert.direction,
        occurred_at=alert.occurred_at,
        fields=fields,
        explanation=alert.explanation,
    )
