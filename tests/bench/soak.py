"""Soak: ``monitor parts -- python -m tests.bench.soak MINUTES``: what grows although the facts stay the same?

Changes come at a steady pace: the same ones about households again and again, as departments deliver whole months
anew, with corrections and retractions among them, and strangers who are always new. After the first rounds nothing may
grow any more: not the worker, not Redis, not the lag. Ends with 1 if something did.
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from confluent_kafka import Producer
from redis import Redis

from streams.roster_topic import message
from streams.topics import TOPICS, changes_topic, create_missing, partition_of
from tests.bench.screening.data import TOPIC, changes
from tests.bench.whole import Worker, worker
from tests.faults.load import Load, roster

PACE = 500
"""Changes a second; half of them strangers'."""
_ROUND = Load(rows=4000, strangers=0.0, seed=5, households=880, beacon_each=60)
_WARM_ROUNDS = 3
_SAMPLE_SECONDS = 5.0
_MOST_GROWTH = 0.03
_WORKER_SLACK, _REDIS_SLACK = 8.0, 1.0
"""MB that may come and go."""


class Sample(NamedTuple):
    """Seconds since the begin; MB of the worker and of Redis; messages that wait."""

    at: float
    worker: float
    redis: float
    lag: float


def soak(minutes: float, folder: Path) -> list[Sample]:
    """Run the load; gives the samples that were taken after the first rounds."""
    kafka = os.environ["MONITOR_KAFKA"]
    create_missing(kafka, TOPICS)
    producer = Producer({"bootstrap.servers": kafka, "linger.ms": 20})
    for line in roster(_ROUND):
        sent = message(line)
        producer.produce(sent.topic, sent.value, sent.key, partition=partition_of(sent.spread, 4))
    producer.flush()
    redis = Redis.from_url(os.environ["MONITOR_REDIS"])
    samples: list[Sample] = []
    with worker(folder) as one:
        one.wait()
        began = time.monotonic()
        warm = began + _WARM_ROUNDS * 2 * len(_ROUND.changes) / PACE
        end, sent_rows, next_sample = warm + minutes * 60, 0, warm
        while (now := time.monotonic()) < end:
            while sent_rows < (now - began) * PACE:
                _publish_one(producer, sent_rows)
                sent_rows += 1
            producer.poll(0)
            if now >= next_sample:
                samples.append(_sample(now - began, one, redis))
                next_sample += _SAMPLE_SECONDS
            time.sleep(0.02)
        producer.flush()
        time.sleep(3.0)
        samples.append(_sample(time.monotonic() - began, one, redis))
    redis.close()
    return samples


def _publish_one(producer: Producer, number: int) -> None:
    """A known change, then a new stranger's, in turns."""
    if number % 2:
        (value,) = changes(1, 0.0, 10_000_000 + number)
        producer.produce(TOPIC, value, partition=number // 2 % 4)
    else:
        row = _ROUND.changes[number // 2 % len(_ROUND.changes)]
        producer.produce(changes_topic(row.feed), row.encoded(), partition=row.partition)


def _sample(at: float, one: Worker, redis: "Redis") -> Sample:
    reading = one.reading()
    memory = float(redis.info("memory")["used_memory"])
    return Sample(at, one.megabytes, memory / 1e6, reading.lag if reading else float("nan"))


def faults(samples: list[Sample]) -> list[str]:
    """What grew: the medians of the first and the last fifth are compared."""
    fifth = max(1, len(samples) // 5)
    found = []
    for what, place, slack in (("worker", 1, _WORKER_SLACK), ("Redis", 2, _REDIS_SLACK)):
        first, last = (statistics.median(one[place] for one in some) for some in (samples[:fifth], samples[-fifth:]))
        if last - first > max(slack, _MOST_GROWTH * first):
            found.append(f"{what} grew from {first:.1f} to {last:.1f} MB")
    if samples[-1].lag:
        found.append(f"{samples[-1].lag:.0f} messages wait at the end")
    return found


def main() -> None:
    """Soak, print a table of some dozen moments, and what fell short."""
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    with tempfile.TemporaryDirectory() as folder:
        samples = soak(minutes, Path(folder))
    print("| after, min | worker, MB | Redis, MB | waiting |\n|---|---|---|---|")
    for one in [*samples[:: max(1, len(samples) // 12)], samples[-1]]:
        print(f"| {one.at / 60:.1f} | {one.worker:.1f} | {one.redis:.2f} | {one.lag:.0f} |")
    found = faults(samples)
    print("\n".join(found) or "nothing grew")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
