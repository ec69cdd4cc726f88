"""The operator's metrics: promtool-clean names are tested with Prometheus; here that their number is bounded."""

import time

from prometheus_client import CollectorRegistry

from monitor.metrics import Metrics
from monitor.operating_metrics import OperatingMetrics
from monitor.worker.health import Health
from streams.publishing import PublishError
from streams.redis_inspection import Node
from streams.topics import TOPICS


def test_a_part_is_away_until_it_is_back() -> None:
    registry = CollectorRegistry()
    health = Health(OperatingMetrics(registry), lambda: 0.0)
    for _ in range(3):
        health.away("redis", ConnectionError("a password"))
    assert registry.get_sample_value("monitor_part_away", {"part": "redis"}) == 1
    assert registry.get_sample_value("monitor_call_errors_total", {"part": "redis", "kind": "ConnectionError"}) == 3
    health.back("redis")
    assert registry.get_sample_value("monitor_part_away", {"part": "redis"}) == 0


def test_readiness_is_asked_at_each_scrape() -> None:
    metrics = Metrics()
    health = Health(metrics.operating, lambda: 0.0)
    metrics.operating.ready_when(health.obstacles)
    assert metrics.registry.get_sample_value("monitor_ready") == 1
    health.settled("sink-province", True)
    health.away("sink-province", ConnectionError())
    assert metrics.registry.get_sample_value("monitor_ready") == 1, "a sink delays only itself"
    health.away("kafka", PublishError())
    assert metrics.registry.get_sample_value("monitor_ready") == 0


def test_a_node_that_is_gone_is_shown_no_more() -> None:
    registry = CollectorRegistry()
    metrics = OperatingMetrics(registry)
    metrics.redis({"a:6379": Node("9.1", 10, 100, "allkeys-lru"), "b:6379": Node("9.1", 10, 0, "noeviction")})
    metrics.redis({"a:6379": Node("9.1", 20, 100, "allkeys-lru")})
    assert registry.get_sample_value("monitor_redis_memory_bytes", {"node": "a:6379"}) == 20
    assert registry.get_sample_value("monitor_redis_may_evict", {"node": "a:6379"}) == 1
    assert registry.get_sample_value("monitor_redis_memory_bytes", {"node": "b:6379"}) is None


def full() -> Metrics:
    """As full as it gets: every feed, reason, rule, partition and part."""
    metrics = Metrics()
    for index in range(2000):
        metrics.operating.batch(f"group-{index % 8}", index, 0.1)
        metrics.operating.call(("redis", "kafka", "database")[index % 3], 0.1)
        metrics.alert(f"rule-{index % 36}", ("exit", "help", "review", "data")[index % 4], "high")
        metrics.rejected(f"feed-{index % 15}", f"reason-{index % 8}")
    places = {(topic.name, number): 1 for topic in TOPICS for number in range(topic.partitions)}
    metrics.partitions(places, dict.fromkeys(places, 1.0))
    metrics.operating.dead_letters({topic.name: 1 for topic in TOPICS})
    return metrics


def test_the_number_of_series_is_bounded() -> None:
    """Nothing grows with people or records."""
    assert sum(len(family.samples) for family in full().registry.collect()) < 1000


def test_a_scrape_costs_less_than_a_hundredth_of_a_core() -> None:
    """Prometheus comes every 15 seconds."""
    metrics, scrapes = full(), 5
    before = time.process_time()
    for _ in range(scrapes):
        metrics.text()
    cost = (time.process_time() - before) / scrapes
    assert cost < 0.01 * 15
