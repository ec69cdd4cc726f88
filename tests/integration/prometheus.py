"""A real Prometheus for tests, with a quick copy of the rules that ship."""

import json
import re
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

from monitor.parts.server import Server, free_port
from tests.debian import prometheus_binary
from tests.integration.live import get

SHIPPED = Path(__file__).resolve().parents[2] / "configs" / "prometheus"


class Prometheus(Server):
    """Scrapes workers every second; the rules are the shipped ones, but seconds stand for minutes."""

    def __init__(self, folder: Path, workers: list[str], feed_rest: dict[str, int]) -> None:
        """`workers` are HOST:PORT; `feed_rest` gives some feeds another rest, in seconds."""
        folder.mkdir()
        for name in ("records.yml", "alerts.yml", "feeds.yml"):
            text = (SHIPPED / name).read_text()
            if name == "alerts.yml":
                text = re.sub(r"for: (\d+)[mh]", "for: 2s", text)
            for feed, seconds in feed_rest.items() if name == "feeds.yml" else ():
                text = re.sub(rf"(feed: {feed}}}, expr: vector)\(.*?\)}}", rf"\1({seconds})}}", text)
            (folder / name).write_text(text)
        (folder / "prometheus.yml").write_text(
            json.dumps(
                {
                    "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
                    "rule_files": ["records.yml", "feeds.yml", "alerts.yml"],
                    "scrape_configs": [{"job_name": "worker", "static_configs": [{"targets": workers}]}],
                }
            )
        )
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        options = [
            f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
        ]
        super().__init__("Prometheus", [prometheus_binary("prometheus"), *options], folder / "prometheus.log")
        self.wait_ready(lambda: get(f"{self.url}/-/ready")[0] == 200, 30)

    def ask(self, query: str) -> list[dict[str, Any]]:
        """The series that a query gives now."""
        form = urllib.parse.urlencode({"query": query}).encode()
        with urllib.request.urlopen(f"{self.url}/api/v1/query", form, timeout=10) as answer:
            found: list[dict[str, Any]] = json.load(answer)["data"]["result"]
        return found

    def firing(self) -> set[str]:
        """The alerts that fire; with the label that says of what, where there is one."""
        labels = [one["metric"] for one in self.ask('ALERTS{alertstate="firing"}')]
        return {"/".join(one[name] for name in ("alertname", "feed", "part") if name in one) for one in labels}
