"""The console shows Prometheus the figures of the orders, and nothing of people."""

from pathlib import Path

from streams.moments import DAY
from tests.unit.monitor.console_office import Browser, Office


def test_figures_of_the_orders(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.attach()
    office.now += 400 * DAY
    answer = Browser(office.app).get("/metrics")
    office.close()
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    assert 'monitor_work_orders{state="new"} 1.0' in answer.text
    assert "monitor_work_orders_overdue 1.0" in answer.text
    assert "monitor_ready" not in answer.text  # that is the workers' to say
    assert "H-1" not in answer.text
