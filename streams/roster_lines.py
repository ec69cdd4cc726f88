"""From a household as people write it, in the plain, to a checked `Line` with pseudonyms."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import msgspec

from streams.checking import read_moment
from streams.decoding import read_object
from streams.errors import UNREADABLE
from streams.identity import contains_identity, normalised
from streams.moments import day_of
from streams.roster import Grant, Line, Member
from streams.roster_words import CATEGORIES, FLAGS, GRADES, HOUSEHOLD_FIELDS, MEMBER_FIELDS, PROGRAMS, RELATIONS
from streams.secrets import Keys

_CONTEXT = "member"
_REGION = re.compile(r"\d{6}(\d{3}(\d{3})?)?", re.ASCII)
_NUMBER = re.compile(r"\d{1,15}(\.\d+)?", re.ASCII)
_SEPARATORS = re.compile(r"[;；、,，]")
_COLONS = re.compile(r"[:：]")
_LONGEST_ID = 128
_encode_plain = msgspec.json.Encoder(order="sorted").encode
_decode_plain = msgspec.json.Decoder(dict[str, str]).decode
_decode_line = msgspec.json.Decoder(Line).decode
T = TypeVar("T")


class Problem(NamedTuple):
    """What is wrong in a household, and in which field of which member (from 0); `member` is None for its own."""

    member: int | None
    field: str
    what: str

    @property
    def place(self) -> str:
        """Where the field stands in a household."""
        return self.field if self.member is None else f"members[{self.member}].{self.field}".rstrip(".")

    def __str__(self) -> str:
        return f"{self.place}: {self.what}"


class FaultyHouseholdError(ValueError):
    """A household that cannot be used. Its text names fields and holds none of their values."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


def line_from_plain(household: Mapping[str, Any], keys: Keys) -> Line:
    """Check a household in the contract's form. Values may be text as a table holds it. Raises FaultyHouseholdError."""
    problems: list[Problem] = []
    own = _Fields(household, HOUSEHOLD_FIELDS, None, problems)
    programs = own.many("programs", _grant, required=True)
    line = Line(
        household_id=own.one("household_id", _household_id, "", required=True),
        region=own.one("region", _region, "", required=True),
        as_of=own.one("as_of", _day, 0, required=True),
        programs=programs,
        members=_members(own, keys, problems, required=bool(programs)),
        categories=own.many("categories", _word_of(CATEGORIES)),
        declared_monthly_income=own.one("declared_monthly_income", _amount, None),
        declared_vehicles=own.one("declared_vehicles", _count, 0),
        declared_properties=own.one("declared_properties", _count, 0),
        consent_until=own.one("consent_until", _day, None),
    )
    if problems:
        raise FaultyHouseholdError(problems)
    return line


def read_line(value: bytes, keys: Keys) -> Line:
    """A line from its topic, in its published form or in the contract's plain one. Raises ValueError."""
    try:
        return _decode_line(value)
    except UNREADABLE:
        household = read_object(value)
        if household is None:
            raise ValueError("is no household in JSON and UTF-8") from None
        return line_from_plain(household, keys)


def reveal_member(member: Member, keys: Keys) -> Mapping[str, str]:
    """The plain `id_number` and, if the roster has it, `name`. Raises UnusableError with other keys."""
    return _decode_plain(keys.unseal(member.sealed, _CONTEXT))


def resealed(value: bytes, keys: Keys) -> Line | None:
    """A line in its published form, all of it sealed with the newest key; None where nothing was sealed with another.

    Raises UnusableError where a text cannot be opened.
    """
    try:
        line = _decode_line(value)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    if all(not member.sealed or keys.sealed_now(member.sealed) for member in line.members):
        return None
    members = tuple(
        msgspec.structs.replace(member, sealed=keys.reseal(member.sealed, _CONTEXT)) if member.sealed else member
        for member in line.members
    )
    return msgspec.structs.replace(line, members=members)


def _members(own: "_Fields", keys: Keys, problems: list[Problem], *, required: bool) -> tuple[Member, ...]:
    given = own.value("members")
    if given is not None and not isinstance(given, list):
        problems.append(Problem(None, "members", "is no list"))
        return ()
    if required and not given:
        problems.append(Problem(None, "members", "missing"))
    members = []
    persons: set[str] = set()
    for place, member in enumerate(given or ()):
        if not isinstance(member, Mapping):
            problems.append(Problem(place, "", "is no object"))
            continue
        found = _member(_Fields(member, MEMBER_FIELDS, place, problems), keys)
        if found.person in persons:
            problems.append(Problem(place, "id_number", "stands twice in the household"))
        persons.add(found.person)
        members.append(found)
    return tuple(members)


