"""Pieces of work of one name keep their order, those of several run together, and none outlives the block."""

import asyncio
from collections.abc import Awaitable, Callable

from streams.turns import Turns


def test_one_name_keeps_its_order_while_others_go_on() -> None:
    said: list[str] = []
    doors = {name: asyncio.Event() for name in ("a1", "a2", "b1")}

    def work(name: str) -> Callable[[], Awaitable[None]]:
        async def run() -> None:
            said.append(f"{name} begins")
            await doors[name].wait()
            said.append(f"{name} ends")

        return run

    async def story() -> None:
        async with Turns(3) as turns:
            await turns.give("a", work("a1"))
            await turns.give("a", work("a2"))
            await turns.give("b", work("b1"))
            doors["a2"].set()
            for name in ("b1", "a1"):
                await asyncio.sleep(0.01)
                doors[name].set()
            await asyncio.sleep(0.01)

    asyncio.run(story())
    assert said == ["a1 begins", "b1 begins", "b1 ends", "a1 ends", "a2 begins", "a2 ends"]


def test_no_more_than_so_many_run_at_once() -> None:
    running, most = 0, 0

    async def work() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.001)
        running -= 1

    async def story() -> None:
        async with Turns(3) as turns:
            for name in range(20):
                await turns.give(name, work)
            await asyncio.sleep(0.05)

    asyncio.run(story())
    assert (most, running) == (3, 0)


def test_what_still_runs_ends_with_the_block() -> None:
    ended: list[str] = []

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("cancelled")

    async def story() -> None:
        async with Turns(2) as turns:
            await turns.give("a", work)
            await turns.give("a", work)
            await asyncio.sleep(0.01)

    asyncio.run(story())
    assert ended == ["cancelled"]  # the second had not begun
