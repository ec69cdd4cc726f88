"""A consumer group as a Faust app: reads topics batch by batch, and commits what was handled."""

from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Any, cast

import faust
from faust.types import TP

from streams.batch_transport import SCHEME, Applied, BatchConsumer, BatchTransport, Fetched, RawBatches
from streams.turns import Turns

Handle = Callable[[TP, Fetched], Awaitable[int | None]]
"""Does what a batch of one partition asks for. It must not raise: what leaves an agent is lost.

Gives None when the batch is done, else the offset from which the partition must be read again, because what came
after it is not kept any more.
"""
SESSION_TIMEOUT = 8.0
"""Seconds without a heartbeat after which another worker takes over."""


class ConsumerGroup(faust.App):
    """The app of a consumer group. It keeps nothing on disk."""

    settled = False
    """Partitions have been assigned (none of them perhaps), and are being read."""

    @property
    def batches(self) -> BatchConsumer:
        """The consumer."""
        return cast(BatchConsumer, self.consumer)

    def on_rebalance_start(self) -> None:
        """Called by Faust when partitions begin to move."""
        self.settled = False
        super().on_rebalance_start()

    def on_rebalance_end(self) -> None:
        """Called by Faust when this worker knows what is its own, and reads it."""
        super().on_rebalance_end()
        self.settled = True

    def _create_directories(self) -> None:
        """Faust would make a folder for tables; there are none."""


def consumer_group(
    group: str,
    topics: Iterable[str],
    kafka: str,
    handle: Handle,
    *,
    applied: Applied | None = None,
    largest_batch: int = 2000,
    at_once: int = 1,
) -> ConsumerGroup:
    """The app of a consumer group. `kafka` is bootstrap servers; start it with `await app.start()`.

    `at_once` is how many partitions' batches may be handled at the same time.
    """
    app = ConsumerGroup(
        group,
        broker=[f"{SCHEME}://{server}" for server in kafka.split(",")],
        store="memory://",
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        broker_commit_interval=0.5,
        broker_session_timeout=SESSION_TIMEOUT,
        broker_heartbeat_interval=2.0,
        broker_rebalance_timeout=SESSION_TIMEOUT,
        broker_max_poll_records=largest_batch,
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=4 * 1024 * 1024,
        # A few batches: more would only be thrown away at a rebalance.
        stream_buffer_maxsize=4,
        # A batch that waits for a service that is down must not hold up a rebalance or the end.
        stream_wait_empty=False,
        # Progress by partition is watched by the host, which knows what is an outage and what is a fault.
        stream_processing_timeout=24 * 3600.0,
        broker_commit_livelock_soft_timeout=24 * 3600.0,
    )
    cast(BatchTransport, app.transport).applied = applied

    @app.agent(app.topic(*topics, schema=RawBatches(), internal=False), name=group)
    async def take(stream: Any) -> None:
        async with Turns(at_once) as turns:
            async for event in stream.noack().events():
                await turns.give(event.message.tp, partial(one, event))

    async def one(event: Any) -> None:
        tp = event.message.tp
        try:
            again = await handle(tp, event.value)
        except Exception as error:
            # Acknowledged it must not be; whoever runs the app starts it anew, from the last commit.
            await app.crash(error)
            return
        if again is None:
            event.ack()
            app.batches.done(tp, event.message.offset + 1)
        else:
            await app.batches.rewind(tp, again)

    return app
