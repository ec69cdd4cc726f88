"""How long a large roster takes to load, and what it weighs in Redis.

``monitor parts -- .venv/bin/python -m tests.bench.bench_roster 1000000`` makes so many households of 2.3 members on
the average, loads them as an operator would, lets one worker enrol and assess them, and prints a table.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import TextIO

from redis import Redis

from monitor.demo.gauge import read, ready
from streams.identity import check_digit
from streams.topics import ROSTER, partition_counts

_SIZES = (1, 2, 2, 2, 3, 3, 3)
_NAMES = "甲乙丙丁戊己庚辛壬癸"
_PORT = 9700


def households(count: int, seed: int) -> Iterator[str]:
    """Lines of JSON; people who do not exist."""
    chance = random.Random(seed)
    serial = 0
    for number in range(count):
        members = []
        for place in range(chance.choice(_SIZES)):
            serial += 1
            born = date(1940, 1, 1) + timedelta(days=serial % 25_000)
            first17 = f"4205{25 + serial // 25_000_000:02d}{born:%Y%m%d}{serial // 25_000 % 1000:03d}"
            name = f"样{_NAMES[serial % 10]}{_NAMES[serial // 10 % 10]}"
            relation = "head" if place == 0 else "child"
            members.append({"id_number": first17 + check_digit(first17), "name": name, "relation": relation})
        yield json.dumps(
            {
                "household_id": f"H-{number:07d}",
                "region": f"4205{25 + number % 20:02d}101003",
                "as_of": "2026-01-01",
                "programs": [{"program": "dibao", "since": "2024-03-01", "monthly_amount": 1180}],
                "declared_monthly_income": 450,
                "consent_until": "2028-03-01",
                "members": members,
            },
            ensure_ascii=False,
        )


def main() -> None:
    """Load, wait, print."""
    count = int(sys.argv[1])
    redis = Redis.from_url(os.environ["MONITOR_REDIS"])
    monitor = [sys.executable, "-m", "monitor"]
    subprocess.run([*monitor, "topics"], check=True, stdout=subprocess.DEVNULL)
    empty = redis.info("memory")["used_memory"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "households.jsonl"
        with path.open("w", encoding="utf-8") as file:
            members = sum(line.count('"id_number"') for line in _written(file, households(count, 1)))
        begin = time.monotonic()
        subprocess.run([*monitor, "roster", "load", str(path)], check=True)
        published = time.monotonic()
    environment = {**os.environ, "MONITOR_METRICS_PORT": str(_PORT)}
    worker = subprocess.Popen([*monitor, "worker"], env=environment, stderr=subprocess.DEVNULL)
    try:
        while not ready(_PORT):
            time.sleep(0.2)
        while sum(int(offset) for offset in redis.hvals(f"applied:{ROSTER}")) < count or read(_PORT).lag:
            time.sleep(1.0)
        enrolled = time.monotonic()
    finally:
        worker.terminate()
        worker.wait()
    weight = redis.info("memory")["used_memory"] - empty
    partitions = partition_counts(os.environ["MONITOR_KAFKA"])[ROSTER]
    print(f"{count:,} households, {members:,} members, {partitions} partitions, one worker")
    print(f"checked and published in {published - begin:,.0f} s")
    print(f"enrolled and assessed in {enrolled - published:,.0f} s")
    print(f"Redis {weight / 1e6:,.0f} MB, {weight / count:,.0f} bytes a household")


def _written(file: TextIO, lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        file.write(line + "\n")
        yield line


if __name__ == "__main__":
    main()
