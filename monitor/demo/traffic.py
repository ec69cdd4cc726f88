"""The demo's traffic: a folder of departments' files, the past at once and the last weeks at a live pace."""

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from streams.feed_files import find_feed_files
from streams.publishing import Outgoing, Publisher
from streams.topics import changes_topic

_SLICE_SECONDS = 0.05
_BATCH = 5000


class Traffic(NamedTuple):
    """Messages in the order in which the departments reported them."""

    past: list[Outgoing]
    live: list[Outgoing]


def traffic(folder: Path, live: int) -> Traffic:
    """Read a folder; the last `live` messages are for the live pace. Raises UnusableError."""
    rows: list[tuple[str, Outgoing]] = []
    for file in find_feed_files([folder], None):
        topic = changes_topic(file.feed)
        for row in file.rows():
            if row.value is not None:
                rows.append((_reported(row.value), Outgoing(topic, "", row.value, row.person)))
    rows.sort(key=lambda row: row[0])
    messages = [message for _, message in rows]
    return Traffic(messages[:-live], messages[-live:])


class _Times(msgspec.Struct):
    occurred_at: str = ""
    reported_at: str = ""


_decode = msgspec.json.Decoder(_Times).decode


def _reported(value: bytes) -> str:
    try:
        times = _decode(value)
    except msgspec.MsgspecError:
        return ""
    return times.reported_at or times.occurred_at


async def publish_at_once(publisher: Publisher, messages: Sequence[Outgoing], told: Callable[[int], None]) -> None:
    """Publish as fast as the broker takes it; `told` hears how many are out."""
    for begin in range(0, len(messages), _BATCH):
        await publisher.publish(messages[begin : begin + _BATCH])
        told(min(begin + _BATCH, len(messages)))


async def publish_at_pace(
    publisher: Publisher, messages: Sequence[Outgoing], per_second: float, told: Callable[[int], None]
) -> None:
    """Publish so many messages a second, in small slices, as departments would."""
    begin = time.monotonic()
    out = 0
    while out < len(messages):
        due = min(len(messages), int((time.monotonic() - begin) * per_second) + 1)
        await publisher.publish(messages[out:due])
        out = due
        told(out)
        await asyncio.sleep(_SLICE_SECONDS)
