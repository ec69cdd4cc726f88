"""What a run left behind, and whether it is what an undisturbed run of the same load leaves."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Set
from itertools import pairwise
from typing import Any

import msgspec
import sqlalchemy as sa
from confluent_kafka import Consumer, TopicPartition

from alert_sinks.database import open_database
from alert_sinks.work_orders.listing import list_orders
from streams.topics import ALERTS, HOUSEHOLD_CHANGES, ROSTER, partition_counts
from tests.faults.load import one_feed_only
from tests.integration.live import read

GROUPS = {ROSTER: "enrol", HOUSEHOLD_CHANGES: "assess", ALERTS: "dispatch"}
"""Who reads what; the departments' topics are screened."""
_SHOWN = 3


class Left(msgspec.Struct):
    """What a run left. Contents are texts without the clock's part; revisions are keyed by id and number."""

    standing: dict[str, str]
    revisions: dict[str, str]
    orders: dict[str, list[list[str]]]
    faults: list[str]
    """What may never be, whatever the load: a revision of two contents, a gap, one that says nothing new …"""
    letters: int
    """Refused records in all topics of dead letters."""


def left(kafka: str, database: str) -> Left:
    """Read everything."""
    contents: dict[tuple[str, int], set[str]] = defaultdict(set)
    found: dict[str, dict[int, dict[str, Any]]] = defaultdict(dict)
    for value in read(kafka, ALERTS):
        try:
            alert = json.loads(value)
        except (ValueError, RecursionError):
            continue  # an experiment has poisoned the topic
        if not isinstance(alert, dict) or alert.get("household_id") is None:
            continue
        found[alert["alert_id"]][alert["revision"]] = alert
        contents[alert["alert_id"], alert["revision"]].add(_text(alert))
    faults = [
        f"{name}/{number} has {len(texts)} contents" for (name, number), texts in contents.items() if len(texts) > 1
    ]
    faults += [fault for revisions in found.values() for fault in _unsound(revisions)]
    rules = {name: found[name] for name in found if found[name][max(found[name])]["source_kind"] == "rule"}
    latest = {name: revisions[max(revisions)] for name, revisions in rules.items()}
    standing = {name: _text(alert, "revision") for name, alert in latest.items() if alert["status"] == "raised"}
    orders, doubled = _orders(database, standing.keys())
    return Left(
        standing=standing,
        revisions={
            f"{name}/{number}": _text(alert)
            for name, revisions in rules.items()
            for number, alert in revisions.items()
            if one_feed_only(alert["household_id"])
        },
        orders=orders,
        faults=[*faults, *doubled],
        letters=_letters(kafka),
    )


def _text(alert: Mapping[str, Any], *without: str) -> str:
    kept = {name: value for name, value in alert.items() if name not in ("detected_at", *without)}
    return json.dumps(kept, sort_keys=True, ensure_ascii=False)


def _unsound(revisions: Mapping[int, Mapping[str, Any]]) -> Iterator[str]:
    """Revisions count from 1 without a gap, and each says something new."""
    numbers = sorted(revisions)
    name = revisions[numbers[0]]["alert_id"]
    if numbers != list(range(1, len(numbers) + 1)):
        yield f"{name} has revisions {numbers}"
    for before, after in pairwise(numbers):
        if _text(revisions[before], "revision") == _text(revisions[after], "revision"):
            yield f"{name}/{after} says nothing new"


def _orders(url: str, wanted: Set[str]) -> tuple[dict[str, list[list[str]]], list[str]]:
    """The wanted alerts of each household's orders; and households with two open ones, alerts in two."""
    database = open_database(url)
    found: dict[str, list[list[str]]] = defaultdict(list)
    faults = []
    with database.reading() as session:
        seen: set[str] = set()
        for order in list_orders(session):
            faults += [f"alert {name} is in two orders" for name in order.alerts if name in seen]
            seen |= set(order.alerts)
            if kept := sorted(wanted & set(order.alerts)):
                found[order.household_id].append(kept)
        query = "SELECT household_id FROM work_orders WHERE state <> 'closed' GROUP BY 1 HAVING count(*) > 1"
        faults += [f"{name} has two open orders" for (name,) in session.execute(sa.text(query))]
    database.close()
    return {household: sorted(orders) for household, orders in found.items()}, faults


def _letters(kafka: str) -> int:
    return sum(len(read(kafka, topic)) for topic in partition_counts(kafka) if topic.endswith(".dlq"))


def differences(found: Left, wanted: Left, letters: int | None) -> list[str]:
    """How a run differs from the undisturbed one, in a few words each. `letters` is how many may be refused."""
    said = list(found.faults[:_SHOWN])
    for what in ("standing", "revisions", "orders"):
        ours, theirs = getattr(found, what), getattr(wanted, what)
        missing = [name for name in theirs if name not in ours]
        surplus = [name for name in ours if name not in theirs]
        other = [name for name in ours if name in theirs and ours[name] != theirs[name]]
        for word, names in (("missing", missing), ("too many", surplus), ("other", other)):
            if names:
                said.append(f"{what}: {len(names)} {word}, such as {names[0]}")
                for name in names[:_SHOWN]:
                    print(f"{what} {word} {name}\n  found  {ours.get(name)}\n  wanted {theirs.get(name)}")
    if letters is not None and found.letters != letters:
        said.append(f"{found.letters} dead letters in place of {letters}")
    return said


def lags(kafka: str) -> dict[str, int]:
    """What waits in each partition, by what the groups have committed."""
    behind: dict[str, int] = {}
    counts = {name: n for name, n in partition_counts(kafka).items() if not name.startswith("__")}
    readers: dict[str, list[TopicPartition]] = defaultdict(list)
    for topic, count in counts.items():
        if not topic.endswith(".dlq"):
            readers[GROUPS.get(topic, "screen")] += [TopicPartition(topic, number) for number in range(count)]
    for group, places in readers.items():
        reader = Consumer({"bootstrap.servers": kafka, "group.id": group, "log_level": 0})
        for place in reader.committed(places, timeout=10):
            first, end = reader.get_watermark_offsets(place, timeout=10)
            waiting = end - max(place.offset, first, 0)
            if waiting:
                behind[f"{place.topic}/{place.partition}"] = waiting
        reader.close()
    return behind
