"""How far the detectors have warmed up, for the metrics."""

from collections import Counter

from detectors.population import Population
from monitor.operating_metrics import OperatingMetrics


class Warmth:
    """Hears of each county whose models were saved, and shows the sum over all of them."""

    def __init__(self, metrics: OperatingMetrics) -> None:
        self._metrics = metrics
        self._unjudged: dict[str, Counter[str]] = {}
        self._scores: dict[str, Counter[str]] = {}

    def learned(self, county: str, population: Population) -> None:
        """A county's models were saved."""
        scores: Counter[str] = Counter()
        for name, window in population.windows.items():
            scores[name.partition("/")[0]] += window.total
        self._scores[county] = scores
        self._unjudged[county] = Counter({**dict.fromkeys(scores, 0), **population.unknown})
        self._metrics.detectors(_sum(self._unjudged), _sum(self._scores))


def _sum(counties: dict[str, Counter[str]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for counts in counties.values():
        total.update(counts)  # keeps what is 0
    return total
