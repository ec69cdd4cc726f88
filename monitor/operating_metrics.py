"""What an operator needs to find the slow part or the part that is away: metrics beside those of contract.md §9.

Every label's values are bounded by the installation: groups, parts, topics, nodes, names in `expiries.yaml`.
"""

import math
from collections.abc import Callable, Mapping, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from streams.moments import SECOND
from streams.redis_inspection import Node

_SECONDS = (0.001, 0.005, 0.02, 0.1, 0.5, 2.0, 10.0, 60.0)
_RECORDS = (1, 5, 20, 100, 500, 2000, 10000)
_PARTS = ("redis", "kafka", "database")


class OperatingMetrics:
    """Shown by a worker beside its `Metrics`, in the same registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, meaning: str, *labels: str) -> Gauge:
            return Gauge(f"monitor_{name}", meaning, labels, registry=registry)

        def histogram(name: str, meaning: str, label: str, buckets: Sequence[float]) -> Histogram:
            return Histogram(f"monitor_{name}", meaning, [label], buckets=buckets, registry=registry)

        self._batch_seconds = histogram("batch_seconds", "Time that a group took for a batch", "group", _SECONDS)
        self._batch_records = histogram("batch_records", "Records in a group's batch", "group", _RECORDS)
        self._call_seconds = histogram("call_seconds", "Time until a part had done what it was asked", "part", _SECONDS)
        self._call_errors = Counter(
            "monitor_call_errors", "Tries that failed and were repeated", ["part", "kind"], registry=registry
        )
        self._away = gauge("part_away", "1 while a part does not do what it is asked", "part")
        self._ready = gauge("ready", "1 while the worker takes changes")
        self._breaker = gauge("sink_breaker_open", "1 while a sink is left alone after failures", "sink")
        self._dead = gauge("dead_letters", "Refused records that are kept", "topic")
        self._memory = gauge("redis_memory_bytes", "Memory that Redis uses", "node")
        self._limit = gauge("redis_memory_limit_bytes", "Memory that Redis may use; 0 without a limit", "node")
        self._evicts = gauge("redis_may_evict", "1 where Redis may throw keys away", "node")
        self._expiry = gauge("expiry_timestamp_seconds", "When a certificate or secret expires", "name")
        self._differences = gauge("replay_differences", "Standing rule alerts in which live and replay differ")
        self._compared = gauge("replay_compared_timestamp_seconds", "When live was last compared with a replay")
        self._unjudged = gauge("detector_unjudged", "How often a detector knew too little to judge", "detector")
        self._calibrated = gauge("detector_calibration_scores", "Scores in a detector's peer groups", "detector")
        self._drift = gauge(
            "detector_calibration_drift",
            "New scores beyond what a tenth exceeded before, as a multiple of a tenth",
            "detector",
        )
        self._configuration = gauge("configuration_info", "The configuration that is in force", "version")
        self._refused = gauge("configuration_refused", "1 while a newer configuration is refused for its faults")
        # No comparison is not a comparison long ago.
        self._differences.set(math.nan)
        self._compared.set(math.nan)
        for part in _PARTS:
            self.part_away(part, False)

    def batch(self, group: str, records: int, seconds: float) -> None:
        """A consumer group has done a batch."""
        self._batch_seconds.labels(group).observe(seconds)
        self._batch_records.labels(group).observe(records)

    def call(self, part: str, seconds: float) -> None:
        """A part has done what it was asked."""
        self._call_seconds.labels(part).observe(seconds)

    def call_failed(self, part: str, kind: str) -> None:
        """A part did not; `kind` is the error's class."""
        self._call_errors.labels(part, kind).inc()

    def part_away(self, part: str, away: bool) -> None:
        """A part is away, or back."""
        self._away.labels(part).set(away)

    def ready_when(self, obstacles: Callable[[], Sequence[str]]) -> None:
        """Ask at each scrape what is in the way."""
        self._ready.set_function(lambda: not obstacles())

    def breaker_of(self, sink: str, is_open: Callable[[], bool]) -> None:
        """Ask at each scrape whether a sink is left alone."""
        self._breaker.labels(sink).set_function(is_open)

    def dead_letters(self, sizes: Mapping[str, int]) -> None:
        """Records in the topics of refused records."""
        for topic, size in sizes.items():
            self._dead.labels(topic).set(size)

    def redis(self, nodes: Mapping[str, Node]) -> None:
        """What the nodes of Redis say of their memory; nodes that are gone are shown no more."""
        for shown in (self._memory, self._limit, self._evicts):
            shown.clear()
        for name, node in nodes.items():
            self._memory.labels(name).set(node.used_bytes)
            self._limit.labels(name).set(node.limit_bytes)
            self._evicts.labels(name).set(node.may_evict)

    def expiries(self, until: Mapping[str, int]) -> None:
        """Instants at which something expires, by name."""
        self._expiry.clear()
        for name, at in until.items():
            self._expiry.labels(name).set(at / SECOND)

    def compared(self, at: int, differences: int) -> None:
        """What the last comparison of live and replay found."""
        self._compared.set(at / SECOND)
        self._differences.set(differences)

    def detectors(self, unjudged: Mapping[str, int], scores: Mapping[str, int], drift: Mapping[str, float]) -> None:
        """How far the detectors have warmed up, and how far their peers have moved since: over the counties of this
        worker's partitions."""
        for detector, count in unjudged.items():
            self._unjudged.labels(detector).set(count)
        for detector, count in scores.items():
            self._calibrated.labels(detector).set(count)
        for detector, ratio in drift.items():
            self._drift.labels(detector).set(ratio)

    def configuration(self, version: str, refused: bool) -> None:
        """Which configuration runs, and whether a newer one was refused."""
        self._configuration.clear()
        self._configuration.labels(version).set(1)
        self._refused.set(refused)
