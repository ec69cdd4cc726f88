"""The metrics of contract.md §9, to the letter."""

import re

from monitor.metrics import Metrics
from streams.feeds import FEEDS
from streams.moments import SECOND

NAMES = {
    "monitor_changes_total": {"feed"},
    "monitor_matches_total": {"feed"},
    "monitor_rejected_total": {"feed", "reason"},
    "monitor_alerts_total": {"source", "direction", "severity"},
    "monitor_change_to_alert_seconds_bucket": {"le"},
    "monitor_alert_to_order_seconds_bucket": {"le"},
    "monitor_feed_last_change_timestamp_seconds": {"feed"},
    "monitor_partition_progress_timestamp_seconds": {"topic", "partition"},
    "monitor_consumer_lag": {"topic", "partition"},
    "monitor_work_orders": {"state"},
    "monitor_work_orders_overdue": set(),
    "monitor_build_info": {"version"},
}


def samples(metrics: Metrics) -> dict[str, list[tuple[dict[str, str], float]]]:
    found: dict[str, list[tuple[dict[str, str], float]]] = {}
    for line in metrics.text().decode().splitlines():
        if not line.startswith("#"):
            name, labels, value = re.fullmatch(r"(\w+)(?:{(.*)})? (\S+)", line).groups("")  # type: ignore[union-attr]
            found.setdefault(name, []).append((dict(re.findall(r'(\w+)="([^"]*)"', labels)), float(value)))
    return found


def test_every_name_with_its_labels() -> None:
    metrics = Metrics()
    metrics.changes("deaths", 1, 5 * SECOND)
    metrics.alert("vehicle-owned", "exit", "high")
    metrics.partitions({("alerts.v1", 0): 0}, {("alerts.v1", 0): 1.0})
    metrics.orders.show({"new": 3}, 1, None)
    found = samples(metrics)
    assert {name: set(found[name][0][0]) for name in NAMES} == NAMES
    bounds = [labels["le"] for labels, _ in found["monitor_change_to_alert_seconds_bucket"]]
    assert (bounds[0], bounds[-2], bounds[-1]) == ("0.05", "60.0", "+Inf")


def test_every_feed_counts_from_0() -> None:
    found = samples(Metrics())
    assert {labels["feed"]: value for labels, value in found["monitor_changes_total"]} == dict.fromkeys(FEEDS, 0.0)
    assert {labels["feed"] for labels, _ in found["monitor_rejected_total"]} == set(FEEDS)


def test_a_feeds_last_change_is_the_latest_of_all_its_partitions() -> None:
    metrics = Metrics()
    for newest in (70, 50, 60):
        metrics.changes("deaths", 1, newest * SECOND)
    assert samples(metrics)["monitor_feed_last_change_timestamp_seconds"] == [({"feed": "deaths"}, 70.0)]
