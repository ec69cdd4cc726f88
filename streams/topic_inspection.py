"""What the broker says of topics: how many records they hold, their settings, their copies, what we may do."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from confluent_kafka import Consumer, TopicCollection, TopicPartition
from confluent_kafka.admin import AdminClient

# `confluent_kafka.admin` has these too, but exports them to no type checker.
from confluent_kafka.admin._config import ConfigResource
from confluent_kafka.admin._listoffsets import EarliestSpec, LatestSpec, MaxTimestampSpec
from confluent_kafka.admin._resource import ResourceType

from streams.topics import administer

_SECONDS = 5.0
_first: Callable[[], Any] = EarliestSpec
_end: Callable[[], Any] = LatestSpec
_latest_written: Callable[[], Any] = MaxTimestampSpec
_MILLISECOND = 1000


def sizes(kafka: str, topics: Iterable[str]) -> dict[str, int]:
    """The number of records from the first to the end of each topic that exists. Raises KafkaException."""
    admin = administer(kafka)
    places = _places(admin, topics)
    counts = dict.fromkeys((place.topic for place in places), 0)
    for sign, spec in ((-1, _first()), (1, _end())):
        for place, asked in admin.list_offsets(dict.fromkeys(places, spec), request_timeout=_SECONDS).items():
            counts[place.topic] += sign * asked.result().offset
    return counts


def newest(kafka: str, topics: Iterable[str]) -> dict[str, int]:
    """The instant of the latest record of each topic that exists; 0 where there is none. Raises KafkaException."""
    admin = administer(kafka)
    places = _places(admin, topics)
    found = dict.fromkeys((place.topic for place in places), 0)
    asked = admin.list_offsets(dict.fromkeys(places, _latest_written()), request_timeout=_SECONDS)
    for place, answer in asked.items():
        found[place.topic] = max(found[place.topic], answer.result().timestamp * _MILLISECOND)
    return found


def a_newest_value(kafka: str, topic: str) -> bytes | None:
    """The last record's value of the first partition that holds one; None where none does. Raises KafkaException."""
    consumer = Consumer({"bootstrap.servers": kafka, "group.id": "doctor", "enable.auto.commit": False, "log_level": 0})
    try:
        for place in _places(administer(kafka), [topic]):
            first, end = consumer.get_watermark_offsets(place, timeout=_SECONDS)
            if first < end:
                consumer.assign([TopicPartition(topic, place.partition, end - 1)])
                return next((one.value() for one in consumer.consume(1, _SECONDS) if one.error() is None), None)
        return None
    finally:
        consumer.close()


def _places(admin: AdminClient, topics: Iterable[str]) -> list[TopicPartition]:
    known = admin.list_topics(timeout=_SECONDS).topics
    return [TopicPartition(topic, number) for topic in topics if topic in known for number in known[topic].partitions]


def settings_of(kafka: str, topics: Iterable[str]) -> dict[str, dict[str, str]]:
    """The settings of topics that exist. Raises KafkaException."""
    asked = [ConfigResource(ResourceType.TOPIC, topic) for topic in topics]
    admin = administer(kafka)  # must live until the answers are read
    found = admin.describe_configs(asked, request_timeout=_SECONDS)
    return {
        resource.name: {name: entry.value for name, entry in answer.result().items()}
        for resource, answer in found.items()
    }


class Copies(NamedTuple):
    """A topic's partitions of which a copy lacks something, and what this user may do, in Kafka's words."""

    behind: tuple[int, ...]
    rights: frozenset[str]


def copies_of(kafka: str, topics: Iterable[str]) -> dict[str, Copies]:
    """The copies and our rights by topic, for topics that exist. Raises KafkaException."""
    admin = administer(kafka)
    wanted = TopicCollection(list(topics))
    asked = admin.describe_topics(wanted, include_authorized_operations=True, request_timeout=_SECONDS)
    found = {}
    for name, answer in asked.items():
        described = answer.result()
        behind = tuple(one.id for one in described.partitions if len(one.isr) < len(one.replicas))
        found[name] = Copies(behind, frozenset(one.name for one in described.authorized_operations or ()))
    return found
