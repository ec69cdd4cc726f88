"""A consumer group as a Faust app: reads topics batch by batch, and commits what was handled."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, cast

import faust
from aiokafka import ConsumerRecord
from faust.types import TP

from streams.batch_transport import SCHEME, Applied, BatchTransport, RawBatches

Handle = Callable[[TP, list[ConsumerRecord]], Awaitable[bool]]
"""Does what a batch of one partition asks for. It must not raise: what leaves an agent is lost.

Whether the batch is done; if not, it is read again after the next assignment or rewind.
"""
SESSION_TIMEOUT = 8.0
"""Seconds without a heartbeat after which another worker takes over."""


class _App(faust.App):
    """An app that keeps nothing on disk."""

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
) -> faust.App:
    """The app of a consumer group. `kafka` is bootstrap servers; start it with `await app.start()`."""
    app = _App(
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
        async for event in stream.noack().events():
            if await handle(event.message.tp, event.value):
                event.ack()

    return app
