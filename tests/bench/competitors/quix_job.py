"""Quix Streams: one record at a time, as its dataframes work. Runs in its own environment, as a script."""

import sys

from job import OUT, TOPIC, Clock, decode, kafka, message, name_of, store
from quixstreams import Application


def main() -> None:
    """Read so many records."""
    limit = int(sys.argv[1])
    clock, client = Clock(), store()
    app = Application(
        broker_address=kafka(), consumer_group="bench-quix", auto_offset_reset="earliest", loglevel="ERROR"
    )
    read = app.topic(TOPIC, value_deserializer="bytes", key_deserializer="bytes")
    out = app.topic(OUT, value_serializer="bytes", key_serializer="bytes")

    def screen(value):
        clock.begin()
        row = decode(value)
        name = name_of(row.id_number)
        household = client.get(name)
        clock.saw(1, household is not None)
        if clock.read == limit:
            app.stop()
        return None if household is None else message(row, name, household)

    frame = app.dataframe(read).apply(screen)
    frame = frame.filter(lambda found: found is not None)
    frame.apply(lambda found: found[1]).to_topic(out, key=lambda _value: b"household")
    app.run()
    clock.tell()


main()
