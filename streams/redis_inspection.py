"""What Redis's nodes say of themselves: memory and the rule by which keys may be thrown away."""

from typing import Any, NamedTuple

from redis.asyncio import Redis, RedisCluster


class Node(NamedTuple):
    """A node. `limit_bytes` is 0 where there is none; `policy` is its maxmemory-policy.

    `appends` says that it keeps its data on disk, `clock` what time it thinks it is, as an instant.
    """

    version: str
    used_bytes: int
    limit_bytes: int
    policy: str
    appends: bool = True
    clock: int = 0

    @property
    def may_evict(self) -> bool:
        """Keys may vanish when the memory is full. Without a limit it never is, as far as Redis knows."""
        return self.limit_bytes > 0 and self.policy != "noeviction"


async def inspect(client: "Redis | RedisCluster") -> dict[str, Node]:
    """The nodes by address; a single server is called `redis`. Raises redis-py's errors where one is away."""
    if isinstance(client, Redis):
        return {"redis": _node(await client.info())}
    answers = await client.execute_command("INFO", target_nodes=RedisCluster.PRIMARIES)
    return {str(name): _node(said) for name, said in answers.items()}


def _node(said: Any) -> Node:
    return Node(
        version=str(said.get("valkey_version") or said["redis_version"]),
        used_bytes=int(said["used_memory"]),
        limit_bytes=int(said["maxmemory"]),
        policy=str(said["maxmemory_policy"]),
        appends=bool(said["aof_enabled"]),
        clock=int(said["server_time_usec"]),
    )
