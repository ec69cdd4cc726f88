"""Kafka: reachable, topics as they should be, what the feeds brought last."""

from collections.abc import Iterator

from confluent_kafka import KafkaException

from monitor.doctor.finding import Finding, fault, note, ok
from streams.errors import UnusableError
from streams.moments import iso
from streams.topic_inspection import Copies, copies_of, newest, settings_of
from streams.topics import FEED_OF, TOPICS, Topic, partition_counts

_SHOWN = 3


def check_kafka(kafka: str) -> Iterator[Finding]:
    """The broker and its topics."""
    try:
        found = partition_counts(kafka)
        yield ok("kafka", f"{kafka} answers")
        yield from _topics(kafka, found)
        yield from _feeds(kafka, found)
    except UnusableError as error:
        yield fault("kafka", str(error), "start it, or set MONITOR_KAFKA")
    except KafkaException as error:
        said = error.args[0].str()
        yield fault("kafka", f"{kafka}: {said}", "give this user the right to describe topics and groups")


def _topics(kafka: str, found: dict[str, int]) -> Iterator[Finding]:
    missing = [topic.name for topic in TOPICS if topic.name not in found]
    if missing:
        more = f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
        yield fault("topics", f"missing: {', '.join(missing[:_SHOWN])}{more}", "run `monitor topics`")
    present = [topic for topic in TOPICS if topic.name in found]
    settings = settings_of(kafka, [topic.name for topic in present]) if present else {}
    wrong = [one for topic in present for one in _differences(topic, found[topic.name], settings[topic.name])]
    yield from wrong
    if present:
        yield from _copies(copies_of(kafka, [topic.name for topic in present]))
    if not missing and not wrong:
        yield ok("topics", f"{len(TOPICS)} topics; partitions, retention and compaction as they should be")


def _differences(topic: Topic, partitions: int, settings: dict[str, str]) -> Iterator[Finding]:
    if partitions < topic.partitions:
        said = f"{topic.name}: {partitions} partitions, {topic.partitions} expected"
        yield note("topics", said, "fewer workers can share the work; partitions must not be added while records wait")
    for name, wanted in topic.settings.items():
        got = settings.get(name, "")
        if got == wanted or (name == "max.message.bytes" and got.isdigit() and int(got) > int(wanted)):
            continue
        # Too short a memory or a compacted log loses what a rebuild needs.
        alter = f"kafka-configs.sh --alter --entity-type topics --entity-name {topic.name} --add-config {name}={wanted}"
        yield fault("topics", f"{topic.name}: {name} is {got}, {wanted} expected", alter)


def _copies(found: dict[str, Copies]) -> Iterator[Finding]:
    """Copies that lack something, and rights that a worker lacks."""
    behind = {name: one.behind for name, one in found.items() if one.behind}
    if behind:
        shown = ", ".join(list(behind)[:_SHOWN])
        count = sum(map(len, behind.values()))
        said = f"{count} partitions of {len(behind)} topics lack a copy that is up to date: {shown}"
        yield fault("topics", said, "start the broker that is missing; one more that fails stops the service")
    lacking = {name: lack for name, one in found.items() if (lack := sorted(_needed(name) - one.rights))}
    for name, lack in list(lacking.items())[:_SHOWN]:
        more = f", and {len(lacking) - _SHOWN} more" if len(lacking) > _SHOWN else ""
        yield fault("rights", f"{name}: may not {', '.join(lack)}{more}", "give this user these rights on the topics")
    if not lacking:
        yield ok("rights", "may read and write the topics as a worker must")


def _needed(topic: str) -> frozenset[str]:
    """What a worker, or who loads a roster, does to a topic."""
    if topic in FEED_OF:
        return frozenset({"READ", "DESCRIBE"})
    if topic.endswith(".dlq"):
        return frozenset({"WRITE", "DESCRIBE"})
    return frozenset({"READ", "WRITE", "DESCRIBE"})


def _feeds(kafka: str, found: dict[str, int]) -> Iterator[Finding]:
    topics = [topic for topic in FEED_OF if topic in found]
    for topic, at in newest(kafka, topics).items():
        said = f"last record {iso(at)}" if at else "no record"
        yield ok("feeds", f"{FEED_OF[topic]}: {said}")
