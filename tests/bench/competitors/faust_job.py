"""Faust as it comes: its own transport, Redis asked for a take of records. Runs in its own environment, as a script."""

import asyncio
import os
import sys

import faust
from job import OUT, TOPIC, Clock, kafka, matches, store


async def main() -> None:
    """Read so many records."""
    limit = int(sys.argv[1])
    clock, client = Clock(), store()
    done = asyncio.Event()
    app = faust.App(
        "bench-faust",
        broker=f"kafka://{kafka()}",
        store="memory://",
        web_enabled=False,
        topic_disable_leader=True,
        consumer_auto_offset_reset="earliest",
        producer_acks=-1,
    )
    read, out = app.topic(TOPIC, value_serializer="raw"), app.topic(OUT, value_serializer="raw", key_serializer="raw")

    @app.agent(read)
    async def screen(stream):
        async for batch in stream.take(1000, within=0.1):
            clock.begin()
            found = matches(client, batch)
            for sent in [await out.send(key=key, value=value) for key, value in found]:
                await sent
            clock.saw(len(batch), len(found))
            if clock.read >= limit:
                done.set()

    await app.start()
    await done.wait()
    clock.tell()
    os._exit(0)  # its own stop may take longer than the measurement


asyncio.run(main())
