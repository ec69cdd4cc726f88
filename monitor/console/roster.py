"""Households' lines as the live service keeps them in Redis, and the opening of members' seals."""

from collections.abc import Callable

from redis import Redis, RedisCluster
from redis.exceptions import RedisError

from streams.enrolment import in_force
from streams.enrolment_agent import decode_household, household_key
from streams.moments import day_of
from streams.packing import unpack
from streams.roster import Line, Member
from streams.roster_lines import reveal_member
from streams.secrets import Keys

from .households import FindLine, Unseal

_SECONDS = 2.0
_VERSION_BYTES = 8
"""The store writes a value's version before it."""


def line_finder(url: str, now: Callable[[], int]) -> FindLine:
    """Finds the line in force today. None while Redis is away: an order's page does without the household's."""
    clients: list[Redis | RedisCluster] = []

    def find(household_id: str) -> Line | None:
        try:
            if not clients:
                clients.append(_connect(url))
            data = clients[0].get(household_key(household_id))
        except (RedisError, OSError):
            return None
        if not isinstance(data, bytes):
            return None
        kept = decode_household(unpack(data[_VERSION_BYTES:]))
        lines = [enrolled.line for enrolled in in_force(kept.lines if kept is not None else ())]
        begun = [line for line in lines if line.as_of <= day_of(now())]
        return begun[-1] if begun else lines[0] if lines else None

    return find


def unsealer(keys: Keys) -> Unseal:
    """Opens members' seals with the keys of the secret file."""

    def unseal(member: Member) -> tuple[str, str]:
        plain = reveal_member(member, keys)
        return plain.get("name", ""), plain.get("id_number", "")

    return unseal


def _connect(url: str) -> Redis | RedisCluster:
    options = {"socket_timeout": _SECONDS, "socket_connect_timeout": _SECONDS}
    single = Redis.from_url(url, **options)
    described = single.info("cluster")
    if not (isinstance(described, dict) and described.get("cluster_enabled")):
        return single
    single.close()
    return RedisCluster.from_url(url, **options)
