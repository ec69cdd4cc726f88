"""Seals anew, with the newest key, what is kept for as long as a household is: its roster lines and its records.

Lines are published again under their keys, so that compaction removes the former ones and enrolment renews what Redis
holds of them. Records are renewed in Redis in place, while workers run: each only if nobody changed it meanwhile, and
none so that a worker which had read it before could put the former one back. What topics keep for a time (messages
about households, dead letters) stays as it is until it expires.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
from redis.asyncio import Redis, RedisCluster

from streams import concealing, roster_lines
from streams.changes import Change
from streams.packing import pack, unpack
from streams.publishing import Outgoing, Publisher
from streams.roster_history import published_lines
from streams.roster_topic import message
from streams.secrets import Keys
from streams.store import VERSION, version_field

_BATCH = 500
_decode_change = msgspec.msgpack.Decoder(Change).decode
# The partition's progress counts renewals, so that a worker which loaded the value before must load it again.
_SWAP = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
local applied, renewals = string.match(redis.call('GET', KEYS[2]) or '0', '^(%d+) ?(%d*)$')
redis.call('SET', KEYS[2], applied .. ' ' .. (tonumber(renewals) or 0) + 1)
return 1
"""
_SWAP_FIELD = """
if redis.call('HDEL', KEYS[1], ARGV[1]) == 0 then return 0 end
redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
return 1
"""


class Resealed(NamedTuple):
    """How many roster lines were published anew, and how many households' records and events were renewed."""

    lines: int
    households: int
    events: int


async def reseal(kafka: str, client: "Redis | RedisCluster", publisher: Publisher, keys: Keys) -> Resealed:
    """Reseal everything that an older key closed. May be repeated. Raises UnusableError, and redis-py's errors."""
    lines = 0
    batch: list[Outgoing] = []
    for outgoing in _lines(kafka, keys):
        batch.append(outgoing)
        lines += 1
        if len(batch) == _BATCH:
            await publisher.publish(batch)
            batch = []
    await publisher.publish(batch)
    households = await reseal_states(client, keys)
    events = sum([await _swap_events(client, names, keys) async for names in _names(client, "event:*")])
    return Resealed(lines, households, events)


async def reseal_states(client: "Redis | RedisCluster", keys: Keys) -> int:
    """Reseal the records of the households, those of a partition one after the other; how many had an older seal.

    A worker cannot save while those of its partition are renewed: that is over soon where it is done at a stretch.
    """
    names = sorted([name async for batch in _names(client, "state:*") for name in batch], key=_partition)
    return sum([await _swap_states(client, batch, keys) for batch in _batches(names)])


def _partition(name: bytes) -> bytes:
    """The hash tag in which a name ends."""
    return name[name.rindex(b"{") :]


def _batches(names: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    return (names[start : start + _BATCH] for start in range(0, len(names), _BATCH))


def _lines(kafka: str, keys: Keys) -> Iterator[Outgoing]:
    """The messages of the lines in force that an older key closed."""
    last = {hash(key): number for number, (key, _) in enumerate(published_lines(kafka))}
    for number, (key, value) in enumerate(published_lines(kafka)):
        # One that came after the first reading is newer than all that is read here.
        if last.get(hash(key)) == number and (line := roster_lines.resealed(value, keys)) is not None:
            yield message(line)


async def _names(client: "Redis | RedisCluster", pattern: str) -> AsyncIterator[list[bytes]]:
    names: list[bytes] = []
    async for name in client.scan_iter(match=pattern, count=_BATCH):
        names.append(name)
        if len(names) == _BATCH:
            yield names
            names = []
    if names:
        yield names


async def _swap_states(client: "Redis | RedisCluster", names: Sequence[bytes], keys: Keys) -> int:
    """Renew states; those that a worker changed meanwhile are read and renewed again."""
    done, left = 0, names
    while left:
        swaps: dict[bytes, tuple[Any, ...]] = {}
        values = await _together(client, [("GET", name) for name in left])
        for name, value in zip(left, values, strict=True):
            if value and (new := concealing.resealed(unpack(value), keys)) is not None:
                swaps[name] = ("EVAL", _SWAP, 2, name, b"progress:" + _partition(name), value, pack(new))
        swapped = await _together(client, list(swaps.values()))
        done += sum(swapped)
        left = [name for name, fits in zip(swaps, swapped, strict=True) if not fits]
    return done


async def _swap_events(client: "Redis | RedisCluster", names: Sequence[bytes], keys: Keys) -> int:
    swaps: list[tuple[Any, ...]] = []
    kept = await _together(client, [("HGETALL", name) for name in names])
    for name, answer in zip(names, kept, strict=True):
        fields = answer.items() if isinstance(answer, dict) else zip(answer[::2], answer[1::2], strict=True)
        for field, value in fields:
            if field[:1] == VERSION and (new := concealing.resealed(unpack(value), keys)) is not None:
                renamed = version_field(_decode_change(new))
                swaps.append(("EVAL", _SWAP_FIELD, 1, name, field, renamed, pack(new)))
    return sum(await _together(client, swaps))


async def _together(client: "Redis | RedisCluster", commands: Sequence[tuple[Any, ...]]) -> list[Any]:
    if not commands:
        return []
    pipeline: Any = client.pipeline(transaction=False) if isinstance(client, Redis) else client.pipeline()
    for command in commands:
        pipeline.execute_command(*command)
    answers: list[Any] = await pipeline.execute()
    return answers
