"""The store in Redis, a single server or a cluster: every command has one key, every batch is one pipeline.

Keys: ``person:<pseudonym>`` (household → place), the callers' own versioned values, ``event:<key>`` (an event's homes
and versions), ``applied:<topic>`` (partition → offset), ``marker``; and ``progress:{<partition>}``,
``unsent:{<partition>}``, ``<name>:{<partition>}``, which lie in one slot and so are saved in one step. Where somebody
else renews such a value in place (`monitor/resealing.py`), the progress counts it: ``17 1`` after ``17``.

In a cluster each master may lose what it holds by itself, so that ``applied:<topic>`` and ``marker`` are kept in many
slots, evenly spread: what the master with the fewest has counts.
"""

import asyncio
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, Protocol

from redis.asyncio import Redis, RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.crc import REDIS_CLUSTER_HASH_SLOTS, key_slot
from redis.exceptions import NoScriptError, RedisError, ResponseError

from streams.changes import Change
from streams.errors import UnusableError
from streams.ledger import KEPT_MONTHS
from streams.packing import pack, unpack
from streams.screening import Found, Held, Home, Match
from streams.store import (
    EmptyStoreError,
    Listing,
    Part,
    Place,
    Saving,
    Versioned,
    event_fields,
    held,
    pack_place,
    packed_county,
    unpack_place,
    version_field,
)

SECONDS = 5.0
"""How long a server may take."""
_SPREAD = 32
"""In so many places of a cluster: every master that has a sixteenth of the slots in one piece has at least one."""
_BRACE = "\0"
"""In the place of a brace: nobody's id has it, for ids are printable."""
_SECONDS_KEPT = KEPT_MONTHS * 31 * 24 * 3600

# A command that timed out may have been carried out, and is sent again: each of these may land twice.
_SAVE = """
local old = redis.call('GETRANGE', KEYS[1], 0, 7)
if old == '' then old = string.rep('\\0', 8) end
if old ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1
"""
_LIST = """
local old = redis.call('HGET', KEYS[1], ARGV[1])
if old and string.sub(old, 1, 8) > string.sub(ARGV[2], 1, 8) then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return 1
"""
_HOLD = """
local known = redis.call('HGETALL', KEYS[1])
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
redis.call('EXPIRE', KEYS[1], ARGV[1])
return known
"""
_SAVE_PART = """
if (redis.call('GET', KEYS[1]) or '0') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
for number = 2, #KEYS do redis.call('SET', KEYS[number], ARGV[number + 1]) end
return 1
"""
_SENT = """
if string.match(redis.call('GET', KEYS[1]) or '', '^%d+') == ARGV[1] then redis.call('DEL', KEYS[2]) end
return 1
"""
_ADVANCE = """
for field = 1, #ARGV, 2 do
  local old = tonumber(redis.call('HGET', KEYS[1], ARGV[field]) or '0')
  if old < tonumber(ARGV[field + 1]) then redis.call('HSET', KEYS[1], ARGV[field], ARGV[field + 1]) end
end
return 1
"""


_SCRIPTS = (_SAVE, _LIST, _HOLD, _SAVE_PART, _SENT, _ADVANCE)
_SHA = {script: hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest() for script in _SCRIPTS}


