"""The same job in a bare confluent-kafka loop: decode, keyed hash, Redis, publish matches with acks=all, commit."""

import os
import sys
import time

import msgspec
import redis
from confluent_kafka import Consumer, Producer

from tests.bench.screening.data import TOPIC
from tests.unit.streams.people import KEYS


class Row(msgspec.Struct, gc=False):
    """The fields of a record."""

    id_number: str
    occurred_at: str
    plate: str
    vehicle_type: str
    action: str
    event_id: str = ""
    name: str = ""
    reported_at: str = ""
    region: str = ""
    source: str = ""


def main() -> None:
    """Read all records; print the seconds from the first to the last."""
    wanted, group = int(sys.argv[1]), sys.argv[2]
    kafka = os.environ["MONITOR_KAFKA"]
    reader = Consumer(
        {"bootstrap.servers": kafka, "group.id": group, "auto.offset.reset": "earliest", "enable.auto.commit": False}
    )
    reader.subscribe([TOPIC])
    producer = Producer({"bootstrap.servers": kafka, "acks": "all", "linger.ms": 2, "compression.type": "lz4"})
    store = redis.Redis.from_url(os.environ["MONITOR_REDIS"])
    decode = msgspec.json.Decoder(Row).decode
    read = matched = 0
    start = cpu = 0.0
    while read < wanted:
        messages = [message for message in reader.consume(4000, 0.2) if message.error() is None]
        if not messages:
            continue
        if not start:
            start, cpu = time.perf_counter(), time.process_time()
        rows = [decode(message.value() or b"") for message in messages]
        names = [f"bare:{KEYS.pseudonym(row.id_number)}" for row in rows]
        for row, name, household in zip(rows, names, store.mget(names), strict=True):
            if household is not None:
                matched += 1
                value = msgspec.json.encode({"household_id": household, "person": name, "change": row})
                producer.produce("household-changes.v1", value, key=household)
        producer.flush()
        reader.commit(asynchronous=True)
        read += len(messages)
    print(f"{time.perf_counter() - start:.3f} {time.process_time() - cpu:.3f} {matched}")
    reader.close()


main()
