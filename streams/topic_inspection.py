"""What the broker says of topics: how many records they hold, and their settings."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from confluent_kafka import TopicPartition

# `confluent_kafka.admin` has these too, but exports them to no type checker.
from confluent_kafka.admin._config import ConfigResource
from confluent_kafka.admin._listoffsets import EarliestSpec, LatestSpec
from confluent_kafka.admin._resource import ResourceType

from streams.topics import administer

_SECONDS = 5.0
_first: Callable[[], Any] = EarliestSpec
_end: Callable[[], Any] = LatestSpec


def sizes(kafka: str, topics: Iterable[str]) -> dict[str, int]:
    """The number of records from the first to the end of each topic that exists. Raises KafkaException."""
    admin = administer(kafka)
    known = admin.list_topics(timeout=_SECONDS).topics
    places = [TopicPartition(topic, number) for topic in topics if topic in known for number in known[topic].partitions]
    counts = dict.fromkeys((place.topic for place in places), 0)
    for sign, spec in ((-1, _first()), (1, _end())):
        for place, asked in admin.list_offsets(dict.fromkeys(places, spec), request_timeout=_SECONDS).items():
            counts[place.topic] += sign * asked.result().offset
    return counts


def settings_of(kafka: str, topics: Iterable[str]) -> dict[str, Mapping[str, str]]:
    """The settings of topics that exist. Raises KafkaException."""
    asked = [ConfigResource(ResourceType.TOPIC, topic) for topic in topics]
    found = administer(kafka).describe_configs(asked, request_timeout=_SECONDS)
    return {
        resource.name: {name: entry.value for name, entry in answer.result().items()}
        for resource, answer in found.items()
    }
