"""The dashboards' files: what Grafana needs of them. Their queries are run against a real Prometheus elsewhere."""

import json
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml

GRAFANA = Path(__file__).resolve().parents[3] / "configs" / "grafana"
DASHBOARDS: dict[str, dict[str, Any]] = {
    path.stem: json.loads(path.read_text()) for path in sorted((GRAFANA / "dashboards").glob("*.json"))
}
KINDS = {"stat", "timeseries", "bargauge", "table"}
UNITS = {"short", "s", "reqps", "ops", "bytes", "percentunit"}
_WIDTH = 24
each_dashboard = pytest.mark.parametrize("name", DASHBOARDS)


def test_there_is_one_for_each_matter() -> None:
    assert set(DASHBOARDS) == {"way-of-an-event", "feeds", "detectors", "work-orders"}


@each_dashboard
def test_a_dashboard_is_whole(name: str) -> None:
    dashboard = DASHBOARDS[name]
    assert dashboard["uid"] == name
    assert dashboard["title"]
    assert dashboard["schemaVersion"] >= 39
    assert dashboard["editable"] is False
    panels = dashboard["panels"]
    assert [panel["id"] for panel in panels] == list(range(1, len(panels) + 1))


@each_dashboard
def test_panels_ask_the_provisioned_source(name: str) -> None:
    provisioned = yaml.safe_load((GRAFANA / "provisioning" / "datasources" / "prometheus.yml").read_text())
    source = {"type": "prometheus", "uid": provisioned["datasources"][0]["uid"]}
    for panel in DASHBOARDS[name]["panels"]:
        assert panel["type"] in KINDS
        assert panel["fieldConfig"]["defaults"]["unit"] in UNITS
        assert panel["datasource"] == source
        assert panel["targets"]
        assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])
        assert all(target["datasource"] == source and target["expr"] for target in panel["targets"])


@each_dashboard
def test_panels_do_not_overlap(name: str) -> None:
    places = [panel["gridPos"] for panel in DASHBOARDS[name]["panels"]]
    assert all(place["x"] + place["w"] <= _WIDTH for place in places)
    for one, other in combinations(places, 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        below = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or below


def test_the_provider_looks_where_compose_puts_them() -> None:
    provider = yaml.safe_load((GRAFANA / "provisioning" / "dashboards" / "monitor.yml").read_text())["providers"][0]
    compose = yaml.safe_load((GRAFANA.parents[1] / "docker-compose.yml").read_text())["services"]["grafana"]
    assert "./configs/grafana:/etc/monitor:ro" in compose["volumes"]
    assert provider["options"]["path"] == "/etc/monitor/dashboards"
    assert compose["environment"]["GF_PATHS_PROVISIONING"] == "/etc/monitor/provisioning"
