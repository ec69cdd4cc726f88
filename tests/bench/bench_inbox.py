"""The inbox over 50,000 open orders: milliseconds until a page is made, by the clock and of the processor (which is
what counts on a machine that others use too). Run: python -m tests.bench.bench_inbox"""

import tempfile
import time
from pathlib import Path
from statistics import median

from detectors.alerts import SEVERITIES
from tests.unit.alert_sinks.order_examples import make_alert
from tests.unit.monitor.console_office import Office

ORDERS = 50_000
SOURCES = ("vehicle-owned", "death-receiving", "job-lost")
PATHS = ("/", "/?severity=low", "/?source=job-lost", "/?household=H-0499", "/?due=overdue")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        office = Office(Path(folder))
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
        officer = office.person("li")
        for path in PATHS:
            taken, worked = [], []
            for _ in range(7):
                began, busy = time.perf_counter(), time.process_time()
                assert officer.get(path).status_code == 200
                worked.append(1000 * (time.process_time() - busy))
                taken.append(1000 * (time.perf_counter() - began))
            print(f"{path}: median {median(taken):.0f} ms, best {min(taken):.0f} ms, processor {median(worked):.0f} ms")
        office.close()


if __name__ == "__main__":
    main()
