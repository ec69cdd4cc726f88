"""Kafka values: objects and arrays, broken ones of every sort, and the quick way's agreement with the exact one."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.changes import Rejection
from streams.checking import Record
from streams.decoding import Decoded, FeedDecoder, decode
from streams.feeds import Field, fields_of
from streams.secrets import pseudonym_text
from tests.unit.streams.people import ALL_FEEDS, KEYS, NOW, as_json, number, record


def in_bulk(feed: str, *values: bytes | None) -> Decoded:
    return FeedDecoder(feed, KEYS).decode(values, [NOW] * len(values))


def results(decoded: Decoded) -> list[Record | Rejection]:
    """The outcome of each record, as `decode` would give it."""
    refused = {
        record: msgspec.structs.replace(rejection, index=decoded.elements.place(record)[1])
        for record, rejection in decoded.batch.refused
    }
    return [refused.get(n) or decoded.batch.record(n) for n in range(len(decoded.batch))]


def exactly(feed: str, *values: bytes | None) -> list[Record | Rejection]:
    return [found for value in values for found in decode(feed, value, NOW)]


@pytest.mark.parametrize("feed", ALL_FEEDS)
def test_an_ordinary_record_of_every_feed_goes_the_quick_way(feed: str) -> None:
    decoded = in_bulk(feed, as_json(record(feed)))
    assert not decoded.batch._exact
    assert results(decoded) == exactly(feed, as_json(record(feed)))


BROKEN = [
    b"",
    None,
    b"{",
    b"null",
    b"5",
    b'"text"',
    b"\xff\xfe{\x00}\x00",
    "{}".encode("utf-16"),
    as_json(record("deaths", name="王芳")).decode().encode("gb18030"),
    b'{"remark": "\xff"}',
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b'{"id_number": NaN}',
    b'{"name": "\\ud800"}',
    b'{"name": "a\x00b"}',
    b'{"id_number": 1' + b"0" * 5000 + b"}" + b"x",
    b"[1, {}",
]


@pytest.mark.parametrize("value", BROKEN)
def test_what_is_no_record_is_undecodable_and_the_rest_passes(value: bytes | None) -> None:
    good = as_json(record("deaths"))
    decoded = in_bulk("deaths", good, value, good)
    undecodable = Rejection(feed="deaths", reason="undecodable")
    assert [outcome == undecodable for outcome in results(decoded)] == [False, True, False]
    assert exactly("deaths", value) == [undecodable]


def test_an_array_counts_its_elements_and_names_the_refused_one() -> None:
    value = as_json([record("deaths", 1), record("deaths", 2, occurred_at=""), 7, [record("deaths", 3)]])
    decoded = in_bulk("deaths", as_json(record("deaths", 5)), value)
    assert len(decoded.batch) == 5
    assert results(decoded)[2:] == [
        Rejection(feed="deaths", reason="missing", field="occurred_at", index=1),
        Rejection(feed="deaths", reason="undecodable", index=2),
        Rejection(feed="deaths", reason="undecodable", index=3),
    ]
    assert [decoded.elements.place(n) for n in range(5)] == [(0, None), (1, 0), (1, 1), (1, 2), (1, 3)]
    assert json.loads(decoded.elements.data[3]) == 7


def test_an_empty_array_holds_nothing() -> None:
    assert results(in_bulk("deaths", b" [ ] ")) == exactly("deaths", b" [ ] ") == []
    assert results(in_bulk("deaths")) == []


def test_a_byte_order_mark_and_space_around_are_no_fault() -> None:
    value = b"\xef\xbb\xbf\n" + as_json(record("deaths")) + b"\n"
    assert results(in_bulk("deaths", value)) == exactly("deaths", as_json(record("deaths")))
    assert exactly("deaths", b"\xef\xbb\xbf[" + as_json(record("deaths")) + b"]") == exactly(
        "deaths", as_json(record("deaths"))
    )


def test_five_megabytes_are_read() -> None:
    long = as_json(record("deaths", remark="a" * 5_000_000))
    many = as_json([record("deaths", n % 999) for n in range(20_000)])
    decoded = in_bulk("deaths", long, many)
    assert len(decoded.batch) == 20_001
    assert not decoded.batch.refused


def test_each_value_has_a_clock_of_its_own() -> None:
    values = [as_json([record("deaths"), record("deaths", occurred_at=None)])] * 2
    decoded = FeedDecoder("deaths", KEYS).decode(values, [NOW, 0])
    assert [(n, r.reason) for n, r in decoded.batch.refused] == [(1, "missing"), (2, "future"), (3, "missing")]


def test_an_unknown_field_is_ignored_and_counted_once() -> None:
    decoder = FeedDecoder("deaths", KEYS)
    value = as_json(record("deaths", remark="x", 备注="y"))
    first = decoder.decode([value], [NOW]).batch
    assert decoder.unknown == {"remark", "(other)"}
    second = decoder.decode([value], [NOW]).batch
    assert first._exact
    assert not second._exact  # known by now, it takes the quick way
    assert first.record(0) == second.record(0) == decode("deaths", as_json(record("deaths")), NOW)[0]


def test_thousands_of_unknown_fields_are_survived() -> None:
    decoder = FeedDecoder("deaths", KEYS)
    for turn in range(100):
        value = as_json(record("deaths", **{f"x{turn}_{n}": n for n in range(5)}))
        assert not decoder.decode([value], [NOW]).batch.refused
    assert len(decoder.unknown) < 100


def test_persons_are_everybody_whom_the_accepted_records_name() -> None:
    values = [
        as_json(record("marriages", 1, spouse_id_number=number(2))),
        as_json(record("marriages", 3, action="nonsense")),
        as_json(record("marriages", 4, spouse_id_number=number(5).replace("X", "x"), op="retract")),
        as_json(record("marriages", 6, spouse_id_number=None)),
    ]
    batch = in_bulk("marriages", *values).batch
    named = sorted((int(owner), batch.pseudonym(n)) for n, owner in enumerate(batch.owners))
    expected = [(0, 1), (0, 2), (2, 4), (2, 5), (3, 6)]
    assert named == sorted((owner, KEYS.pseudonym(number(serial))) for owner, serial in expected)
    assert pseudonym_text(batch.digests[0].tobytes()) == batch.pseudonym(0)


def test_a_refused_record_cannot_be_had() -> None:
    batch = in_bulk("deaths", as_json(record("deaths", name=["x"]))).batch
    with pytest.raises(KeyError):
        batch.record(0)


texts = st.text(max_size=12)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=4,
)
serials = st.integers(0, 999)
moments = st.sampled_from(
    [
        *("2026-06-01", "2026-06-30", "2026-07-01", "2026-07-02", "2026-06-30T23:59:59+08:00", "2026-06-01T10:00:00Z"),
        *("2026-06-01T10:00:00.123456", " 2026-06-01 ", "20260601", "1991-05-01", "1985-01-01", "2026-06-31"),
        *("1799-01-01", "2026-W23-1", "2026-W23-1T09:00", "2199-12-31", "2026-06-01T", "2026-06-010", "9999-12-31"),
        *("0001-01-01", ""),
    ]
)
identities = (
    st.builds(number, serials)
    | st.builds(lambda n: number(n).lower(), serials)
    | st.sampled_from(
        ["110105491231002", "11010519491231002X", "110105194912310021", "11010519490231002X", " 11010519491231002X", ""]
    )
)
amounts = (
    st.floats(allow_nan=False, allow_infinity=False)
    | st.integers(-5, 10**20)
    | st.sampled_from(["5000", "5000.5", " 7", "-1", "", " ", "nan", "inf", "1e400", "1e3", "5.", ".", "５", "1" * 400])
)


def values_of(field: Field) -> st.SearchStrategy[Any]:
    """Values for a field: mostly sensible, often at the edge."""
    match field.kind:
        case "identity":
            return identities
        case "moment":
            return moments
        case "amount" | "grade":
            return amounts | st.sampled_from([1, 2.0, "3", "4.0", 5])
        case "period":
            return st.sampled_from(["2026-05", "2026-00", "1979-12", "0000-01", "2026-5", " 2026-05", "202605", ""])
        case "word":
            return st.sampled_from([*sorted(field.words), "", " ", "PAID", sorted(field.words)[0] + " "])
        case _:
            return texts | st.sampled_from(["\u3000", "\u00a0", "\x7f", " a", "a\nb", number(3), f"E-{number(3)}"])


@st.composite
def records(draw: st.DrawFn, feed: str) -> dict[str, Any]:
    """A good record of a feed with a few fields changed."""
    fields = fields_of(feed)
    changed = draw(st.lists(st.sampled_from(fields), max_size=3))
    values = {field.name: draw(values_of(field) | json_values) for field in changed}
    extra = draw(st.dictionaries(st.text(max_size=3), json_values, max_size=1))
    return extra | record(feed, draw(serials), **values)


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_the_quick_way_and_the_exact_one_agree(data: st.DataObject) -> None:
    feed = data.draw(st.sampled_from(ALL_FEEDS))
    arrays = st.lists(records(feed), max_size=3).map(as_json)
    values = data.draw(st.lists(records(feed).map(as_json) | arrays | st.binary(max_size=8), max_size=6))
    decoded = in_bulk(feed, *values)
    expected = exactly(feed, *values)
    assert results(decoded) == expected
    named = {(int(o), decoded.batch.pseudonym(n)) for n, o in enumerate(decoded.batch.owners)}
    assert named == {
        (n, KEYS.pseudonym(found))
        for n, outcome in enumerate(expected)
        if isinstance(outcome, Record)
        for found in outcome.numbers
    }
    for n, outcome in enumerate(expected):
        if isinstance(outcome, Record):
            assert decoded.batch.reported_at[n] == outcome.reported_at


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(ALL_FEEDS), st.binary() | json_values.map(as_json))
def test_no_bytes_whatever_raise(feed: str, value: bytes) -> None:
    assert results(in_bulk(feed, value)) == exactly(feed, value)
