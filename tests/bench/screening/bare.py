"""The same job in a bare confluent-kafka loop: decode, keyed hash, Redis, publish matches with acks=all, commit."""

import sys
import time

from confluent_kafka import Consumer, Producer

from monitor.garbage import collect_rarely
from tests.bench.competitors.job import OUT, TOPIC, kafka, matches, store


def main() -> None:
    """Read all records; print the seconds from the first to the last."""
    wanted, group = int(sys.argv[1]), sys.argv[2]
    reader = Consumer(
        {"bootstrap.servers": kafka(), "group.id": group, "auto.offset.reset": "earliest", "enable.auto.commit": False}
    )
    reader.subscribe([TOPIC])
    producer = Producer({"bootstrap.servers": kafka(), "acks": "all", "linger.ms": 2, "compression.type": "lz4"})
    redis = store()
    read = matched = 0
    collect_rarely()
    start = cpu = 0.0
    while read < wanted:
        messages = [message for message in reader.consume(4000, 0.2) if message.error() is None]
        if not messages:
            continue
        if not start:
            start, cpu = time.perf_counter(), time.process_time()
        for key, value in matches(redis, [message.value() or b"" for message in messages]):
            matched += 1
            producer.produce(OUT, value, key=key)
        producer.flush()
        reader.commit(asynchronous=True)
        read += len(messages)
    print(f"{time.perf_counter() - start:.3f} {time.process_time() - cpu:.3f} {matched}")
    reader.close()


main()
