"""How good were the alerts? Compared with labels, by the counting rules of contract.md §7."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from monitor.intervals import median_interval, wilson
from monitor.labels import Truth
from monitor.replaying.register import Said
from streams.moments import DAY, add_months, day_end, day_of, day_start

RISES = frozenset({"income-jump", "income-drift", "second-source"})
"""The first of them to speak counts, so an alert of one counts for a truth of another."""
LASTING_ONSET_MONTHS = 3
DRIFT_MONTHS = 8
FEED_DAYS: Mapping[str, int] = {"feed-burst": 1, "feed-silence": 1, "feed-shift": 3}
HOUSEHOLD_DETECTORS = RISES | {"income-drop", "medical-surge", "household-outlier"}
DETECTORS = HOUSEHOLD_DETECTORS | FEED_DAYS.keys()
_PATIENCE = 7 * DAY
"""An alert that is taken back later than this after it was raised has been worked on: a false alarm."""


@dataclass
class Kind:
    """One rule or detector against its labels."""

    truths: int = 0
    found: int = 0
    right: int = 0
    false: int = 0
    days: list[float] = field(default_factory=list)

    def summary(self) -> dict[str, Any]:
        """The figures as they stand in `summary.json`; None where there is nothing to divide by."""
        judged = self.right + self.false
        return {
            "truths": self.truths,
            "found": self.found,
            "recall": _share(self.found, self.truths),
            "recall_interval": wilson(self.found, self.truths),
            "alerts": judged,
            "false": self.false,
            "precision": _share(self.right, judged),
            "precision_interval": wilson(self.right, judged),
            "median_days_to_alert": round(median(self.days), 2) if self.days else None,
            "median_days_interval": median_interval(self.days),
        }


@dataclass
class Evaluation:
    """All kinds against all labels. `verdicts` tells of each alert id whether it was right (true) or false."""

    kinds: dict[str, Kind]
    household_months: float
    verdicts: dict[str, bool]
    missed: list[Truth]

    @property
    def false_rate(self) -> float | None:
        """False alarms about households, of rules and detectors, per 1,000 household-months."""
        return self._rate(kind.false for name, kind in self.kinds.items() if name not in FEED_DAYS)

    @property
    def detectors_rate(self) -> float | None:
        """The same of the detectors alone."""
        return self._rate(kind.false for name, kind in self.kinds.items() if name in HOUSEHOLD_DETECTORS)

    def summary(self) -> dict[str, Any]:
        """The `evaluation` of `summary.json`: each kind, and the overall rate of false alarms."""
        kinds: dict[str, Any] = {name: kind.summary() for name, kind in sorted(self.kinds.items())}
        return {**kinds, "false_alerts_per_1000_household_months": self.false_rate}

    def overall(self) -> dict[str, float | None]:
        """Recall and precision over all kinds together, and the rate of false alarms."""
        truths, found, right, false = (
            sum(getattr(kind, name) for kind in self.kinds.values()) for name in ("truths", "found", "right", "false")
        )
        return {"recall": _share(found, truths), "precision": _share(right, right + false), "rate": self.false_rate}

    def _rate(self, counts: Iterable[int]) -> float | None:
        return round(1000 * sum(counts) / self.household_months, 4) if self.household_months else None


def evaluate(truths: Sequence[Truth], alerts: Iterable[Said], household_months: float) -> Evaluation:
    """Count what was found and what was false.

    Of retracted alerts only those count that stood for more than a week and were not taken back for a feed's shift:
    they are false. An alert counts for each truth in whose time it falls; where several truths of a rule are open to
    it, for the one whose beginning is nearest, so that a second case is not taken for the first.
    """
    by_subject: dict[tuple[str, str], list[Truth]] = defaultdict(list)
    kinds: dict[str, Kind] = defaultdict(Kind)
    for truth in truths:
        by_subject[truth.subject].append(truth)
        kinds[truth.kind].truths += 1
    detected: dict[Truth, int] = {}
    verdicts: dict[str, bool] = {}
    for said in alerts:
        if said.retracted_at is not None:
            if not said.by_feed_shift and said.retracted_at - said.raised_at > _PATIENCE:
                verdicts[said.alert_id] = False
                kinds[said.source].false += 1
            continue
        found = counted_for(said, by_subject)
        verdicts[said.alert_id] = bool(found)
        kinds[said.source].right += bool(found)
        kinds[said.source].false += not found
        for truth in found:
            detected[truth] = min(said.first_at, detected.get(truth, said.first_at))
    for truth, at in detected.items():
        kinds[truth.kind].found += 1
        kinds[truth.kind].days.append(max(0.0, (at - truth.begins) / DAY))
    missed = [truth for truth in truths if truth not in detected]
    return Evaluation(dict(kinds), household_months, verdicts, missed)


def counted_for(said: Said, by_subject: Mapping[tuple[str, str], Sequence[Truth]]) -> list[Truth]:
    """The truths that an alert counts for."""
    if said.source in FEED_DAYS:
        subjects = [(feed, region) for feed in said.feeds for region in (said.region[:6], "")]
    else:
        subjects = [("", said.household_id or "")]
    found = [truth for subject in subjects for truth in by_subject.get(subject, ()) if _counts(said, truth)]
    if said.source in DETECTORS or not found:
        return found
    distance = {truth: abs(day_of(said.occurred_at) - truth.since) for truth in found}
    nearest = min(distance.values())
    return [truth for truth in found if distance[truth] == nearest]


def _counts(said: Said, truth: Truth) -> bool:
    same = said.source == truth.kind or (said.source in RISES and truth.kind in RISES)
    if not same or (said.person and truth.person and said.person != truth.person):
        return False
    if truth.kind not in DETECTORS:
        # A source may report up to a day before it happens, and a label may name the day of the report.
        begun = max(day_of(said.occurred_at), day_of(said.first_at)) >= truth.since - 1
        return begun and (truth.until is None or day_of(said.occurred_at) <= truth.until)
    return day_start(truth.since) <= said.first_at <= _last_moment(truth)


def _last_moment(truth: Truth) -> int:
    """Until when an alert counts for a detector's truth."""
    onset = truth.until if truth.until is not None else truth.since
    if truth.kind in FEED_DAYS:
        return day_end(onset + FEED_DAYS[truth.kind])
    if truth.kind == "income-drift":
        return add_months(day_end(truth.since), DRIFT_MONTHS)
    return add_months(day_end(onset), LASTING_ONSET_MONTHS)


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