def _member(own: "_Fields", keys: Keys) -> Member:
    number = own.one("id_number", _identity, None, required=True)
    name = own.one("name", _text, "")
    plain = {"id_number": number, "name": name} if name else {"id_number": number}
    return Member(
        person=keys.pseudonym(number) if number else f"?{own.member}",
        relation=own.one("relation", _word_of(RELATIONS), "other", required=True),
        name=keys.name_mark(name),
        co_resident=own.one("co_resident", _flag, True),
        disability_grade=own.one("disability_grade", _grade, None),
        student=own.one("student", _flag, False),
        declared_monthly_income=own.one("declared_monthly_income", _amount, 0.0),
        categories=own.many("categories", _word_of(CATEGORIES)),
        sealed=keys.seal(_encode_plain(plain).decode(), _CONTEXT) if number else "",
    )


class _Fields:
    """The fields of a household or a member; what is wrong with them is collected."""

    def __init__(
        self, given: Mapping[str, Any], names: Mapping[str, str], member: int | None, problems: list[Problem]
    ) -> None:
        self.member = member
        self._given = {names.get(name, name).removeprefix("member_"): value for name, value in given.items()}
        self._problems = problems

    def value(self, name: str) -> Any:
        """A field as it was given; None where it is absent or empty."""
        value = self._given.get(name)
        return None if isinstance(value, str) and not value.strip() else value

    def one(self, name: str, read: Callable[[Any], T], default: T, *, required: bool = False) -> T:
        """A field that holds one value."""
        value = self.value(name)
        if value is None:
            if required:
                self._fault(name, "missing")
            return default
        try:
            return read(value)
        except _WrongError as wrong:
            self._fault(name, str(wrong))
            return default

    def many(self, name: str, read: Callable[[Any], T], *, required: bool = False) -> tuple[T, ...]:
        """A field that holds a list, in a table separated by semicolons; an empty cell is an empty list."""
        value = self._given.get(name)
        if value is None:
            if required:
                self._fault(name, "missing")
            return ()
        parts = [part for part in _SEPARATORS.split(value) if part.strip()] if isinstance(value, str) else value
        if not isinstance(parts, list):
            self._fault(name, "is no list")
            return ()
        found = []
        for part in parts:
            try:
                found.append(read(part))
            except _WrongError as wrong:
                self._fault(name, str(wrong))
        return tuple(found)

    def _fault(self, name: str, what: str) -> None:
        self._problems.append(Problem(self.member, name, what))


class _WrongError(Exception):
    """Says what a value should be."""


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise _WrongError("is no text")
    return " ".join(str(value).split())


def _household_id(value: Any) -> str:
    text = _text(value)
    if contains_identity(text):
        raise _WrongError("contains an identity number; use another id")
    if len(text) > _LONGEST_ID or not text.isprintable():
        raise _WrongError(f"is no id of up to {_LONGEST_ID} characters")
    return text


def _region(value: Any) -> str:
    text = _text(value)
    if not _REGION.fullmatch(text):
        raise _WrongError("is no division code of 6, 9 or 12 digits")
    return text


def _identity(value: Any) -> str:
    number = normalised(_text(value))
    if number is None:
        raise _WrongError("fails GB 11643")
    return number


def _day(value: Any) -> int:
    moment = read_moment(_text(value))
    if moment is None:
        raise _WrongError("is no date (YYYY-MM-DD)")
    return day_of(moment)


def _amount(value: Any) -> float:
    if isinstance(value, float | int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not _NUMBER.fullmatch(value.strip()):
        raise _WrongError("is no amount of 0 or more")
    return float(value)


def _count(value: Any) -> int:
    number = _amount(value)
    if not number.is_integer():
        raise _WrongError("is no whole number")
    return int(number)


def _grade(value: Any) -> int | None:
    text = str(value).strip()
    grade = GRADES.get(text.removesuffix(".0").removesuffix("级"))
    if grade is None:
        raise _WrongError("is no grade from 1 to 4")
    return grade or None


def _flag(value: Any) -> bool:
    found = FLAGS.get(str(value).strip().lower())
    if found is None:
        raise _WrongError("is neither true nor false")
    return found


def _word_of(words: Mapping[str, str]) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        found = words.get(value.strip()) if isinstance(value, str) else None
        if found is None:
            raise _WrongError(f"is none of {', '.join(dict.fromkeys(words.values()))}")
        return found

    return read


_program = _word_of(PROGRAMS)


def _grant(value: Any) -> Grant:
    """A programme as an object, or as text: ``dibao``, ``dibao:1180``, ``dibao:1180:2024-03-01``."""
    if isinstance(value, str):
        parts = (part.strip() or None for part in _COLONS.split(value, maxsplit=2))
        value = dict(zip(("program", "monthly_amount", "since"), parts, strict=False))
    if not isinstance(value, Mapping):
        raise _WrongError("is no programme")
    since, amount = value.get("since"), value.get("monthly_amount")
    return Grant(
        program=_program(value.get("program")),
        since=None if since in (None, "") else _day(since),
        monthly_amount=0.0 if amount in (None, "") else _amount(amount),
    )
