"""From a plain record to a change: pseudonyms, a derived event id where one is needed, and the sealed original."""

from collections.abc import Callable, Mapping
from hashlib import blake2b
from operator import attrgetter
from typing import Any

import msgspec

from streams.changes import Change, Value
from streams.checking import Record
from streams.identity import without_identities
from streams.secrets import Keys

_CONTEXT = "change"
_LONGEST = 256
"""Characters of a text that are kept; a message must stay small whatever a department sends."""
_PLAIN = ("id_number", "name", "spouse_id_number", "related_id_number")
_plain_values: Callable[[Record], tuple[str, ...]] = attrgetter(*_PLAIN)
_decode_plain = msgspec.json.Decoder(dict[str, str]).decode
_encode = msgspec.json.Encoder(order="sorted").encode


def conceal(record: Record, keys: Keys) -> Change:
    """The change that a record stands for. Only matched records may be concealed: strangers leave nothing."""
    return Change(
        feed=record.feed,
        event_id=_bounded(record.event_id) or derived_event_id(record, keys),
        derived=not record.event_id,
        op=record.op,
        person=keys.pseudonym(record.id_number),
        spouse=keys.pseudonym(record.spouse_id_number) if record.spouse_id_number else "",
        related=keys.pseudonym(record.related_id_number) if record.related_id_number else "",
        name=keys.name_mark(record.name),
        occurred_at=record.occurred_at,
        reported_at=record.reported_at,
        region=_free_text(record.region, keys),
        source=_free_text(record.source, keys),
        values={
            name: _free_text(value, keys) if isinstance(value, str) else value for name, value in record.values.items()
        },
        sealed=keys.seal(_encode(_plain(record)).decode(), _CONTEXT),
    )


def reveal(change: Change, keys: Keys) -> Mapping[str, str]:
    """The plain identity numbers and the name of a change, by field. Raises UnusableError with other keys."""
    return _decode_plain(keys.unseal(change.sealed, _CONTEXT))


def resealed(data: bytes, keys: Keys) -> bytes | None:
    """A value in MessagePack, all changes in it sealed with the newest key; None where none was sealed with another.

    Raises UnusableError where a text cannot be opened.
    """
    found = 0

    def renewed(value: Any) -> Any:
        nonlocal found
        if isinstance(value, list):
            return [renewed(one) for one in value]
        if not isinstance(value, dict):
            return value
        sealed = value.get("sealed")
        if isinstance(sealed, str) and sealed and not keys.sealed_now(sealed):
            found += 1
            return {**value, "sealed": keys.reseal(sealed, _CONTEXT)}
        return {name: renewed(one) for name, one in value.items()}

    whole = renewed(msgspec.msgpack.decode(data))
    return msgspec.msgpack.encode(whole) if found else None


def derived_event_id(record: Record, keys: Keys) -> str:
    """The id of a record that came without one: equal content gives equal ids, whatever file or topic it came in."""
    content: dict[str, Value] = {
        "occurred_at": str(record.occurred_at),
        "region": record.region,
        "source": record.source,
        **_plain(record),
        **record.values,
    }
    parts = (part for name in sorted(content) if content[name] != "" for part in (name, str(content[name])))
    return keys.id("event", record.feed, *parts)


def _plain(record: Record) -> dict[str, str]:
    return {name: _bounded(text) for name, text in zip(_PLAIN, _plain_values(record), strict=True) if text}


def _free_text(text: str, keys: Keys) -> str:
    """A text of the source that may leave: an identity number in it becomes its pseudonym."""
    if len(text) >= 18:
        text = without_identities(text, keys.pseudonym)
    return _bounded(text)


def _bounded(text: str) -> str:
    """The text, or the beginning of a very long one and a mark that tells it from others with that beginning."""
    if len(text) <= _LONGEST:
        return text
    mark = blake2b(text.encode(), digest_size=16).hexdigest()
    return f"{text[: _LONGEST - 33]}…{mark}"
