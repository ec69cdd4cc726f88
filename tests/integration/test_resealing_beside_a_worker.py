"""A worker saves households' states while they are sealed anew: neither undoes what the other did."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest
from redis.asyncio import Redis, RedisCluster

from monitor import resealing
from monitor.resealing import reseal_states
from streams.redis_store import RedisStore, open_redis
from streams.secrets import Keys

pytestmark = pytest.mark.parts
SECRET = b"a secret of tests, thirty-two bytes at least"
FORMER, NEWEST = Keys(SECRET), Keys(SECRET, [bytes(range(32))])
Client = Redis | RedisCluster


@pytest.fixture(params=["redis_url", "redis_cluster_url"])
def on_redis(request: pytest.FixtureRequest) -> Callable[[Callable[[Client, RedisStore], Awaitable[None]]], None]:
    """Runs something on a server, and on a cluster."""

    def run(check: Callable[[Client, RedisStore], Awaitable[None]]) -> None:
        async def with_store() -> None:
            client = await open_redis(request.getfixturevalue(request.param))
            store = RedisStore(client)
            await store.mark()
            try:
                await check(client, store)
            finally:
                await store.close()

        asyncio.run(with_store())

    return run


def state(keys: Keys, *texts: str) -> bytes:
    """A state that holds changes."""
    return msgspec.msgpack.encode({"changes": [{"sealed": keys.seal(text, "change")} for text in texts]})


OLD, NEW = state(FORMER, "one"), state(NEWEST, "one")


def test_who_loaded_a_state_before_it_was_renewed_loads_it_again(on_redis: Callable[..., None]) -> None:
    async def check(client: Client, store: RedisStore) -> None:
        assert await store.save_part(3, await store.load_part(3, []), 10, b"alerts", {"state:a": OLD, "state:b": OLD})
        loaded = await store.load_part(3, ["state:a"])
        assert await reseal_states(client, NEWEST) == 2
        assert not await store.save_part(3, loaded, 11, b"", {"state:a": OLD})
        again = await store.load_part(3, ["state:a", "state:b"])
        assert again == (10, b"alerts", [NEW, NEW], 2)
        await store.sent(3, 10)
        assert (await store.load_part(3, [])).unsent == b""
        assert await store.save_part(3, again, 11, b"", {"state:a": NEW})
        assert await store.load_part(3, ["state:a"]) == (11, b"", [NEW], 0)
        assert await reseal_states(client, NEWEST) == 0

    on_redis(check)


def test_a_state_that_changes_while_it_is_renewed_is_renewed_again(
    on_redis: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def check(client: Client, store: RedisStore) -> None:
        await store.save_part(3, await store.load_part(3, []), 10, b"", {"state:a": OLD})
        together, later = resealing._together, [state(FORMER, "one", "two"), state(FORMER, "one", "two", "three")]

        async def beside_a_worker(client: Client, commands: Any) -> list[Any]:
            answers = await together(client, commands)
            if later and commands[0][0] == "GET":
                kept = await store.load_part(3, [])
                assert await store.save_part(3, kept, kept.applied + 1, b"", {"state:a": later.pop(0)})
            return answers

        monkeypatch.setattr(resealing, "_together", beside_a_worker)
        assert await reseal_states(client, NEWEST) == 1
        assert (await store.load_part(3, ["state:a"])).values == [state(NEWEST, "one", "two", "three")]

    on_redis(check)
