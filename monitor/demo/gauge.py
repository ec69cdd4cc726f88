"""Reads a running worker's metrics."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from itertools import pairwise
from typing import NamedTuple

import httpx
from prometheus_client.parser import text_string_to_metric_families

from streams.errors import UnusableError


class Latency(NamedTuple):
    """A histogram: how many observations lie at or below each bound, in seconds."""

    counts: Mapping[float, float]

    def since(self, before: "Latency") -> "Latency":
        """What was observed after another reading."""
        return Latency({bound: count - before.counts.get(bound, 0.0) for bound, count in self.counts.items()})

    def quantile(self, share: float) -> float | None:
        """The seconds within which that share was done, straight between bounds; None if nothing was observed."""
        bounds = [(0.0, 0.0), *sorted(self.counts.items())]
        wanted = share * bounds[-1][1]
        if not bounds[-1][1]:
            return None
        for (low, below), (high, up_to) in pairwise(bounds):
            if up_to >= wanted:
                return high if high == float("inf") else low + (high - low) * (wanted - below) / (up_to - below)
        return None


class Reading(NamedTuple):
    """The metrics at a moment."""

    changes: Counter[str]
    matches: Counter[str]
    rejected: Counter[tuple[str, str]]
    alerts: Counter[tuple[str, str]]
    lag: float
    change_to_order: Latency

    @property
    def done(self) -> int:
        """Records handled."""
        return self.changes.total()


def read(port: int) -> Reading:
    """Ask a worker. Raises UnusableError if it does not answer."""
    try:
        text = httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=10.0).raise_for_status().text
    except httpx.HTTPError as error:
        raise UnusableError(
            f"worker on port {port}: no metrics ({type(error).__name__}); it has ended or hangs"
        ) from error
    sums: dict[str, Counter[tuple[str, ...]]] = defaultdict(Counter)
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            sums[sample.name][tuple(sample.labels.values())] += sample.value  # type: ignore[assignment]  # floats count too
    return Reading(
        changes=Counter({labels[0]: int(n) for labels, n in sums["monitor_changes_total"].items()}),
        matches=Counter({labels[0]: int(n) for labels, n in sums["monitor_matches_total"].items()}),
        rejected=Counter({(x[0], x[1]): int(n) for x, n in sums["monitor_rejected_total"].items()}),
        alerts=Counter({(x[0], x[1]): int(n) for x, n in sums["monitor_alerts_total"].items()}),
        lag=float(sums["monitor_consumer_lag"].total()),
        change_to_order=Latency(
            {float(labels[0]): float(n) for labels, n in sums["monitor_change_to_order_seconds_bucket"].items()}
        ),
    )


def ready(port: int) -> bool:
    """The worker has all that it needs."""
    try:
        return httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=5.0).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False
