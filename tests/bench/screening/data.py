"""A million made-up vehicle registrations, one in twenty about somebody on the roster."""

import json
import random
from collections.abc import Iterable, Iterator

from confluent_kafka import Producer

from streams.roster import Grant, Line, Member
from streams.roster_topic import message
from streams.topics import TOPICS, changes_topic, create_missing, partition_of
from tests.unit.streams.people import KEYS, number

FEED = "vehicles"
TOPIC = changes_topic(FEED)
MEMBERS = 20_000
_DIVISIONS = [f"4205{code:02d}" for code in range(1, 80)]


def person(serial: int) -> str:
    """The identity number of one of 79,000 × 28 made-up people."""
    from datetime import date

    born = date(1940 + serial // 79_000 % 28, 1 + serial // 1000 % 12, 1 + serial // 12_000 % 28)
    return number(serial % 1000, born, _DIVISIONS[serial // 1000 % 79])


def roster() -> Iterator[Line]:
    """Two members a household."""
    for serial in range(0, MEMBERS, 2):
        members = tuple(Member(person=KEYS.pseudonym(person(serial + more)), relation="head") for more in (0, 1))
        yield Line(
            household_id=f"H-{serial:06d}",
            region="420525101003",
            as_of=20_000,
            programs=(Grant(program="dibao", monthly_amount=900.0),),
            members=members,
            consent_until=30_000,
        )


def changes(count: int, share: float, first: int = 0) -> Iterator[bytes]:
    """Records in the form in which departments publish them, about 230 bytes each; `first` is the first serial."""
    chance = random.Random(1 + first)
    for serial in range(first, first + count):
        who = chance.randrange(MEMBERS) if chance.random() < share else MEMBERS + chance.randrange(1_000_000)
        record = {
            "event_id": f"V-{serial:09d}",
            "id_number": person(who),
            "name": "王建国",
            "occurred_at": "2026-05-11",
            "reported_at": "2026-05-12T09:30:00+08:00",
            "region": "420525",
            "source": "traffic-police",
            "plate": f"鄂E{serial % 100_000:05d}",
            "vehicle_type": "car",
            "action": "registered",
        }
        yield json.dumps(record, ensure_ascii=False).encode()


def publish(kafka: str, count: int, share: float) -> None:
    """Fill the topics."""
    publish_roster(kafka)
    publish_changes(kafka, changes(count, share))


def publish_roster(kafka: str) -> None:
    """Make the topics, and fill the roster's."""
    create_missing(kafka, TOPICS)
    producer = _producer(kafka)
    for line in roster():
        sent = message(line)
        producer.produce(sent.topic, sent.value, sent.key, partition=partition_of(sent.spread, 4))
    producer.flush()


def publish_changes(kafka: str, values: Iterable[bytes]) -> None:
    """Publish as fast as the broker takes it."""
    producer = _producer(kafka)
    for serial, value in enumerate(values):
        producer.produce(TOPIC, value, partition=serial % 4)
        if serial % 10_000 == 0:
            producer.poll(0)
    producer.flush()


def _producer(kafka: str) -> Producer:
    return Producer({"bootstrap.servers": kafka, "linger.ms": 50, "queue.buffering.max.messages": 2_000_000})
