"""The named numbers of a source, the values worth trying, and a configuration with other values in it."""

import dataclasses
from collections.abc import Mapping
from itertools import zip_longest
from random import Random
from typing import NamedTuple

import msgspec

from detectors.rules.rule import Rule
from detectors.rules.rule_book import RuleBook
from detectors.standards import Standards
from monitor.configuration import Configuration
from streams.errors import UnusableError

BUDGET = "budget"
_FACTORS = (0.4, 0.6, 0.75, 0.9, 1.1, 1.35, 1.7, 2.5)
_SMALL_WHOLE = 20
_STEPS = (-2, -1, 1, 2, 3)
_EVERYWHERE = 0

Setting = Mapping[str, float]
"""Values of all parameters of the source, by name."""


class Parameter(NamedTuple):
    """A number that may be changed. `place` says where it is written: in the source's own file, or in the standards."""

    name: str
    present: float
    least: float
    most: float
    place: str = "source"

    def levels(self) -> list[float]:
        """Values worth trying, the present one first: whole steps for small whole numbers, else by factors."""
        if self.present.is_integer() and 0 < self.present < _SMALL_WHOLE and self.name != BUDGET:
            others = [self.present + step for step in _STEPS]
        else:
            others = [float(f"{self.present * factor:.3g}") for factor in _FACTORS]
        return [
            self.present,
            *dict.fromkeys(value for value in others if value > 0 and self.least <= value <= self.most),
        ]


def parameters_of(configuration: Configuration, source: str) -> tuple[Parameter, ...]:
    """The numbers of a rule or detector. Raises UnusableError for an unknown source, or one without any."""
    if source in configuration.detectors:
        detector = configuration.detectors[source]
        fields = dataclasses.fields(detector.parameters)
        found = [
            Parameter(f.name, float(getattr(detector.parameters, f.name)), f.metadata["least"], f.metadata["most"])
            for f in fields
        ]
        return (*found, Parameter(BUDGET, detector.budget, 0.001, 1000))
    rule = _rule(configuration, source)
    if rule is None:
        known = sorted([*configuration.detectors, *(rule.id for rule in configuration.rules.rules)])
        raise UnusableError(f"--source {source}: no such rule or detector; there are {', '.join(known)}")
    numbers = {name: value for name, value in rule.params.items() if isinstance(value, float)}
    found = [Parameter(name, value, 0.0, float("inf")) for name, value in numbers.items()]
    if not found:
        found = _standards_of(rule, configuration.rules.standards)
    if not found:
        raise UnusableError(f"--source {source}: has no number to tune; give the rule a named parameter under params")
    return tuple(found)


def _rule(configuration: Configuration, source: str) -> Rule | None:
    return next((rule for rule in configuration.rules.rules if rule.id == source), None)


def _standards_of(rule: Rule, standards: Standards) -> list[Parameter]:
    """The amounts that a rule without parameters of its own compares with, as they hold everywhere."""
    names = dict.fromkeys(name for condition in rule.when for name in condition.names if name.startswith("standard."))
    everywhere = standards.entries[_EVERYWHERE][2]
    short = [name.removeprefix("standard.") for name in names]
    return [Parameter(name, float(everywhere[name]), 0.0, float("inf"), "standards") for name in short]


def settings(parameters: tuple[Parameter, ...], most: int) -> list[Setting]:
    """At most so many settings: the present one, each parameter varied alone, then combinations drawn by chance.

    The parameters take turns, so that few settings try all of them.
    The same parameters give the same settings.
    """
    present = {parameter.name: parameter.present for parameter in parameters}
    found: list[Setting] = [present]
    alone = [[{**present, parameter.name: level} for level in parameter.levels()[1:]] for parameter in parameters]
    found += [setting for turn in zip_longest(*alone) for setting in turn if setting is not None]
    draw = Random(" ".join(sorted(present)))
    for _ in range(50 * most):
        if len(found) >= most:
            break
        setting = {parameter.name: draw.choice(parameter.levels()) for parameter in parameters}
        if setting not in found:
            found.append(setting)
    return found[:most]


def with_setting(configuration: Configuration, source: str, setting: Setting) -> Configuration:
    """A configuration for trying a setting: a rule alone, or all detectors with this one changed."""
    rules, standards = configuration.rules.rules, configuration.rules.standards
    if source in configuration.detectors:
        own = {name: value for name, value in setting.items() if name != BUDGET}
        changed = configuration.detectors[source]
        parameters = dataclasses.replace(changed.parameters, **own)
        detectors = {
            **configuration.detectors,
            source: msgspec.structs.replace(changed, parameters=parameters, budget=setting[BUDGET]),
        }
        return dataclasses.replace(configuration, rules=RuleBook((), standards), detectors=detectors)
    rule = next(rule for rule in rules if rule.id == source)
    own = {name: value for name, value in setting.items() if name in rule.params}
    amounts = {name: value for name, value in setting.items() if name not in rule.params}
    (prefix, since, everywhere), *others = standards.entries
    changed_standards = Standards(((prefix, since, {**everywhere, **amounts}), *others))
    variant = dataclasses.replace(rule, params={**rule.params, **own})
    return dataclasses.replace(configuration, rules=RuleBook((variant,), changed_standards), detectors={})
