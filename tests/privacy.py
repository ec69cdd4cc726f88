"""Looks for what must never be found: identity numbers and names in anything that a run leaves behind."""

import re
from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from confluent_kafka import Consumer, KafkaError, TopicPartition
from redis import Redis

from streams.identity import normalised
from streams.packing import unpack

_NUMBER = re.compile(rb"(?<![0-9])[0-9]{17}[0-9Xx](?![0-9])")
_OLD_NUMBER = re.compile(rb"(?<![0-9])[0-9]{15}(?![0-9])")

_TOGETHER = 2000
"""Short texts searched at once."""


class Leak(NamedTuple):
    """Something plain, and where it stood."""

    where: str
    what: str


def leaks(where: str, data: bytes, names: Collection[str] = (), numbers: Collection[str] = ()) -> list[Leak]:
    """Identity numbers of any person, and the given names and old numbers, in whatever encoding they are written."""
    texts = (data, data.replace(b"\0", b""))  # the second finds what is written in UTF-16
    found = {text.decode() for some in texts for text in _NUMBER.findall(some) if normalised(text.decode())}
    found |= {text.decode() for text in _OLD_NUMBER.findall(data) if text.decode() in numbers}
    found |= {name for name in names if any(written in data for written in _writings(name))}
    return [Leak(where, what) for what in sorted(found)]


def _writings(name: str) -> Iterator[bytes]:
    for encoding in ("utf-8", "gb18030", "utf-16-le", "utf-16-be"):
        yield name.encode(encoding)
    yield name.encode("ascii", "backslashreplace")
    yield name.encode("ascii", "backslashreplace").upper().replace(b"\\U", b"\\u")


def leaks_in_folder(folder: Path, names: Collection[str] = (), numbers: Collection[str] = ()) -> list[Leak]:
    """In all files below a folder: logs, reports, databases; in their names too."""
    found = []
    for path in sorted(folder.rglob("*")):
        found += leaks(str(path), str(path).encode(), names, numbers)
        if path.is_file():
            found += leaks(str(path), path.read_bytes(), names, numbers)
    return found


def leaks_in_redis(url: str, names: Collection[str] = (), numbers: Collection[str] = ()) -> list[Leak]:
    """In all keys and values of a server."""
    with Redis.from_url(url) as client:
        pieces = (piece for key in client.scan_iter(count=1000) for piece in (key, *_parts(client, key)))
        return _leaks_in_many("Redis", pieces, names, numbers)


def _parts(client: Any, key: bytes) -> Iterable[bytes]:
    match client.type(key):
        case b"string":
            value = client.get(key) or b""
            return [value, unpack(value), unpack(value[8:])]
        case b"hash":
            return [part for pair in client.hgetall(key).items() for part in pair]
        case b"set":
            return list(client.smembers(key))
        case b"list":
            return list(client.lrange(key, 0, -1))
        case b"zset":
            return list(client.zrange(key, 0, -1))
        case _:
            return [repr(client.xrange(key)).encode()]


def leaks_in_topics(
    kafka: str, topics: Iterable[str], names: Collection[str] = (), numbers: Collection[str] = ()
) -> list[Leak]:
    """In the keys, values and headers of all messages of topics."""
    messages = _messages(kafka, topics)
    pieces = (b" ".join([key or b"", value or b"", repr(headers).encode()]) for _, _, key, value, headers in messages)
    return _leaks_in_many("Kafka", pieces, names, numbers)


def _leaks_in_many(where: str, pieces: Iterable[bytes], names: Collection[str], numbers: Collection[str]) -> list[Leak]:
    """In many short texts: a name is looked for much faster in one long text."""
    iterator = iter(pieces)
    found: list[Leak] = []
    for number, together in enumerate(iter(lambda: list(islice(iterator, _TOGETHER)), [])):
        found += leaks(f"{where}, lot {number}", b"\n".join(together), names, numbers)
    return found


def _messages(kafka: str, topics: Iterable[str]) -> Iterator[tuple[str, int, bytes | None, bytes | None, Any]]:
    settings = {"bootstrap.servers": kafka, "group.id": "privacy", "enable.partition.eof": True}
    consumer = Consumer(settings | {"enable.auto.commit": False, "auto.offset.reset": "earliest"})
    known = consumer.list_topics(timeout=10).topics
    places = [TopicPartition(topic, partition, 0) for topic in topics for partition in known[topic].partitions]
    consumer.assign(places)
    ended: set[tuple[str, int]] = set()
    while len(ended) < len(places):
        for message in consumer.consume(1000, 0.2):
            error = message.error()
            if error is None:
                yield message.topic(), message.offset(), message.key(), message.value(), message.headers()
            elif error.code() == KafkaError._PARTITION_EOF:
                ended.add((message.topic(), message.partition()))
    consumer.close()
