"""A line comes back from its kept form as it was, whatever is in it."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from streams.kept_lines import kept, line_of
from streams.roster import Grant, Line, Member
from tests.unit.streams.people import KEYS

_TEXTS = st.text(max_size=24) | st.binary(max_size=40).map(lambda data: KEYS.id(data.hex())) | st.just("father")
_SEALED = st.just("") | st.just(".") | st.just("kid.") | _TEXTS | st.text().map(lambda text: KEYS.seal(text, "roster"))
_MONEY = st.floats(0, 1e9)
_DAYS = st.none() | st.integers(-1000, 40_000)
_MEMBERS = st.builds(
    Member,
    person=_TEXTS,
    relation=st.sampled_from(["head", "child"]),
    name=_TEXTS,
    co_resident=st.booleans(),
    disability_grade=st.none() | st.integers(1, 4),
    student=st.booleans(),
    declared_monthly_income=_MONEY,
    categories=st.tuples() | st.just(("tekun",)),
    sealed=_SEALED,
)
_LINES = st.builds(
    Line,
    household_id=st.text(min_size=1, max_size=12),
    region=st.just("420525101003"),
    as_of=st.integers(0, 40_000),
    programs=st.lists(st.builds(Grant, program=st.just("dibao"), since=_DAYS, monthly_amount=_MONEY)).map(tuple),
    members=st.lists(_MEMBERS, max_size=3).map(tuple),
    categories=st.tuples() | st.just(("dibao", "tekun")),
    declared_monthly_income=st.none() | _MONEY,
    declared_vehicles=st.integers(0, 3),
    declared_properties=st.integers(0, 3),
    consent_until=_DAYS,
)


@given(_LINES)
def test_every_line_comes_back(line: Line) -> None:
    assert line_of(kept(line)) == line


@given(_LINES)
def test_a_line_kept_with_its_names_is_read(line: Line) -> None:
    assert line_of(msgspec.Raw(msgspec.msgpack.encode(line))) == line


def test_pseudonyms_and_sealed_text_lie_there_as_bytes() -> None:
    member = Member(person=KEYS.pseudonym("4"), relation="head", name=KEYS.name_mark("王"), sealed=KEYS.seal("王", "r"))
    line = Line(household_id="H-1", region="420525", as_of=20_000, programs=(), members=(member,))
    assert len(bytes(kept(line))) < len(member.person + member.name + member.sealed) + 20
