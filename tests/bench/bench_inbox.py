"""The inbox over 50,000 open orders: milliseconds until a page is made, by the clock and of the processor (which is
what counts on a machine that others use too; of a PostgreSQL server's own work it says nothing).

Run: python -m tests.bench.bench_inbox [--postgres]
"""

import re
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from detectors.alerts import SEVERITIES
from monitor.parts.postgres import Postgres
from tests.unit.alert_sinks.order_examples import make_alert
from tests.unit.monitor.console_office import Office, Person

ORDERS = 50_000
SOURCES = ("vehicle-owned", "death-receiving", "job-lost")
PATHS = ("/", "/?severity=low", "/?source=job-lost", "/?household=H-0499", "/?due=overdue", "/?region=4205251020")
WORST = "/?source=nobody-says-this"
"""No order is found before all were looked at."""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        server = Postgres(Path(folder) / "postgres", keep=False) if "--postgres" in sys.argv[1:] else None
        try:
            if server is not None:
                server.wait()
            _measure(Office(Path(folder), server.url if server is not None else ""))
        finally:
            if server is not None:
                server.stop()


def _measure(office: Office) -> None:
    alerts = [
        make_alert(
            f"a{number}",
            household_id=f"H-{number:06d}",
            severity=SEVERITIES[number % 4],
            source=SOURCES[number % 3],
            occurred_at=f"2026-0{1 + number % 3}-0{1 + number % 9}",
        )
        for number in range(ORDERS)
    ]
    began = time.perf_counter()
    office.attach(*alerts)
    print(f"attaching: {ORDERS / (time.perf_counter() - began):,.0f} alerts/s, each opening an order")
    # An officer sees one centre's orders, an analyst those of all.
    for name in ("li", "ana"):
        person = office.person(name)
        for path in (*PATHS, _next_page(person), WORST):
            _time(person, name, path)
    office.close()


def _time(person: Person, name: str, path: str) -> None:
    taken, worked = [], []
    for _ in range(7):
        began, busy = time.perf_counter(), time.process_time()
        assert person.get(path).status_code == 200
        worked.append(1000 * (time.process_time() - busy))
        taken.append(1000 * (time.perf_counter() - began))
    print(f"{name} {path}: median {median(taken):.0f} ms, best {min(taken):.0f} ms, processor {median(worked):.0f} ms")


def _next_page(person: Person) -> str:
    found = re.search(r'href="(/\?[^"]*cursor=[^"]*)"', person.get("/").text)
    assert found is not None
    return found.group(1).replace("&amp;", "&")


if __name__ == "__main__":
    main()
