"""The batch consumer by itself: what was fetched before a rewind never passes for what comes after it."""

import asyncio
from types import SimpleNamespace
from typing import Any

from faust.types import TP

from streams.batch_transport import BatchConsumer, Fetched
from tests.unit.streams.doubles import fetched

ONE, TWO = TP("household-changes.v1", 1), TP("household-changes.v1", 2)


class _Thread:
    """The thread that talks to the broker; it seeks when it is let."""

    def __init__(self) -> None:
        self.sought: list[dict[TP, int]] = []
        self.may_seek = asyncio.Event()
        self.may_seek.set()

    async def seek_wait(self, places: dict[TP, int]) -> None:
        self.sought.append(dict(places))
        await self.may_seek.wait()


class _Consumer(BatchConsumer):
    """A consumer without a broker: each fetch gives the records from 16 to 20 of two partitions."""

    flow_active = True
    should_stop = False
    app: Any = SimpleNamespace(consumer_generation_id=1)
    log: Any = SimpleNamespace(info=lambda *_: None)

    def __init__(self) -> None:
        self._thread: Any = _Thread()
        self._read_offset: Any = {}
        self._committed_offset: Any = {}
        self._buffered_partitions: Any = set()
        self._start({ONE: 16, TWO: 16})

    async def _wait_next_records(self, timeout: float) -> Any:  # noqa: ASYNC109 - Faust's signature
        await asyncio.sleep(0)
        return {tp: fetched(tp, [b"x"] * 5, 16).records for tp in (ONE, TWO)}, None


async def _starts(consumer: _Consumer, while_waiting: Any = None) -> dict[TP, int]:
    found = {}
    async for tp, message in consumer.getmany(1.0):
        given: Fetched = message.value
        found[tp] = given.start
        if while_waiting is not None:
            await while_waiting()
            while_waiting = None
    return found


def test_records_fetched_before_a_rewind_are_dropped_and_read_again() -> None:
    async def run() -> None:
        consumer = _Consumer()
        # The first partition's message waits for room in the agent's buffer; meanwhile the second is rewound.
        assert await _starts(consumer, lambda: consumer.rewind(TWO, 5)) == {ONE: 16}
        assert consumer._thread.sought == [{TWO: 5}, {TWO: 5}]
        assert (consumer.next_read[TWO], consumer.handled[TWO]) == (5, 5)

    asyncio.run(run())


def test_records_that_arrive_during_a_rewind_are_dropped_too() -> None:
    async def run() -> None:
        consumer = _Consumer()
        consumer._thread.may_seek.clear()
        rewinding = asyncio.ensure_future(consumer.rewind(ONE, 3))
        await asyncio.sleep(0)
        asyncio.get_running_loop().call_later(0.05, consumer._thread.may_seek.set)
        assert await _starts(consumer) == {TWO: 16}
        await rewinding
        assert consumer.next_read[ONE] == 3

    asyncio.run(run())
