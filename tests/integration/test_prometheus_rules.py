"""The rules that ship for Prometheus: promtool accepts them, each alert fires and rests when it must."""

import re
import subprocess
from pathlib import Path
from typing import Any

import yaml

from streams.feeds import FEEDS
from tests.debian import prometheus_binary

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "configs" / "prometheus"
UNIT_TESTS = ROOT / "tests" / "prometheus" / "alerts.test.yml"


def _promtool(*words: str | Path) -> None:
    done = subprocess.run([prometheus_binary("promtool"), *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def _alerts() -> dict[str, dict[str, Any]]:
    groups = yaml.safe_load((RULES / "alerts.yml").read_text())["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"]}


def test_promtool_accepts_the_configuration() -> None:
    _promtool("check", "config", RULES / "prometheus.yml")


def test_alerts_fire_and_rest_when_they_must() -> None:
    _promtool("test", "rules", UNIT_TESTS)


def test_every_alert_is_tested_firing_and_has_its_paragraph() -> None:
    tests = yaml.safe_load(UNIT_TESTS.read_text())["tests"]
    fired = {check["alertname"] for test in tests for check in test["alert_rule_test"] if check.get("exp_alerts")}
    paragraphs = set(re.findall(r"^### (\w+)$", (ROOT / "docs" / "runbooks.md").read_text(), re.MULTILINE))
    assert fired == set(_alerts()) == paragraphs
    for name, rule in _alerts().items():
        assert rule["annotations"]["runbook"] == f"docs/runbooks.md#{name.lower()}"
        assert rule["labels"]["severity"] in {"critical", "warning"}


def test_every_feed_has_its_rest() -> None:
    groups = yaml.safe_load((RULES / "feeds.yml").read_text())["groups"]
    assert [rule["labels"]["feed"] for rule in groups[0]["rules"]] == list(FEEDS)
