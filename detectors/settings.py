"""The detectors' configuration: one strict YAML file each, all faults at once."""

import dataclasses
import string
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from detectors.alerts import Direction, Severity, Text
from detectors.yaml_file import Faults, Node, load

SEVERITIES: Final[tuple[Severity, ...]] = ("medium", "low")
"""A detector's alert alone is never more than medium."""
DIRECTIONS: Final[tuple[Direction, ...]] = ("exit", "help", "review", "data")


def parameter(default: float, least: float, most: float) -> Any:
    """A named number of a detector, with its bounds."""
    return dataclasses.field(default=default, metadata={"least": least, "most": most})


@dataclasses.dataclass(frozen=True)
class JumpParameters:
    """For jump and drop. Changes on the logarithmic scale: 0.18 is a fifth."""

    least_change: float = parameter(0.18, 0.02, 3)
    deviations: float = parameter(4, 1, 20)
    peers_share: float = parameter(0.02, 0.001, 0.5)


@dataclasses.dataclass(frozen=True)
class DropParameters(JumpParameters):
    """A drop's, and a stop's: how usual such an absence may have been for the person, and among the peers."""

    absence: float = parameter(0.02, 0.0001, 0.5)
    stopping_share: float = parameter(0.04, 0.001, 0.5)


@dataclasses.dataclass(frozen=True)
class DriftParameters:
    """`steady_share` of the single steps must go up."""

    least_rise: float = parameter(0.08, 0.02, 3)
    least_periods: float = parameter(5, 4, 10)
    steady_share: float = parameter(0.6, 0.3, 1)
    errors: float = parameter(6, 1, 50)


@dataclasses.dataclass(frozen=True)
class SecondSourceParameters:
    """The least share of the greater payer's amount that the lesser must pay."""

    least_share: float = parameter(0.0, 0, 1)


@dataclasses.dataclass(frozen=True)
class MedicalParameters:
    """`least_amount` is the least sum of a month, `least_ratio` its least ratio to what is usual."""

    least_amount: float = parameter(300, 0, 100_000)
    least_ratio: float = parameter(2.0, 1, 20)


@dataclasses.dataclass(frozen=True)
class OutlierParameters:
    """`least_change` on the logarithmic scale; `kinds` of records that must have left their range."""

    least_change: float = parameter(0.15, 0.02, 3)
    deviations: float = parameter(3, 1, 20)
    kinds: float = parameter(2, 2, 6)


@dataclasses.dataclass(frozen=True)
class BurstParameters:
    """Times what is usual, and at least so many records more."""

    least_ratio: float = parameter(3, 1.2, 50)
    least_records: float = parameter(30, 5, 100_000)
    deviations: float = parameter(8, 2, 50)


@dataclasses.dataclass(frozen=True)
class SilenceParameters:
    """`evidence` is the cumulated -log10 of the probability that nothing comes."""

    evidence: float = parameter(4, 1, 50)
    least_hours: float = parameter(3, 1, 240)


@dataclasses.dataclass(frozen=True)
class ShiftParameters:
    """`least_ratio` between the cell's usual values and what comes; shares move on the logit scale."""

    least_ratio: float = parameter(2.0, 1.1, 100)
    deviations: float = parameter(6, 2, 50)
    least_records: float = parameter(12, 3, 10_000)


PARAMETERS: Final[Mapping[str, type]] = {
    "income-jump": JumpParameters,
    "income-drop": DropParameters,
    "income-drift": DriftParameters,
    "second-source": SecondSourceParameters,
    "medical-surge": MedicalParameters,
    "household-outlier": OutlierParameters,
    "feed-burst": BurstParameters,
    "feed-silence": SilenceParameters,
    "feed-shift": ShiftParameters,
}
"""Every detector's id and its parameters."""

PLACES: Final[frozenset[str]] = frozenset(
    {"expected", "came", "onset", "confirmed", "peers", "p_value", "feed", "change", "periods", "kinds", "region"}
)
"""What an explanation may name in braces."""


class Detector(msgspec.Struct, frozen=True, kw_only=True):
    """One detector's settings.

    `budget` is its false alarms per 1,000 household-months; a feed detector's are per cell and week.
    """

    id: str
    version: int
    title: Text
    explanation: Text
    step: Text
    direction: Direction
    severity: Severity
    days: int
    budget: float
    shadow: bool
    parameters: Any


def load_detectors(folder: Path, faults: Faults | None = None) -> dict[str, Detector]:
    """The detectors of a folder by id; one without a file is switched off.

    All faults are collected in `faults`; where none is given, they raise FaultyError.
    """
    collected = Faults() if faults is None else faults
    found: dict[str, Detector] = {}
    for path in sorted(folder.glob("*.yaml")):
        node = load(path, collected)
        detector = _detector(node)
        if detector.id in found:
            node.fault(f"{detector.id} has another file already")
        elif detector.id in PARAMETERS:
            found[detector.id] = detector
    if faults is None:
        collected.check()
    return found


def _detector(node: Node) -> Detector:
    id_ = node.word("id", tuple(PARAMETERS))
    detector = Detector(
        id=id_,
        version=node.integer("version", least=1),
        title=node.both("title"),
        explanation=_template(node, "explanation"),
        step=node.both("step"),
        direction=node.word("direction", DIRECTIONS),
        severity=node.word("severity", SEVERITIES),
        days=node.integer("days", least=1, most=365),
        budget=node.number("budget", least=0.001, most=1000),
        shadow=node.flag("shadow", False),
        parameters=_parameters(node, PARAMETERS[id_]),
    )
    node.done()
    return detector


def _template(node: Node, key: str) -> Text:
    text = node.both(key)
    place = node.child(key, required=False)
    for language in (text.zh, text.en):
        try:
            named = {name for _, name, _, _ in string.Formatter().parse(language) if name is not None}
        except ValueError as error:
            (place or node).fault(f"{key}: {error}")
            continue
        for name in sorted(named - PLACES):
            (place or node).fault(f"{key} names {{{name}}}; known here: {', '.join(sorted(PLACES))}")
    return text


def _parameters(node: Node, kind: type) -> Any:
    given = node.child("parameters", required=False)
    if given is None:
        return kind()
    values = {
        field.name: given.number(
            field.name, getattr(kind, field.name), least=field.metadata["least"], most=field.metadata["most"]
        )
        for field in dataclasses.fields(kind)
    }
    given.done()
    return kind(**values)
