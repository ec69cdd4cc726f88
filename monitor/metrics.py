"""The metrics of contract.md §9. No label names a person or a household."""

from collections.abc import Callable, Mapping
from typing import get_args

import prometheus_client.metrics
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from monitor.division_counts import DivisionCounts
from monitor.operating_metrics import OperatingMetrics
from monitor.order_metrics import OrderMetrics
from streams.checking import Reason
from streams.feeds import FEEDS
from streams.moments import SECOND

CONTENT_TYPE = CONTENT_TYPE_LATEST
_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
_without_created: Callable[[], None] = prometheus_client.metrics.disable_created_metrics
_without_created()  # a second series for each counter, which nobody asks for


class Metrics:
    """What a process counts and shows; implements `streams.counting.Counting`."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self._changes = Counter("monitor_changes", "Records read, refused ones included", ["feed"], registry=registry)
        self._matches = Counter("monitor_matches", "Changes that concern a household", ["feed"], registry=registry)
        self._rejected = Counter("monitor_rejected", "Records refused", ["feed", "reason"], registry=registry)
        self._alerts = Counter(
            "monitor_alerts", "Revisions of alerts published", ["source", "direction", "severity"], registry=registry
        )
        self._to_alert = Histogram(
            "monitor_change_to_alert_seconds",
            "From Kafka's timestamp of a change to the broker's word on its alert",
            buckets=_BUCKETS,
            registry=registry,
        )
        self._to_order = Histogram(
            "monitor_alert_to_order_seconds",
            "From Kafka's timestamp of an alert to its place in a work order",
            buckets=_BUCKETS,
            registry=registry,
        )
        self._change_to_order = Histogram(
            "monitor_change_to_order_seconds",
            "From Kafka's timestamp of a change to the place of its alert in a work order",
            buckets=(0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0),
            registry=registry,
        )
        self._newest = Gauge(
            "monitor_feed_last_change_timestamp_seconds",
            "Kafka's timestamp of a feed's latest change",
            ["feed"],
            registry=registry,
        )
        self._progress = Gauge(
            "monitor_partition_progress_timestamp_seconds",
            "When the position last moved or was last seen at the end",
            ["topic", "partition"],
            registry=registry,
        )
        self._lag = Gauge("monitor_consumer_lag", "Records not handled yet", ["topic", "partition"], registry=registry)
        self.orders = OrderMetrics(registry)
        for feed in FEEDS:
            self._changes.labels(feed)
            self._matches.labels(feed)
            # From 0 on: of a series that begins with its first refusals, Prometheus would see no increase.
            for reason in get_args(Reason):
                self._rejected.labels(feed, reason)
        self._latest: dict[str, int] = {}
        self._shown: set[tuple[str, int]] = set()
        self.operating = OperatingMetrics(registry)
        ProcessCollector(registry=registry)  # processor, memory, open files
        self.divisions = DivisionCounts()

    def changes(self, feed: str, count: int, newest: int) -> None:
        self._changes.labels(feed).inc(count)
        # Of two partitions one may be far behind the other: the latest is the latest of both.
        latest = self._latest[feed] = max(newest, self._latest.get(feed, 0))
        self._newest.labels(feed).set(latest / SECOND)

    def matches(self, feed: str, count: int) -> None:
        self._matches.labels(feed).inc(count)

    def rejected(self, feed: str, reason: str, count: int = 1) -> None:
        self._rejected.labels(feed, reason).inc(count)

    def regions(self, feed: str, counts: Mapping[tuple[str, str], int], newest: int) -> None:
        self.divisions.add(feed, counts, newest)

    def alert(self, source: str, direction: str, severity: str) -> None:
        self._alerts.labels(source, direction, severity).inc()

    def change_to_alert(self, seconds: float) -> None:
        self._to_alert.observe(max(0.0, seconds))

    def alert_to_order(self, seconds: float) -> None:
        self._to_order.observe(max(0.0, seconds))

    def change_to_order(self, seconds: float) -> None:
        self._change_to_order.observe(max(0.0, seconds))

    def partitions(self, lags: Mapping[tuple[str, int], int], progress: Mapping[tuple[str, int], float]) -> None:
        """Show the lag and progress of the partitions that this process has now, and of no others."""
        for topic, partition in self._shown - set(lags):
            self._lag.remove(topic, str(partition))
            self._progress.remove(topic, str(partition))
        for (topic, partition), lag in lags.items():
            self._lag.labels(topic, str(partition)).set(lag)
            self._progress.labels(topic, str(partition)).set(progress[topic, partition])
        self._shown = set(lags)

    def text(self) -> bytes:
        """All of it in Prometheus's format."""
        return generate_latest(self.registry)
