"""The batch transport on a real broker: nothing is lost over rebalances and kills."""

import signal
import subprocess
import sys
import time
import uuid
from collections import Counter

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from redis import Redis

from streams.topics import Topic, create_missing

pytestmark = pytest.mark.parts

_WORKER = """
import asyncio, sys
import redis.asyncio as redis
from streams.consumption import consumer_group

async def main(kafka, url, group, topic):
    seen = redis.from_url(url)

    async def handle(tp, fetched):
        await asyncio.sleep(0.01)
        async with seen.pipeline(transaction=False) as pipe:
            for record in fetched.records:
                pipe.rpush("seen", record.value)
            await pipe.execute()

    app = consumer_group(group, [topic], kafka, handle, largest_batch=50)
    await app.start()
    await asyncio.Event().wait()

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.fixture
def topic(kafka: str) -> str:
    name = f"batches-{uuid.uuid4().hex[:8]}"
    create_missing(kafka, [Topic(name=name, partitions=3, retention=3_600_000)])
    return name


def _start(kafka: str, url: str, topic: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", _WORKER, kafka, url, f"group-{topic}", topic])


def _wait_for(wanted: int, redis: Redis, seconds: float) -> Counter[bytes | str]:
    end = time.monotonic() + seconds
    while True:
        seen: Counter[bytes | str] = Counter(redis.lrange("seen", 0, -1))
        if len(seen) >= wanted or time.monotonic() > end:
            return seen
        time.sleep(0.2)


def test_nothing_is_lost_when_workers_are_killed_and_partitions_move(kafka: str, redis_url: str, topic: str) -> None:
    """Each record is seen at least once, and the committed offsets end at the logs' ends."""
    producer = Producer({"bootstrap.servers": kafka, "linger.ms": 5})
    redis = Redis.from_url(redis_url)
    workers = [_start(kafka, redis_url, topic), _start(kafka, redis_url, topic)]
    sent = 0
    try:
        for kill in range(2):
            end = time.monotonic() + 7
            while time.monotonic() < end:
                for _ in range(20):
                    producer.produce(topic, value=b"%d" % sent, partition=sent % 3)
                    sent += 1
                producer.flush()
                time.sleep(0.02)
            workers[kill].send_signal(signal.SIGKILL)
            workers[kill].wait()
            workers[kill] = _start(kafka, redis_url, topic)
        seen = _wait_for(sent, redis, 40)
        assert len(seen) == sent
        assert sum(seen.values()) < 2 * sent
        assert _committed_to_the_end(kafka, topic)
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
        redis.close()


def _committed_to_the_end(kafka: str, topic: str) -> bool:
    reader = Consumer({"bootstrap.servers": kafka, "group.id": f"group-{topic}"})
    end = time.monotonic() + 5
    try:
        while time.monotonic() < end:
            partitions = reader.committed([TopicPartition(topic, partition) for partition in range(3)], timeout=5)
            ends = [reader.get_watermark_offsets(partition, timeout=5)[1] for partition in partitions]
            if [partition.offset for partition in partitions] == ends:
                return True
            time.sleep(0.3)
        return False
    finally:
        reader.close()
