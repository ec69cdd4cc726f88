"""The topics: names, partitions, how long they keep what they hold; and the one way from a key to a partition."""

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from streams.errors import UnusableError
from streams.feeds import FEEDS

ROSTER = "roster.households.v1"
HOUSEHOLD_CHANGES = "household-changes.v1"
ALERTS = "alerts.v1"

LARGEST_VALUE = 16 * 1024 * 1024
"""Bytes of a department's message. Refused records are sealed, and so a third longer."""
_DAY = 24 * 3600 * 1000
_MONTHS_26 = 792 * _DAY
_SECONDS = 5.0
_UNREACHABLE = frozenset(
    {KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN, KafkaError._TIMED_OUT, KafkaError._RESOLVE}
)


@dataclass(frozen=True, kw_only=True)
class Topic:
    """A topic as it should be. `retention` is in milliseconds, None keeps the last value of each key for ever.

    In topics that only we write to (`ours`) the broker's clock dates the records: a broker refuses what is dated an
    hour ahead, so a worker whose clock is wrong could not publish at all.
    """

    name: str
    partitions: int
    retention: int | None
    largest: int = LARGEST_VALUE
    ours: bool = False

    @property
    def settings(self) -> dict[str, str]:
        """The topic's own settings on the broker."""
        kept = {"cleanup.policy": "compact"}
        if self.retention is not None:
            kept = {"cleanup.policy": "delete", "retention.ms": str(self.retention)}
        dated = {"message.timestamp.type": "LogAppendTime"} if self.ours else {}
        return {**kept, **dated, "max.message.bytes": str(self.largest)}


def changes_topic(feed: str) -> str:
    """Where a feed's changes are published."""
    return f"changes.{feed}.v1"


def dead_letters(topic: str) -> str:
    """Where the refused records of a topic go."""
    return f"{topic}.dlq"


FEED_OF: Mapping[str, str] = {changes_topic(feed): feed for feed in FEEDS}
"""The feed of each topic of changes."""


def _all_topics() -> tuple[Topic, ...]:
    main = (
        *(Topic(name=topic, partitions=4, retention=14 * _DAY) for topic in FEED_OF),
        Topic(name=ROSTER, partitions=4, retention=None),
        Topic(name=HOUSEHOLD_CHANGES, partitions=8, retention=_MONTHS_26, ours=True),
        Topic(name=ALERTS, partitions=4, retention=_MONTHS_26, ours=True),
    )
    refused = (
        Topic(name=dead_letters(topic.name), partitions=1, retention=14 * _DAY, largest=2 * LARGEST_VALUE, ours=True)
        for topic in main
    )
    return (*main, *refused)


TOPICS: tuple[Topic, ...] = _all_topics()
"""Every topic, those of refused records included."""


def partition_of(key: str, partitions: int) -> int:
    """The partition of a key: a household's id, or for household-changes its county.

    Producers must name it: librdkafka's own choice and Java's differ, and a household whose messages lie in two
    partitions would have two owners.
    """
    return zlib.crc32(key.encode()) % partitions


def administer(kafka: str) -> AdminClient:
    """A client that asks and changes; it says nothing on its own."""
    return AdminClient({"bootstrap.servers": kafka, "log_level": 0, "socket.timeout.ms": int(_SECONDS * 1000)})


def partition_counts(kafka: str) -> dict[str, int]:
    """The topics that exist, with their partitions. Raises UnusableError where no broker answers."""
    try:
        found = administer(kafka).list_topics(timeout=_SECONDS).topics
    except KafkaException as error:
        raise UnusableError(
            f"MONITOR_KAFKA={kafka}: {_said(error)}; start the broker or correct the setting"
        ) from error
    return {name: len(topic.partitions) for name, topic in found.items()}


def required_partitions(kafka: str, topics: Iterable[str]) -> dict[str, int]:
    """The partitions of topics that must exist. Raises UnusableError that names the missing ones."""
    known = partition_counts(kafka)
    wanted = list(topics)
    missing = sorted(topic for topic in wanted if topic not in known)
    if missing:
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        raise UnusableError(f"MONITOR_KAFKA={kafka}: no topic {', '.join(missing[:3])}{more}; run `monitor topics`")
    return {topic: known[topic] for topic in wanted}


def create_missing(kafka: str, topics: Iterable[Topic] = TOPICS) -> list[str]:
    """Create the topics that do not exist, and name them. Raises UnusableError."""
    known = partition_counts(kafka)
    new = [
        NewTopic(topic.name, num_partitions=topic.partitions, config=topic.settings)
        for topic in topics
        if topic.name not in known
    ]
    if not new:
        return []
    created = []
    admin = administer(kafka)
    for name, done in admin.create_topics(new, operation_timeout=_SECONDS).items():
        try:
            done.result()
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise UnusableError(f"topic {name} on MONITOR_KAFKA={kafka}: {_said(error)}") from error
        else:
            created.append(name)
    return created


def _said(error: KafkaException) -> str:
    fault = error.args[0]
    if fault.code() in {
        KafkaError._TRANSPORT,
        KafkaError._ALL_BROKERS_DOWN,
        KafkaError._TIMED_OUT,
        KafkaError._RESOLVE,
    }:
        return "no broker answers"
    return str(fault.str())
