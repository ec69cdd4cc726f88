"""A roster line as it lies in Redis, twice for every household: without names of fields, and base64 as bytes.

A million households are to fit into a gigabyte, and the line is most of what is kept of a household without changes.
"""

from base64 import urlsafe_b64encode
from binascii import a2b_base64
from typing import Any

import msgspec

from streams.roster import Grant, Line, Member

_Squeezed = Any
"""The bytes that base64 stands for; any other text as it is. The decoder knows no union of the two."""
_TO_STANDARD = str.maketrans("-_", "+/")


class _Member(msgspec.Struct, array_like=True, frozen=True, gc=False):
    person: _Squeezed
    relation: str
    name: _Squeezed = ""
    sealing: str = ""
    sealed: _Squeezed = ""
    declared_monthly_income: float = 0.0
    co_resident: bool = True
    disability_grade: int | None = None
    student: bool = False
    categories: tuple[str, ...] = ()


class _Grant(msgspec.Struct, array_like=True, frozen=True, gc=False):
    program: str
    monthly_amount: float = 0.0
    since: int | None = None


class _Line(msgspec.Struct, array_like=True, frozen=True, gc=False):
    household_id: str
    region: str
    as_of: int
    programs: tuple[_Grant, ...]
    members: tuple[_Member, ...]
    consent_until: int | None = None
    declared_monthly_income: float | None = None
    categories: tuple[str, ...] = ()
    declared_vehicles: int = 0
    declared_properties: int = 0


def kept(line: Line) -> msgspec.Raw:
    """The line as a value in MessagePack that another one may hold."""
    members = [_trimmed(_member(member)) for member in line.members]
    grants = [_trimmed(_Grant(grant.program, grant.monthly_amount, grant.since)) for grant in line.programs]
    fields = _trimmed(
        _Line(
            line.household_id,
            line.region,
            line.as_of,
            (),
            (),
            line.consent_until,
            line.declared_monthly_income,
            line.categories,
            line.declared_vehicles,
            line.declared_properties,
        )
    )
    fields[3:5] = grants, members
    return msgspec.Raw(_encode(fields))


def line_of(value: msgspec.Raw) -> Line:
    """The line that was kept; also one with names, as lines were kept before. Raises msgspec.MsgspecError."""
    if not _is_array(bytes(value)[0]):
        return _decode_named(value)
    found = _decode(value)
    return Line(
        household_id=found.household_id,
        region=found.region,
        as_of=found.as_of,
        programs=tuple(
            Grant(program=grant.program, since=grant.since, monthly_amount=grant.monthly_amount)
            for grant in found.programs
        ),
        members=tuple(
            Member(
                person=_text(member.person),
                relation=member.relation,
                name=_text(member.name),
                co_resident=member.co_resident,
                disability_grade=member.disability_grade,
                student=member.student,
                declared_monthly_income=member.declared_monthly_income,
                categories=member.categories,
                sealed=f"{member.sealing}.{_text(member.sealed)}" if member.sealing else _text(member.sealed),
            )
            for member in found.members
        ),
        categories=found.categories,
        declared_monthly_income=found.declared_monthly_income,
        declared_vehicles=found.declared_vehicles,
        declared_properties=found.declared_properties,
        consent_until=found.consent_until,
    )


def _member(member: Member) -> _Member:
    sealing, dot, sealed = member.sealed.partition(".")
    if not (dot and sealing):
        sealing, sealed = "", member.sealed
    return _Member(
        _squeezed(member.person),
        member.relation,
        _squeezed(member.name),
        sealing,
        _squeezed(sealed),
        member.declared_monthly_income,
        member.co_resident,
        member.disability_grade,
        member.student,
        member.categories,
    )


def _trimmed(struct: msgspec.Struct) -> list[object]:
    """The fields without those at the end that are at their defaults: they are the same when they are read."""
    values: list[object] = list(msgspec.structs.astuple(struct))
    for default in reversed(struct.__struct_defaults__):
        if values[-1] != default:
            break
        values.pop()
    return values


def _squeezed(text: str) -> bytes | str:
    if not text:
        return text
    try:
        data = a2b_base64(text.translate(_TO_STANDARD) + "=" * (-len(text) % 4))
    except ValueError:
        return text
    return data if _text(data) == text else text


def _text(squeezed: bytes | str) -> str:
    return squeezed if isinstance(squeezed, str) else urlsafe_b64encode(squeezed).rstrip(b"=").decode()


def _is_array(first: int) -> bool:
    """Whether a value in MessagePack that begins with this byte is an array."""
    return 0x90 <= first <= 0x9F or first in (0xDC, 0xDD)


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Line).decode
_decode_named = msgspec.msgpack.Decoder(Line).decode
