"""Carries tuning out: screen once, try settings, choose on the first part of the time, judge on the last."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from detectors.alerts import Text
from monitor.replaying.given import Inputs, Told, assessor_of
from monitor.replaying.households import Households
from monitor.replaying.run import screen_inputs
from monitor.replaying.screened import Screened
from monitor.replaying.study import Study, labels_of, read_inputs
from monitor.tuning.doubts import doubts
from monitor.tuning.parameters import parameters_of, settings
from monitor.tuning.scores import Part, Tried, choose, frontier, score
from monitor.tuning.trying import Trials
from monitor.tuning.writing import write_configuration
from streams.errors import UnusableError
from streams.moments import iso

JSON, CONFIG = "tune.json", "config"
_LEARNING_SHARE = 2 / 3


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is tuned. `budget` is alerts per 1,000 household-months, that of the present setting unless given."""

    study: Study
    source: str
    budget: float | None = None
    most: int = 40


@dataclass(frozen=True)
class Tuned:
    """What came out; the first of `tried` is the present setting."""

    source: str
    title: Text
    split: int
    budget: float
    tried: Sequence[Tried]
    chosen: Tried
    warnings: Sequence[Text]
    refused: Sequence[str]

    @property
    def present(self) -> Tried:
        """The setting as it is now."""
        return self.tried[0]

    @property
    def frontier(self) -> list[Tried]:
        """The settings than which no other finds more with less work."""
        return frontier(self.tried)

    def summary(self) -> dict[str, Any]:
        """The contents of `tune.json`."""
        return {
            "source": self.source,
            "learned_before": iso(self.split),
            "budget": self.budget,
            "present": self.present.summary(),
            "chosen": self.chosen.summary(),
            "frontier": [one.summary() for one in self.frontier],
            "tried": [one.summary() for one in self.tried],
            "warnings": [warning.en for warning in self.warnings],
        }


def tune(question: Question, folder: Path, told: Told) -> Tuned:
    """Tune one source; `tune.json` and the folder `config` appear in the folder. Raises UnusableError."""
    given = read_inputs(question.study)
    inputs = given.inputs
    configuration = inputs.configuration
    parameters = parameters_of(configuration, question.source)
    truths = labels_of(question.study.labels, inputs) or []
    if not any(truth.kind == question.source for truth in truths):
        raise UnusableError(f"{question.study.labels}: has no label of kind {question.source}; nothing to learn from")
    scratch = folder / ".screened"
    scratch.mkdir()
    screened = screen_inputs(inputs, scratch, told)
    parts = _parts(inputs, screened)
    swept = settings(parameters, question.most)
    trials = Trials(inputs, screened, question.source, swept, scratch)
    told("trying", 0, len(swept))
    alerts = trials.run(lambda done: told("trying", done, len(swept)))
    tried = [
        Tried(setting, *score(question.source, truths, said, parts))
        for setting, said in zip(swept, alerts, strict=True)
    ]
    budget = question.budget if question.budget is not None else tried[0].learned.workload
    tuned = Tuned(
        source=question.source,
        title=_title(inputs, question.source),
        split=parts[1].since,
        budget=budget,
        tried=tried,
        chosen=choose(tried, budget),
        warnings=doubts(tried[0], choose(tried, budget), budget),
        refused=given.refused,
    )
    kind = "detectors" if question.source in configuration.detectors else "rules"
    write_configuration(configuration.folder, folder / CONFIG, question.source, kind, tuned.chosen.setting)
    text = json.dumps(tuned.summary(), ensure_ascii=False, indent=2)
    (folder / JSON).write_text(text + "\n", encoding="utf-8")
    return tuned


def _parts(inputs: Inputs, screened: Sequence[Screened]) -> tuple[Part, Part]:
    """The first two thirds of the time, and the rest."""
    since = min((done.first for done in screened if done.first is not None), default=0)
    until = max((done.last for done in screened if done.last is not None), default=0) + 1
    split = since + int((until - since) * _LEARNING_SHARE)
    households = Households(assessor_of(inputs), inputs.roster)
    return (
        Part(since, split, households.active_months(since, split)),
        Part(split, until, households.active_months(split, until)),
    )


def _title(inputs: Inputs, source: str) -> Text:
    detector = inputs.configuration.detectors.get(source)
    if detector is not None:
        return detector.title
    return next(rule.title for rule in inputs.configuration.rules.rules if rule.id == source)
