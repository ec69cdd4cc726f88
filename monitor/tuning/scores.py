"""How good a setting is in a part of the time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from monitor.evaluation import RISES, evaluate
from monitor.intervals import wilson
from monitor.labels import Truth
from monitor.replaying.register import Said
from monitor.tuning.parameters import Setting


@dataclass(frozen=True)
class Part:
    """A part of the time, from an instant up to another, and its household-months."""

    since: int
    until: int
    household_months: float

    def holds(self, at: int) -> bool:
        """An instant lies in this part."""
        return self.since <= at < self.until


@dataclass(frozen=True)
class Score:
    """A setting in one part. `workload` is alerts per 1,000 household-months; None where there is nothing to tell."""

    truths: int
    found: int
    recall: float | None
    recall_interval: tuple[float, float] | None
    alerts: int
    precision: float | None
    workload: float


@dataclass(frozen=True)
class Tried:
    """A setting and its scores in the first part of the time, on which is learned, and in the last."""

    setting: Setting
    learned: Score
    judged: Score

    def summary(self) -> dict[str, Any]:
        """As it stands in `tune.json`."""
        return {"setting": dict(self.setting), "learned": asdict(self.learned), "judged": asdict(self.judged)}


def score(source: str, truths: Sequence[Truth], alerts: Iterable[Said], parts: Sequence[Part]) -> list[Score]:
    """Score a source's alerts in each part of the time: labels by their beginning, alerts by when they were raised.

    Whether an alert is right is asked of all labels, for a case may begin in one part and be found in the next.
    """
    rivals = RISES if source in RISES else frozenset({source})
    mine = [said for said in alerts if said.source in rivals]
    own = [truth for truth in truths if truth.kind in rivals]
    evaluation = evaluate(own, mine, household_months=0.0)
    missed = set(evaluation.missed)
    return [_score(part, source, own, missed, mine, evaluation.verdicts) for part in parts]


def _score(
    part: Part, source: str, truths: Sequence[Truth], missed: set[Truth], alerts: Sequence[Said],
    verdicts: Mapping[str, bool],
) -> Score:  # fmt: skip
    begun = [truth for truth in truths if truth.kind == source and part.holds(truth.begins)]
    found = sum(1 for truth in begun if truth not in missed)
    judged = [verdicts[said.alert_id] for said in alerts
              if said.source == source and said.alert_id in verdicts and part.holds(said.first_at)]  # fmt: skip
    return Score(
        truths=len(begun),
        found=found,
        recall=round(found / len(begun), 4) if begun else None,
        recall_interval=wilson(found, len(begun)),
        alerts=len(judged),
        precision=round(sum(judged) / len(judged), 4) if judged else None,
        workload=round(1000 * len(judged) / part.household_months, 4) if part.household_months else 0.0,
    )


def choose(tried: Sequence[Tried], budget: float) -> Tried:
    """The best setting of the first part: the most found within the budget, then the least work, then the first tried.

    Where no setting keeps to the budget, the one with the least work. Without a label in the first part there is
    nothing to learn from, and the present setting, which was tried first, stays.
    """
    if not tried[0].learned.truths:
        return tried[0]
    within = [one for one in tried if one.learned.workload <= budget]
    if not within:
        return min(tried, key=lambda one: one.learned.workload)
    return max(within, key=lambda one: (one.learned.found, -one.learned.workload))


def frontier(tried: Sequence[Tried]) -> list[Tried]:
    """The settings than which no other finds more with less work, by work."""
    found: list[Tried] = []
    for one in sorted(tried, key=lambda one: (one.learned.workload, -one.learned.found)):
        if not found or one.learned.found > found[-1].learned.found:
            found.append(one)
    return found
