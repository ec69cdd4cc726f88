"""The exact check of one record: what is refused, why, and what the accepted ones become."""

from typing import Any

import pytest

from streams.changes import Rejection
from streams.checking import Record, check
from streams.feeds import english_headers, fields_of
from streams.moments import iso
from tests.unit.streams.people import ALL_FEEDS, NOW, number, record


def refused(feed: str, **changed: Any) -> tuple[str, str]:
    found = check(feed, record(feed, **changed), NOW)
    assert isinstance(found, Rejection), found
    return found.reason, found.field


def accepted(feed: str, **changed: Any) -> Record:
    found = check(feed, record(feed, **changed), NOW)
    assert isinstance(found, Record), found
    return found


@pytest.mark.parametrize("feed", ALL_FEEDS)
def test_a_full_record_of_every_feed_passes(feed: str) -> None:
    accepted(feed)


@pytest.mark.parametrize("feed", ALL_FEEDS)
@pytest.mark.parametrize("nothing", [None, "", "  ", "\u3000", "\t"])
def test_each_required_field_is_required_and_each_other_is_not(feed: str, nothing: str | None) -> None:
    for field in fields_of(feed):
        if field.required:
            assert refused(feed, **{field.name: nothing}) == ("missing", field.name)
        else:
            accepted(feed, **{field.name: nothing})


@pytest.mark.parametrize("feed", ALL_FEEDS)
def test_each_kind_of_field_has_its_reason(feed: str) -> None:
    wrong = {
        "word": ("nonsense", "unknown_word"),
        "amount": ("-1", "bad_number"),
        "grade": ("5", "unknown_word"),
        "period": ("2026-13", "bad_date"),
        "moment": ("2026-02-30", "bad_date"),
        "identity": (number(1)[:-1] + "A", "bad_identity"),
        "text": (["a list"], "undecodable"),
    }
    for field in fields_of(feed):
        value, reason = wrong[field.kind]
        assert refused(feed, **{field.name: value}) == (reason, field.name)


@pytest.mark.parametrize("value", ["nan", "inf", "1e999", "-0.01", "5,000", "1_000", "５", True, [], {}, "0x10"])
def test_what_is_no_number(value: Any) -> None:
    assert refused("pensions", amount=value) == ("bad_number", "amount")


@pytest.mark.parametrize(
    ("value", "read"), [("5000", 5000.0), (5000, 5000.0), (" 12.50 ", 12.5), ("1e3", 1000.0), ("-0", 0.0), (".5", 0.5)]
)
def test_numbers_may_be_text(value: Any, read: float) -> None:
    assert accepted("pensions", amount=value).values["amount"] == read


@pytest.mark.parametrize("grade", [0, 5, 1.5, "x", -1])
def test_a_grade_is_a_whole_number_from_one_to_four(grade: Any) -> None:
    assert refused("disabilities", grade=grade) == ("unknown_word", "grade")
    assert accepted("disabilities", grade="3").values["grade"] == 3.0


@pytest.mark.parametrize(
    "text",
    [
        *("2026-02-29", "2026-6-1", "2026/06/01", "01.06.2026", "2026-06-01T24:00", "2026-06-01T10:61"),
        *("2026-06-01x10:00", "yesterday", "0000-01-01", "1500-01-01", "2026-06-01T10:00+99:00", "２０２６-06-01", 1.5),
    ],
)
def test_what_is_no_moment(text: Any) -> None:
    assert refused("deaths", occurred_at=text) == ("bad_date", "occurred_at")
    assert refused("deaths", reported_at=text) == ("bad_date", "reported_at")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2026-06-01", "2026-06-01T00:00:00+08:00"),
        ("2026-06-01T10:00:00Z", "2026-06-01T18:00:00+08:00"),
        ("2026-06-01 10:00", "2026-06-01T10:00:00+08:00"),
        ("20260601", "2026-06-01T00:00:00+08:00"),
        ("1988-07-01", "1988-07-01T00:00:00+09:00"),
    ],
)
def test_moments_in_their_writings(text: str, read: str) -> None:
    assert iso(accepted("deaths", occurred_at=text).occurred_at) == read


def test_a_report_dated_by_day_came_at_its_end() -> None:
    assert iso(accepted("deaths", reported_at="2026-06-02").reported_at) == "2026-06-02T23:59:59.999999+08:00"


def test_without_a_report_it_counts_as_reported_when_it_happened() -> None:
    found = accepted("deaths", reported_at=None)
    assert found.reported_at == found.occurred_at


def test_what_happened_more_than_a_day_after_its_report_is_a_bad_date() -> None:
    reported = "2026-06-02T12:00:00"
    accepted("deaths", occurred_at="2026-06-03T12:00:00", reported_at=reported)
    assert refused("deaths", occurred_at="2026-06-03T12:00:01", reported_at=reported) == ("bad_date", "occurred_at")


def test_more_than_a_day_after_the_clock_is_the_future() -> None:
    accepted("deaths", occurred_at="2026-07-01T12:00:00", reported_at=None)
    assert refused("deaths", occurred_at="2026-07-01T12:00:01", reported_at=None) == ("future", "occurred_at")
    assert refused("deaths", reported_at="2026-07-01T12:00:01") == ("future", "reported_at")


def test_identity_numbers_are_brought_into_one_form() -> None:
    assert accepted("deaths", id_number="110105491231002").id_number == "11010519491231002X"
    assert accepted("deaths", id_number=" 11010519491231002x ").id_number == "11010519491231002X"
    married = accepted("marriages", spouse_id_number="11010519491231002x")
    assert married.numbers == (number(1), "11010519491231002X")


def test_a_retraction_repeats_who_and_when_and_may_leave_the_rest() -> None:
    bare = {"event_id": "E-9", "id_number": number(1), "occurred_at": "2026-06-01", "op": "retract"}
    found = check("vehicles", bare, NOW)
    assert isinstance(found, Record)
    assert (found.op, found.event_id, found.values) == ("retract", "E-9", {})
    for needed in ("id_number", "occurred_at"):
        assert check("vehicles", bare | {needed: ""}, NOW) == Rejection(feed="vehicles", reason="missing", field=needed)
    assert check("vehicles", bare | {"value": "x"}, NOW) == Rejection(
        feed="vehicles", reason="bad_number", field="value"
    )
    nameless = check("vehicles", bare | {"event_id": None}, NOW)
    assert nameless == Rejection(feed="vehicles", reason="missing", field="plate")


def test_control_characters_and_spaces_around_vanish() -> None:
    found = accepted("public-posts", employer=" 县\x00教育局\n", region=420525)
    assert found.values["employer"] == "县 教育局"
    assert found.region == "420525"


def test_unknown_fields_are_not_looked_at() -> None:
    assert accepted("deaths", remark={"deep": []}) == accepted("deaths")


def test_no_two_fields_share_a_header() -> None:
    for feed in ALL_FEEDS:
        assert len(english_headers(feed)) == sum(1 + len(field.zh) for field in fields_of(feed))


def test_an_integer_of_more_digits_than_python_writes_is_no_number() -> None:
    assert refused("pensions", amount=10**5000) == ("bad_number", "amount")
    assert refused("pensions", name=10**5000) == ("undecodable", "name")
