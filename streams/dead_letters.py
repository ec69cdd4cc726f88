"""Dead letters: what was refused, where it stood and why; the record itself sealed (contract.md §4)."""

import msgspec

from streams.publishing import Outgoing
from streams.secrets import Keys
from streams.topics import LARGEST_VALUE, dead_letters

CONTEXT = "dead letter"


class Letter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The value of a message in a topic of refused records. `record` is sealed; empty if it is too large to keep."""

    topic: str
    partition: int
    offset: int
    feed: str
    field: str
    reason: str
    record: str
    index: int | None = None


def letter(
    keys: Keys, place: tuple[str, int, int], record: bytes, *, reason: str, feed: str, field: str, index: int | None
) -> Outgoing:
    """The message for a refused record. `place` is its topic, partition and offset."""
    topic, partition, offset = place
    text = record.decode("utf-8", errors="backslashreplace")
    sealed = keys.seal(text, CONTEXT) if len(text) <= LARGEST_VALUE else ""
    value = Letter(
        topic=topic,
        partition=partition,
        offset=offset,
        feed=feed,
        field=field,
        reason=reason,
        record=sealed,
        index=index,
    )
    return Outgoing(dead_letters(topic), "", msgspec.json.encode(value), "")
