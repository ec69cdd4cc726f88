"""Carries a comparison out: screen once, assess twice, tell the difference."""

import json
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from alert_sinks.routing import Routing
from detectors.alerts import Text
from monitor.comparing.difference import Difference, Standing, counts, differences
from monitor.configuration import load_configuration
from monitor.evaluation import Evaluation, evaluate
from monitor.replaying.given import Told
from monitor.replaying.run import Replayed, assess_inputs, screen_inputs
from monitor.replaying.study import Study, labels_of, read_inputs, routing_of
from monitor.workload import orders

JSON = "compare.json"


@dataclass(frozen=True)
class Side:
    """One configuration's replay."""

    replayed: Replayed
    evaluation: Evaluation | None
    routing: Routing
    folder: Path

    def orders_by_centre(self) -> dict[str, int]:
        """How many orders each centre would have had."""
        found = Counter(order.centre for order in orders(self.replayed.register, self.routing))
        return dict(sorted(found.items()))


@dataclass(frozen=True)
class Comparison:
    """Configuration A (`before`) against B (`after`)."""

    before: Side
    after: Side
    found: list[Difference]

    @property
    def titles(self) -> dict[str, Text]:
        """What the sources are called."""
        return {**self.before.replayed.register.titles, **self.after.replayed.register.titles}

    def summary(self) -> dict[str, Any]:
        """The contents of `compare.json`."""
        a, b = self.before, self.after
        figures: dict[str, Any] = {
            "alerts": {"before": _standing(a), "after": _standing(b)},
            "sources": counts(self.found, a.replayed.register, b.replayed.register),
            "orders_by_centre": _beside(a.orders_by_centre(), b.orders_by_centre(), nothing=0),
            "differences": msgspec.to_builtins(self.found),
        }
        if a.evaluation is not None and b.evaluation is not None:
            figures["evaluation"] = _beside(a.evaluation.summary(), b.evaluation.summary(), nothing=None)
        return figures


def compare(study: Study, against: Path, folder: Path, told: Told) -> tuple[Comparison, list[str]]:
    """Compare the study's configuration with another; also gives the roster's households that were left out.

    Writes `compare.json`; the two replays' alerts lie in folders within that are no results. Raises UnusableError.
    """
    given = read_inputs(study)
    other = load_configuration(against)
    truths = labels_of(study.labels, given.inputs)
    scratch = folder / ".screened"
    scratch.mkdir()
    screened = screen_inputs(given.inputs, scratch, told)
    sides = []
    for name, configuration in (("A", given.inputs.configuration), ("B", other)):
        own = folder / f".{name}"
        own.mkdir()

        def tell(stage: str, done: int, total: int, name: str = name) -> None:
            told(f"{stage} {name}", done, total)

        replayed = assess_inputs(replace(given.inputs, configuration=configuration), screened, own, tell)
        evaluation = None
        if truths is not None:
            evaluation = evaluate(truths, replayed.register, replayed.household_months)
        sides.append(Side(replayed, evaluation, routing_of(configuration), own))
    before, after = sides
    found = differences(
        Standing(before.replayed.register, before.folder), Standing(after.replayed.register, after.folder)
    )
    comparison = Comparison(before, after, found)
    text = json.dumps(comparison.summary(), ensure_ascii=False, indent=2)
    (folder / JSON).write_text(text + "\n", encoding="utf-8")
    return comparison, list(given.refused)


def _standing(side: Side) -> int:
    return sum(1 for _ in side.replayed.register.standing())


def _beside(before: dict[str, Any], after: dict[str, Any], *, nothing: object) -> dict[str, dict[str, Any]]:
    """Two mappings as one: each key with what both say of it."""
    keys = dict.fromkeys([*before, *after])
    return {key: {"before": before.get(key, nothing), "after": after.get(key, nothing)} for key in keys}
