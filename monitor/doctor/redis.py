"""Redis: reachable, may be written, keeps what it holds, and holds what it should."""

from collections.abc import AsyncIterator, Callable

from redis.asyncio import Redis, RedisCluster
from redis.exceptions import RedisError

from monitor.doctor.clocks import check_clock
from monitor.doctor.finding import Finding, fault, note, ok
from streams.errors import UnusableError
from streams.redis_inspection import inspect
from streams.redis_store import RedisStore, open_redis, said
from streams.store import EmptyStoreError
from streams.topics import ROSTER

_FULL = 0.8


async def check_redis(url: str, clock: Callable[[], int]) -> list[Finding]:
    """All findings. `clock` gives the present instant."""
    try:
        client = await open_redis(url)
    except UnusableError as error:
        return [fault("redis", str(error), "start it, or set MONITOR_REDIS")]
    try:
        return [finding async for finding in _look(client, clock)]
    except (RedisError, OSError) as error:
        return [fault("redis", said(error), "give this user all rights on its own database")]
    finally:
        await client.aclose()


async def _look(client: "Redis | RedisCluster", clock: Callable[[], int]) -> AsyncIterator[Finding]:
    for name, node in (await inspect(client)).items():
        yield ok("redis", f"{name} answers, version {node.version}, {node.used_bytes / 1e6:.0f} MB used")
        if node.policy != "noeviction":
            advice = "config set maxmemory-policy noeviction: a member thrown away would look like a stranger"
            yield fault("redis", f"{name}: maxmemory-policy is {node.policy}", advice)
        if node.limit_bytes and node.used_bytes > _FULL * node.limit_bytes:
            yield fault("redis", f"{name}: memory is {node.used_bytes / node.limit_bytes:.0%} full", "raise maxmemory")
        if not node.limit_bytes:
            yield note(
                "redis", f"{name}: no maxmemory", "set one below the machine's memory, so that writes fail first"
            )
        if not node.appends:
            advice = "config set appendonly yes; without it a restart loses all, and needs `monitor rebuild`"
            yield note("redis", f"{name}: keeps nothing on disk", advice)
        yield check_clock(name, node.clock, clock())
    await client.set("doctor", "1", ex=1)
    try:
        applied = await RedisStore(client).applied(ROSTER)
    except EmptyStoreError:
        yield note("redis", "holds nothing yet", "nothing to do before the first start; else run `monitor rebuild`")
    else:
        yield ok("redis", f"may be written; {sum(applied.values())} roster records applied")