def _spread_tags() -> tuple[str, ...]:
    """Hash tags whose slots are evenly spread over a cluster."""
    wide = REDIS_CLUSTER_HASH_SLOTS // _SPREAD
    found: dict[int, str] = {}
    number = 0
    while len(found) < _SPREAD:
        found.setdefault(key_slot(str(number).encode()) // wide, f":{{{number}}}")
        number += 1
    return tuple(found[piece] for piece in range(_SPREAD))


def _script(script: str, keys: Sequence[str], *arguments: Any) -> tuple[Any, ...]:
    """The command that runs a script by its digest."""
    return ("EVALSHA", _SHA[script], len(keys), *keys, *arguments)


class _Pipeline(Protocol):
    """As much of a pipeline as is needed; the single server's and the cluster's have it."""

    def execute_command(self, *words: Any) -> Any: ...

    async def execute(self) -> list[Any]: ...


class RedisStore:
    """A store on a client that is open already; `open_redis` makes one. Raises redis-py's errors when Redis is away."""

    def __init__(self, client: "Redis | RedisCluster", seconds: float = SECONDS) -> None:
        """`seconds` is how long a batch of commands may take."""
        self._client = client
        self._seconds = seconds
        self._places = ("",) if isinstance(client, Redis) else _spread_tags()
        self._markers = [("GET", f"marker{place}") for place in self._places]

    async def _run(self, commands: Iterable[Sequence[Any]]) -> list[Any]:
        given = list(commands)
        if not given:
            return []
        try:
            return await self._pipelined(given)
        except NoScriptError:
            # The server is new or was restarted. What ran before the failure may run again: see above.
            await asyncio.gather(*(self._client.script_load(script) for script in _SCRIPTS))
            return await self._pipelined(given)

    async def _pipelined(self, commands: Iterable[Sequence[Any]]) -> list[Any]:
        pipeline: _Pipeline = (
            self._client.pipeline(transaction=False) if isinstance(self._client, Redis) else self._client.pipeline()
        )
        for command in commands:
            pipeline.execute_command(*command)
        # One limit for the batch: the client's own would be set up anew for every answer, which costs more than it.
        async with asyncio.timeout(self._seconds):
            return await pipeline.execute()

    async def _look_up(self, commands: Iterable[Sequence[Any]]) -> list[Any]:
        """Run lookups with the marker among them; without it their answers mean nothing."""
        answers = await self._run([*self._markers, *commands])
        markers = len(self._markers)
        if None in answers[:markers]:
            raise EmptyStoreError
        return answers[markers:]

    async def homes(self, persons: Sequence[str], topic: str) -> Found:
        lookups: list[tuple[str, ...]] = [("HGETALL", f"person:{person}") for person in persons]
        steps = [self._how_far(topic), lookups, self._how_far(topic)]
        if isinstance(self._client, Redis):
            # One server answers in the order of the questions; of a cluster's masters none waits for another.
            steps = [list(chain.from_iterable(steps))]
        answers = [answer for step in steps for answer in await self._look_up(step)]
        width = len(self._places)
        homes = [
            [Home(household.decode(), packed_county(data)) for household, data in _pairs(answer)]
            for answer in answers[width:-width]
        ]
        return Found(homes, _least(answers[:width] + answers[-width:]))

    async def hold_events(self, events: Sequence[tuple[str, Match]]) -> list[Held]:
        added = [event_fields(match) for _, match in events]
        known = await self._run(
            _script(_HOLD, [f"event:{key}"], _SECONDS_KEPT, *_flat(fields))
            for (key, _), fields in zip(events, added, strict=True)
        )
        return [
            held({**dict(_pairs(answer)), **fields}) if answer else Held(frozenset(match.homes), (match.change,))
            for answer, fields, (_, match) in zip(known, added, events, strict=True)
        ]

    async def drop_versions(self, versions: Sequence[tuple[str, Change]]) -> None:
        await self._run(("HDEL", f"event:{key}", version_field(change)) for key, change in versions)

    async def load(self, keys: Sequence[str]) -> list[Versioned]:
        answers = await self._look_up(("GET", key) for key in keys)
        return [
            Versioned(int.from_bytes(answer[:8], "big"), unpack(answer[8:])) if answer else Versioned(0, b"")
            for answer in answers
        ]

    async def save(self, changes: Sequence[Saving]) -> list[bool]:
        answers = await self._run(
            _script(_SAVE, [key], over.to_bytes(8, "big"), (over + 1).to_bytes(8, "big") + pack(data))
            for key, over, data in changes
        )
        return [bool(answer) for answer in answers]

    async def places(self, persons: Sequence[str]) -> list[dict[str, Place]]:
        answers = await self._look_up(("HGETALL", f"person:{person}") for person in persons)
        return [{household.decode(): unpack_place(data) for household, data in _pairs(answer)} for answer in answers]

    async def list_persons(self, listings: Sequence[Listing]) -> None:
        await self._run(
            _script(_LIST, [f"person:{person}"], household, pack_place(place)) for person, household, place in listings
        )

    async def load_part(self, part: int, names: Sequence[str]) -> Part:
        ((progress, unsent, *values),) = await self._look_up([("MGET", *_part_keys(part, names))])
        applied, _, renewals = (progress or b"0").partition(b" ")
        return Part(int(applied), unsent or b"", [unpack(value or b"") for value in values], int(renewals or 0))

    async def save_part(self, part: int, over: Part, applied: int, unsent: bytes, values: Mapping[str, bytes]) -> bool:
        keys = _part_keys(part, values)
        former = f"{over.applied} {over.renewals}" if over.renewals else str(over.applied)
        packed = (pack(value) for value in values.values())
        (saved,) = await self._run([_script(_SAVE_PART, keys, former, str(applied), unsent, *packed)])
        return bool(saved)

    async def sent(self, part: int, applied: int) -> None:
        await self._run([_script(_SENT, _part_keys(part, ()), str(applied))])

    async def applied(self, topic: str) -> dict[int, int]:
        return _least(await self._look_up(self._how_far(topic)))

    def _how_far(self, topic: str) -> list[tuple[str, ...]]:
        return [("HGETALL", f"applied:{topic}{place}") for place in self._places]

    async def set_applied(self, topic: str, offsets: Mapping[int, int]) -> None:
        await self._run(_script(_ADVANCE, [f"applied:{topic}{place}"], *_flat(offsets)) for place in self._places)

    async def mark(self, partitions: int = 0) -> None:
        await self._run([("SET", *key, str(partitions)) for _, *key in self._markers])

    async def partitions(self) -> int:
        markers = await self._look_up(self._markers)
        return int(markers[0])

    async def close(self) -> None:
        await self._client.aclose()


def _part_keys(part: int, names: Iterable[str]) -> list[str]:
    """Progress, what is unsent, and the named values of a partition.

    They lie in one slot by the first braces in each, so that a household's id may bring none of its own.
    """
    tag = f"{{{part}}}"
    return [f"progress:{tag}", f"unsent:{tag}", *(f"{name.replace('{', _BRACE)}:{tag}" for name in names)]


def _least(answers: Sequence[Any]) -> dict[int, int]:
    """The least offset of each partition."""
    kept = [{int(partition): int(offset) for partition, offset in _pairs(answer)} for answer in answers]
    return {partition: min(one.get(partition, 0) for one in kept) for partition in kept[0]}


def _flat(pairs: Mapping[Any, Any]) -> list[Any]:
    return [part for pair in pairs.items() for part in pair]


def _pairs(answer: Any) -> list[tuple[bytes, bytes]]:
    """A hash as the server sends it: a flat list, or a map where a client turned it into one."""
    return list(answer.items()) if isinstance(answer, dict) else list(zip(answer[::2], answer[1::2], strict=True))


async def open_redis(url: str, seconds: float = SECONDS) -> "Redis | RedisCluster":
    """Connect to a server, or to the cluster that it belongs to. Raises UnusableError where none answers."""
    # Retrying is the caller's: it knows what may be repeated, and for how long to wait.
    options: dict[str, Any] = {"socket_timeout": None, "socket_connect_timeout": seconds}
    single = Redis.from_url(url, retry=Retry(NoBackoff(), 0), **options)
    try:
        async with asyncio.timeout(seconds):
            described = await single.info("cluster")
    except (RedisError, OSError, TimeoutError) as error:
        await single.aclose()
        raise UnusableError(f"MONITOR_REDIS: {said(error)}; start the server or correct the setting") from error
    if not described.get("cluster_enabled"):
        return single
    await single.aclose()
    return RedisCluster.from_url(url, **options)


def said(error: Exception) -> str:
    """What a Redis error means for a person; the URL stays out, for it may hold a password."""
    if isinstance(error, ResponseError):
        return str(error).splitlines()[0][:120]
    return "no server answers"
