"""River's stock detectors as they come, on the same series, at equal false alarms."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple
from zlib import crc32

from river import anomaly, compose, linear_model, preprocessing, time_series

from detectors.income_series import read
from detectors.series import log_amount
from streams.moments import add_months, month_of, month_start
from tests.bench.detectors.county import County, Truth

_WARM_UP = 6
_KINDS = ("income-jump", "income-drop", "income-drift", "second-source", "medical-surge")


class Scored(NamedTuple):
    household_id: str
    person: str
    at: int
    score: float


@dataclass
class _Gaussian:
    model: Any

    def __call__(self, value: float) -> float:
        score: float = abs(self.model.score_one(None, value) - 0.5) * 2
        self.model.learn_one(None, value)
        return score


@dataclass
class _Deviation:
    model: Any

    def __call__(self, value: float) -> float:
        score: float = self.model.score_one({}, value)
        self.model.learn_one({}, value)
        return abs(score)


@dataclass
class _Trees:
    model: Any

    def __call__(self, value: float) -> float:
        score: float = self.model.score_one({"value": value})
        self.model.learn_one({"value": value})
        return score


def _predictive() -> Any:
    regressor = preprocessing.StandardScaler() | linear_model.LinearRegression()
    model = time_series.SNARIMAX(p=2, d=1, q=0, m=1, regressor=regressor)
    return anomaly.PredictiveAnomalyDetection(model, n_std=3.0, warmup_period=_WARM_UP)


STOCK: dict[str, Callable[[], Callable[[float], float]]] = {
    "GaussianScorer": lambda: _Gaussian(anomaly.GaussianScorer(grace_period=_WARM_UP)),
    "StandardAbsoluteDeviation": lambda: _Deviation(anomaly.StandardAbsoluteDeviation()),
    "PredictiveAnomalyDetection": lambda: _Deviation(_predictive()),
    "HalfSpaceTrees": lambda: _Trees(
        compose.Pipeline(preprocessing.MinMaxScaler(), anomaly.HalfSpaceTrees(seed=1, window_size=_WARM_UP))
    ),
}


def series(county: County) -> dict[tuple[str, str, str], list[tuple[int, float]]]:
    """Each person's values by feed, in the order of periods, on the same scale as the detectors read them."""
    incomes: defaultdict[tuple[str, str, str], dict[int, float]] = defaultdict(dict)
    bills: defaultdict[tuple[str, str, str], defaultdict[int, float]] = defaultdict(lambda: defaultdict(float))
    for _, household, change in county.arrivals:
        key = (household, change.person, change.feed)
        if change.feed == "medical":
            bills[key][month_of(change.occurred_at)] += change.number("out_of_pocket")
            continue
        reading = read(change)
        if reading is not None and reading.level is not None:
            known = incomes[key].get(reading.period, reading.level)
            incomes[key][reading.period] = max(known, reading.level)
    for key, months in bills.items():
        for month in range(min(months), max(months) + 1):
            incomes[key][month] = log_amount(months.get(month, 0.0))
    return {key: sorted(values.items()) for key, values in incomes.items()}


def scores(county: County, make: Callable[[], Callable[[float], float]]) -> Iterator[Scored]:
    """Every value's score after the warm-up, with when it could be known."""
    for (household, person, _), values in series(county).items():
        model = make()
        for index, (period, level) in enumerate(values):
            score = model(level)
            if index >= _WARM_UP:
                yield Scored(household, person, month_start(period + 1), score)


def recall_at(county: County, found: list[Scored], per_thousand: float) -> dict[str, float]:
    """The recall of plain and medium truths at the threshold that allows so many false alarms.

    A person speaks once in six months.
    """
    explained: defaultdict[tuple[str, str], list[Truth]] = defaultdict(list)
    for truth in county.truths:
        explained[truth.household_id, truth.person].append(truth)
    allowed = per_thousand * county.households * county.months / 1000
    hits: set[Truth] = set()
    spoken: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    false = 0
    for scored in sorted(found, key=lambda scored: (-scored.score, _lot(scored))):
        key = (scored.household_id, scored.person)
        if any(abs(scored.at - at) < add_months(0, 6) for at in spoken[key]):
            continue
        spoken[key].append(scored.at)
        inside = [t for t in [*explained[key], *explained[scored.household_id, ""]] if _inside(t, scored.at)]
        hits.update(inside)
        false += not inside
        if false > allowed:
            break
    wanted = [truth for truth in county.truths if truth.size != "faint"]
    return {kind: _share([truth in hits for truth in wanted if truth.kind == kind]) for kind in _KINDS}


def _lot(scored: Scored) -> int:
    """Many scores are equal, for they are capped; which of them comes first is drawn by lot, the same every time."""
    return crc32(f"{scored.household_id}/{scored.person}/{scored.at}".encode())


def _share(found: list[bool]) -> float:
    return sum(found) / len(found) if found else 0.0


def _inside(truth: Truth, at: int) -> bool:
    begin = month_start(truth.month)
    return begin <= at < add_months(begin, 9 if truth.kind == "income-drift" else 5)
