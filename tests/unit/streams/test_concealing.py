"""What becomes of a record that concerns the roster: a change without anything plain in it."""

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from streams.changes import Change
from streams.checking import Record, check
from streams.concealing import conceal, reveal
from tests.unit.streams.people import KEYS, NOW, number, record


def change(feed: str, **changed: Any) -> Change:
    found = check(feed, record(feed, **changed), NOW)
    assert isinstance(found, Record), found
    return conceal(found, KEYS)


def test_persons_become_pseudonyms_and_the_name_a_mark() -> None:
    found = change("marriages", name="买买提·艾力", spouse_id_number=number(7))
    assert (found.person, found.spouse) == (KEYS.pseudonym(number(1)), KEYS.pseudonym(number(7)))
    assert found.name == KEYS.name_mark("买买提艾力")
    assert found.persons == (found.person, found.spouse)


def test_the_sealed_original_can_be_revealed() -> None:
    found = change("household-register", name="王芳", related_id_number=number(8))
    assert reveal(found, KEYS) == {"id_number": number(1), "name": "王芳", "related_id_number": number(8)}


def test_values_keep_their_kinds() -> None:
    found = change("social-insurance", base="5000", employer="县医院", kind="employee", status="paid")
    assert found.values == {
        "employer": "县医院", "base": 5000.0, "period": "2026-05", "kind": "employee", "status": "paid",
    }  # fmt: skip


def test_no_identity_number_leaves_in_whatever_field_it_stood() -> None:
    told = f"摊位 {number(3)} 号"
    found = change(
        "businesses", event_id=told, region=told, source=told, company_id=told, spouse_id_number=None, name="王芳"
    )
    text = msgspec.json.encode(found).decode()
    assert number(1) not in text
    assert number(3) not in text
    assert "王芳" not in text
    assert found.values["company_id"] == f"摊位 {KEYS.pseudonym(number(3))} 号"


def test_very_long_texts_are_cut_and_stay_distinct() -> None:
    one, other = ("a" * 5_000_000 + end for end in "xy")
    first, second = change("public-posts", employer=one), change("public-posts", employer=other)
    assert len(first.text("employer")) == 256
    assert first.text("employer") != second.text("employer")
    assert len(change("public-posts", event_id=one, name=one).sealed) < 1000


def test_a_given_event_id_stays() -> None:
    found = change("deaths", event_id="D-1")
    assert (found.event_id, found.derived) == ("D-1", False)


def derived(**changed: Any) -> str:
    found = change("social-insurance", **({"event_id": None} | changed))
    assert found.derived
    return found.event_id


def test_a_derived_id_is_made_of_all_fields_but_three() -> None:
    assert derived(op="retract") == derived(reported_at=None) == derived()
    fields = {
        "base": 1,
        "employer": "乙",
        "period": "2026-04",
        "name": "乙",
        "region": "1",
        "source": "1",
        "kind": "resident",
    }
    ids = {derived(**{name: value}) for name, value in fields.items()}
    ids |= {derived(), derived(id_number=number(9)), derived(occurred_at="2026-06-02")}
    assert len(ids) == len(fields) + 3


def test_the_same_record_in_another_writing_has_the_same_derived_id() -> None:
    assert derived(base="5000") == derived(base=5000) == derived(base=5000.0) == derived(base=" 5000.00")
    assert derived(occurred_at="2026-06-01") == derived(occurred_at="2026-06-01T00:00:00+08:00")
    assert derived(id_number="11010519491231002X") == derived(id_number="110105491231002")
    assert derived(name=None) == derived(name="") == derived(name=" ")


def test_fields_do_not_run_into_each_other() -> None:
    assert derived(employer="甲", region="乙丙") != derived(employer="甲乙", region="丙")


def test_feeds_are_kept_apart() -> None:
    assert change("deaths", event_id=None).event_id != change("custody", event_id=None).event_id


@given(st.text(), st.text())
def test_any_text_can_be_concealed(employer: str, name: str) -> None:
    found = check("public-posts", record("public-posts", employer="x" + employer, name=name), NOW)
    assert isinstance(found, Record)
    assert reveal(conceal(found, KEYS), KEYS).get("name", "") == found.name[:256]


def test_an_event_id_that_tells_an_identity_number_is_replaced_by_one_derived_from_content() -> None:
    told = f"D-{number(4)}"
    first, second = change("deaths", event_id=told), change("deaths", event_id=told, certificate_no="7")
    assert number(4) not in first.event_id
    assert first.event_id == change("deaths", event_id=None).event_id
    assert first.event_id != second.event_id
    assert first.derived
    assert change("deaths", event_id=f"D-{number(4)}7").event_id == f"D-{number(4)}7", "a digit beside it: no number"
