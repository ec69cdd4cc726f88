"""Whether live and a replay of the same changes leave the same standing alerts of rules, as they must."""

from collections.abc import Iterable
from typing import Any, Literal

import msgspec
from redis.asyncio import Redis, RedisCluster

_KEY = "comparison"
_MAY_DIFFER = ("revision", "detected_at")


class Difference(msgspec.Struct, frozen=True):
    """An alert that only one side has standing, or that the sides word differently (in these fields)."""

    alert_id: str
    source: str
    household_id: str
    kind: Literal["only live", "only replayed", "different"]
    fields: tuple[str, ...] = ()


class Compared(msgspec.Struct, frozen=True):
    """When live was last compared with a replay, as an instant, and in how many alerts they differed."""

    at: int
    differences: int


def standing(revisions: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The alerts of rules that stand after these revisions, without what may differ between live and replay."""
    latest: dict[str, dict[str, Any]] = {}
    for alert in revisions:
        known = latest.get(alert["alert_id"])
        if known is None or known["revision"] < alert["revision"]:
            latest[alert["alert_id"]] = alert
    return {
        alert_id: _comparable(alert)
        for alert_id, alert in latest.items()
        if alert["source_kind"] == "rule" and alert["status"] == "raised"
    }


def _comparable(alert: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in alert.items() if name not in _MAY_DIFFER}
    evidence = {name: value for name, value in alert["evidence"].items() if name != "feed_doubtful"}
    return {**kept, "evidence": evidence}


def differences(live: dict[str, dict[str, Any]], replayed: dict[str, dict[str, Any]]) -> list[Difference]:
    """Where they differ, by source and alert."""
    found = []
    for alert_id in live.keys() | replayed.keys():
        ours, theirs = live.get(alert_id), replayed.get(alert_id)
        shown = ours or theirs or {}
        names: tuple[str, ...] = ()
        kind: Literal["only live", "only replayed", "different"] = "different"
        if theirs is None:
            kind = "only live"
        elif ours is None:
            kind = "only replayed"
        elif ours == theirs:
            continue
        else:
            names = tuple(sorted(name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name)))
        found.append(Difference(alert_id, shown["source"], shown["household_id"], kind, names))
    return sorted(found, key=lambda one: (one.source, one.alert_id))


async def remember(client: "Redis | RedisCluster", compared: Compared) -> None:
    """Keep the outcome where the workers find it for their metrics."""
    await client.set(_KEY, msgspec.json.encode(compared))


async def recall(client: "Redis | RedisCluster") -> Compared | None:
    """The last outcome; None where nobody has compared yet."""
    kept = await client.get(_KEY)
    return msgspec.json.decode(kept, type=Compared) if kept else None
