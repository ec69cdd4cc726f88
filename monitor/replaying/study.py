"""One question of an analyst: files, a configuration, perhaps labels; and what comes out in a folder."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alert_sinks.routing import Routing, load_routing
from detectors.alerts import Text
from monitor.configuration import SHIPPED, Configuration, load_configuration
from monitor.evaluation import DETECTORS, Evaluation, evaluate
from monitor.labels import Truth, read_labels
from monitor.replaying.given import Inputs, Told
from monitor.replaying.inputs import Given, gather, keys_of
from monitor.replaying.run import Replayed, replay
from monitor.replaying.summary import SUMMARY, summarise, write_summary
from monitor.settings import load


@dataclass(frozen=True, kw_only=True)
class Study:
    """What is asked. `capacity` is how many orders a centre can work on in a week."""

    roster: Path
    events: Path
    labels: Path | None = None
    config: Path | None = None
    capacity: int | None = None


@dataclass(frozen=True)
class Done:
    """What came out. `refused` says of each household of the roster that could not be loaded where and why."""

    inputs: Inputs
    replayed: Replayed
    evaluation: Evaluation | None
    figures: dict[str, Any]
    seconds: float
    refused: Sequence[str]

    def headline(self, out: Path) -> str:
        """One line for the terminal."""
        f = self.figures
        return (
            f"{out}: {f['events']:,} events ({f['rejected']:,} refused), {f['matched']:,} about "
            f"{f['households']:,} households, {f['alerts']:,} alerts, {self.seconds:.1f} s"
        )


def carry_out(study: Study, folder: Path, told: Told) -> Done:
    """Replay into a folder that exists. Raises UnusableError for an input that cannot be used."""
    started = time.monotonic()
    given = read_inputs(study)
    truths = labels_of(study.labels, given.inputs)
    replayed = replay(given.inputs, folder, told)
    evaluation = None
    if truths is not None:
        evaluation = evaluate(truths, replayed.register, replayed.household_months)
    figures = summarise(replayed, evaluation)
    configuration = given.inputs.configuration
    # What draws takes longer to load than all the rest: no process of the run carries it, and `explain` never needs it.
    from monitor.reporting.replay_page import REPORT, Report, write_report

    report = Report(
        folder, replayed, figures, evaluation, routing_of(configuration), study.capacity, titles_of(configuration)
    )
    told("reporting", 0, 1)
    write_report(folder / REPORT, report)
    told("reporting", 1, 1)
    seconds = time.monotonic() - started
    write_summary(folder / SUMMARY, figures, seconds)
    return Done(given.inputs, replayed, evaluation, figures, seconds, given.refused)


def titles_of(configuration: Configuration) -> dict[str, Text]:
    """What the rules and detectors are called."""
    rules = {rule.id: rule.title for rule in configuration.rules.rules}
    return rules | {name: detector.title for name, detector in configuration.detectors.items()}


def routing_of(configuration: Configuration) -> Routing:
    """Which centre follows up what; a configuration for analysts may leave it as it ships."""
    own = configuration.folder / "centres.yaml"
    return load_routing(own if own.exists() else SHIPPED / "centres.yaml")


def read_inputs(study: Study) -> Given:
    """Read roster and configuration and find the files; now is the time of the run. Raises UnusableError."""
    settings = load()
    configuration = load_configuration(study.config or settings.config)
    return gather(study.roster, study.events, configuration, keys_of(settings), clock=time.time_ns() // 1000)


def labels_of(path: Path | None, inputs: Inputs) -> list[Truth] | None:
    """The labels of a file, if there is one. Raises UnusableError."""
    if path is None:
        return None
    kinds = DETECTORS.union(rule.id for rule in inputs.configuration.rules.rules)
    return read_labels(path, inputs.keys, kinds, inputs.roster)
