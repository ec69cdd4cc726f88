"""A real Prometheus at a real worker: a feed stops, Redis dies, and the right alerts fire and rest again."""

import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from monitor.configuration import SHIPPED
from monitor.parts.embedded import Parts
from monitor.parts.kafka import Kafka
from monitor.parts.server import Server
from monitor.parts.valkey import Valkey
from tests.debian import prometheus_binary
from tests.integration.live import Live, Row, get, history, until
from tests.integration.prometheus import Prometheus
from tests.unit.streams.people import number

pytestmark = [pytest.mark.parts, pytest.mark.timeout(240)]
DASHBOARDS = sorted((Path(__file__).resolve().parents[2] / "configs" / "grafana" / "dashboards").glob("*.json"))
MAY_BE_EMPTY = {"monitor:drain_seconds < Inf", "sum by (part, kind) (rate(monitor_call_errors_total[5m])) > 0"}
"""Nothing waits in the end, and nothing fails."""
WITHOUT_SERIES = {"monitor_expiry_timestamp_seconds"}
"""The shipped `expiries.yaml` names nothing yet."""


def queries(dashboard: dict[str, Any]) -> Iterator[str]:
    """The queries of a dashboard's panels, with an interval in the place of Grafana's own."""
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            yield target["expr"].replace("$__rate_interval", "30s")


def told_queries() -> Iterator[str]:
    """The queries that the README and docs/operations.md tell."""
    for page in ("README.md", "docs/operations.md"):
        text = (DASHBOARDS[0].parents[3] / page).read_text(encoding="utf-8")
        table = text.partition("| question | query |")[2].partition("\n\n")[0]
        yield from re.findall(r"`([^`]+)`", table)


def bill(serial: int) -> Row:
    """A medical bill of somebody on the roster; nothing in it calls for an alert."""
    common = {"event_id": f"M-{serial}", "id_number": number(serial % 100), "occurred_at": "2026-05-05"}
    return "medical", {**common, "reported_at": "2026-06-01", "total_cost": 9, "out_of_pocket": 5}


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[tuple[Live, Prometheus, Valkey]]:
    """A service with one worker, watched by Prometheus; medical bills may rest for eight seconds."""
    with ExitStack() as ending:
        kafka = Kafka(tmp_path / "kafka")
        ending.callback(kafka.stop)
        valkey = Valkey(tmp_path / "valkey", keep=True)
        ending.callback(valkey.stop)
        valkey.wait()
        kafka.wait()
        database = f"sqlite:///{tmp_path / 'monitor.db'}"
        service = Live(Parts(kafka=kafka.bootstrap, redis=valkey.url, database=database), tmp_path)
        shutil.copytree(SHIPPED, tmp_path / "config")
        service.environment["MONITOR_CONFIG"] = str(tmp_path / "config")
        ending.callback(service.close)
        service.start()
        address = service.url().removeprefix("http://")
        prometheus = Prometheus(tmp_path / "prometheus", [address], {"medical": 8})
        ending.callback(prometheus.stop)
        yield service, prometheus, valkey


def test_alerts_fire_and_rest_and_dashboards_have_data(watched: tuple[Live, Prometheus, Valkey]) -> None:
    service, prometheus, valkey = watched
    until(lambda: prometheus.ask("monitor_ready == 1"), 40)
    service.enrol()
    service.publish([bill(serial) for serial in range(20)])
    service.publish(history(300, 1))
    service.publish([("vehicles", {"id_number": number(1), "occurred_at": "never"}) for _ in range(30)])
    service.settle()

    # One feed stops, the others are allowed to.
    until(lambda: "FeedSilent/medical" in prometheus.firing(), 40)
    assert {name for name in prometheus.firing() if name.startswith("FeedSilent")} == {"FeedSilent/medical"}
    service.publish([bill(serial) for serial in range(20, 40)])
    until(lambda: "FeedSilent/medical" not in prometheus.firing(), 10)

    # Somebody breaks a rule: the former configuration stays in force.
    rule = service.folder / "config" / "rules" / "vehicle-owned.yaml"
    good = rule.read_text(encoding="utf-8")
    rule.write_text("id: [")
    until(lambda: "ConfigurationRefused" in prometheus.firing(), 20)
    assert prometheus.ask("monitor_ready == 1")
    rule.write_text(good.replace("severity: high", "severity: low"), encoding="utf-8")
    until(lambda: "ConfigurationRefused" not in prometheus.firing(), 20)
    until(lambda: len(prometheus.ask("count_over_time(monitor_configuration_info[5m])")) == 2, 10)

    # Redis dies while changes come; nothing waits for a person when it is back.
    os.kill(valkey.process.pid, signal.SIGKILL)
    valkey.process.wait()
    service.publish([bill(serial) for serial in range(40, 60)])
    until(lambda: {"PartAway/redis", "WorkerNotReady"} <= prometheus.firing(), 30)
    assert "PartAway/kafka" not in prometheus.firing()
    again = Server("Valkey", [str(word) for word in valkey.process.args], valkey.log)
    try:
        until(lambda: not {"PartAway/redis", "WorkerNotReady"} & prometheus.firing(), 40)
        service.settle()
        service.publish(history(100, 2))
        service.settle()
        time.sleep(3)  # two scrapes and an evaluation
        asked = {query for path in DASHBOARDS for query in queries(json.loads(path.read_text()))}
        told = set(told_queries())
        assert len(told) > 15
        asked |= told
        assert {query for query in asked if not prometheus.ask(query)} <= MAY_BE_EMPTY
        check_metrics(service)
    finally:
        again.stop()

    # The last worker ends.
    service.workers[0].send_signal(signal.SIGTERM)
    until(lambda: {"WorkersDown", "WorkerDown"} <= prometheus.firing(), 20)


def check_metrics(service: Live) -> None:
    """`promtool check metrics` finds nothing to say of a worker's metrics."""
    text = get(f"{service.url()}/metrics")[1]
    done = subprocess.run(
        [prometheus_binary("promtool"), "check", "metrics"], input=text, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    names = set(re.findall(r"^(monitor_\w+?)(?:_bucket|_sum|_count|_total)?[{ ]", text, re.MULTILINE))
    rules = (DASHBOARDS[0].parents[2] / "prometheus").glob("*.yml")
    shipped = "".join(path.read_text() for path in (*DASHBOARDS, *rules))
    assert set(re.findall(r"\bmonitor_\w+?(?=_bucket|_sum|_count|_total|\b)", shipped)) <= names | WITHOUT_SERIES
