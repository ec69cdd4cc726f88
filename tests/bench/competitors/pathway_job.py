"""Pathway: the roster is joined in its own engine; no hash, no Redis. Runs in its own environment, as a script."""

import sys
import time

import pathway as pw
from job import OUT, TOPIC, Clock, kafka, store


class Row(pw.Schema):
    """The fields that the join and the message need."""

    id_number: str
    event_id: str
    plate: str
    vehicle_type: str
    action: str
    occurred_at: str


def main() -> None:
    """Read until the end of the topic."""
    limit = int(sys.argv[1])
    clock = Clock()
    numbers = store().hgetall("plain-roster")
    roster = pw.debug.table_from_rows(
        pw.schema_from_types(person=str, household=str),
        [(number.decode(), household.decode()) for number, household in numbers.items()],
    )
    settings = {"bootstrap.servers": kafka(), "group.id": "bench-pathway", "auto.offset.reset": "earliest"}
    changes = pw.io.kafka.read(settings, TOPIC, schema=Row, format="json", mode="static")
    found = changes.join(roster, changes.id_number == roster.person).select(
        roster.household, changes.event_id, changes.plate, changes.vehicle_type, changes.action, changes.occurred_at
    )
    pw.io.kafka.write(found, settings, OUT, format="json")
    counted = []
    pw.io.subscribe(found, on_change=lambda key, row, time, is_addition: counted.append(is_addition))
    clock.begin()
    started = time.perf_counter()
    pw.run(monitoring_level=pw.MonitoringLevel.NONE)
    assert time.perf_counter() >= started
    clock.saw(limit, len(counted))
    clock.tell()


main()
