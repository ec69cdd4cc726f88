"""How far the detectors have warmed up, and whether their peers' scores drift, for the metrics."""

import math
from collections import Counter, defaultdict
from typing import NamedTuple

from detectors.calibration import Window
from detectors.population import Population
from monitor.operating_metrics import OperatingMetrics

_TAIL = 0.1
_ENOUGH = 300
"""New scores before they are laid beside the former ones."""


class _Measured(NamedTuple):
    """How many new scores lay in the former ones' upper tenth, and how many were to be expected there."""

    found: float = 0.0
    expected: float = 0.0


class Warmth:
    """Hears of each county whose models were saved, and shows the sum over all of them."""

    def __init__(self, metrics: OperatingMetrics) -> None:
        self._metrics = metrics
        self._unjudged: dict[str, Counter[str]] = {}
        self._scores: dict[str, Counter[str]] = {}
        self._before: dict[tuple[str, str], list[int]] = {}
        self._measured: dict[tuple[str, str], _Measured] = {}
        self._found: defaultdict[str, float] = defaultdict(float)
        self._expected: defaultdict[str, float] = defaultdict(float)

    def learned(self, county: str, population: Population) -> None:
        """A county's models were saved."""
        scores: Counter[str] = Counter()
        for name, window in population.windows.items():
            scores[_detector(name)] += window.total
            self._compare((county, name), window)
        self._scores[county] = scores
        self._unjudged[county] = Counter({**dict.fromkeys(scores, 0), **population.unknown})
        total = _sum(self._scores)
        self._metrics.detectors(_sum(self._unjudged), total, {detector: self._drift(detector) for detector in total})

    def _compare(self, place: tuple[str, str], window: Window) -> None:
        before = self._before.get(place)
        if before is None:
            if window.total >= _ENOUGH:
                self._before[place] = list(window.counts)
            return
        came = window.total - sum(before)
        if 0 <= came < _ENOUGH:
            return
        if came > 0:  # else the window has let old scores fade
            new = [now - then for now, then in zip(window.counts, before, strict=True)]
            begin = _tail(before)
            self._measure(place, _Measured(sum(new[begin:]), sum(before[begin:]) / sum(before) * came))
        self._before[place] = list(window.counts)

    def _measure(self, place: tuple[str, str], measured: _Measured) -> None:
        former = self._measured.get(place, _Measured())
        self._measured[place] = measured
        detector = _detector(place[1])
        self._found[detector] += measured.found - former.found
        self._expected[detector] += measured.expected - former.expected

    def _drift(self, detector: str) -> float:
        """1 where the peers are as they were; not a number before enough has come to say so."""
        expected = self._expected[detector]
        return self._found[detector] / expected if expected else math.nan


def _detector(name: str) -> str:
    """The detector of a window, which is called by it and the peer group."""
    return name.partition("/")[0]


def _tail(counts: list[int]) -> int:
    """The bin from which on a tenth of the scores lies, or as little more as the bins allow."""
    left = _TAIL * sum(counts)
    for index in range(len(counts) - 1, 0, -1):
        left -= counts[index]
        if left <= 0:
            return index
    return 0


def _sum(counties: dict[str, Counter[str]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for counts in counties.values():
        total.update(counts)  # keeps what is 0
    return total
