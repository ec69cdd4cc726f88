"""How good a setting is in a part of the time."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from monitor.evaluation import RISES, evaluate
from monitor.intervals import wilson
from monitor.labels import Truth
from monitor.replaying.register import Said
from monitor.tuning.parameters import Setting


@dataclass(frozen=True)
class Part:
    """A part of the time, from an instant up to another, with its labels and household-months."""

    since: int
    until: int
    truths: Sequence[Truth]
    household_months: float


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


def score(source: str, part: Part, alerts: Iterable[Said]) -> Score:
    """Score a source's alerts that were raised in a part of the time against its labels there."""
    rivals = RISES if source in RISES else frozenset({source})
    mine = [said for said in alerts if said.source in rivals and part.since <= said.first_at < part.until]
    kinds = evaluate(part.truths, mine, part.household_months).kinds
    kind = kinds.get(source)
    truths = sum(1 for truth in part.truths if truth.kind == source)
    found = kind.found if kind is not None else 0
    alarms = kind.right + kind.false if kind is not None else 0
    return Score(
        truths=truths,
        found=found,
        recall=round(found / truths, 4) if truths else None,
        recall_interval=wilson(found, truths),
        alerts=alarms,
        precision=round(kind.right / alarms, 4) if kind is not None and alarms else None,
        workload=round(1000 * alarms / part.household_months, 4) if part.household_months else 0.0,
    )


def choose(tried: Sequence[Tried], budget: float) -> Tried:
    """The best setting of the first part: the most found within the budget, then the least work, then the first tried.

    Where no setting keeps to the budget, the one with the least work.
    """
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
