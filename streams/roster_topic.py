"""Lines on the roster's topic: their keys, their bytes, and who is in them."""

import msgspec

from streams.errors import UNREADABLE
from streams.moments import date_of
from streams.publishing import Outgoing
from streams.roster import Line
from streams.roster_lines import read_line
from streams.secrets import Keys
from streams.topics import ROSTER

_encode = msgspec.json.Encoder().encode


class _Person(msgspec.Struct):
    person: str


class _Persons(msgspec.Struct):
    members: tuple[_Person, ...] = ()


_decode_persons = msgspec.json.Decoder(_Persons).decode


def message(line: Line) -> Outgoing:
    """The message of a line. Its key holds the `as_of`, so that compaction leaves former lines alone."""
    key = f"{line.household_id}/{date_of(line.as_of).isoformat()}"
    return Outgoing(ROSTER, key, _encode(line), line.household_id)


def persons(value: bytes | None, keys: Keys) -> list[str]:
    """The pseudonyms in a line, in its published form or the contract's plain one; none in what is no line."""
    if not value:
        return []
    try:
        return [member.person for member in _decode_persons(value).members]
    except UNREADABLE:
        pass
    try:
        return [member.person for member in read_line(value, keys).members]
    except ValueError:
        return []
