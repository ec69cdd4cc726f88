"""Roster files: every fault with its place, good households load, the same household in each format."""

import csv
import io
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pyarrow
import pyarrow.parquet
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import UnusableError
from streams.moments import parse_day
from streams.roster import Grant, Line
from streams.roster_files import RosterFault, read_roster
from streams.roster_lines import FaultyHouseholdError, line_from_plain, read_line, reveal_member
from tests.unit.streams.people import KEYS, as_json, number


def member(serial: int, **changed: Any) -> dict[str, Any]:
    return {
        "id_number": number(serial),
        "name": f"王{serial}",
        "relation": "head" if serial == 1 else "child",
    } | changed


def household(**changed: Any) -> dict[str, Any]:
    given = {
        "household_id": "H-1",
        "region": "420525101003",
        "as_of": "2026-01-01",
        "programs": [{"program": "dibao", "since": "2024-03-01", "monthly_amount": 1180}, {"program": "medical"}],
        "categories": ["dibao"],
        "declared_monthly_income": 1450,
        "declared_vehicles": 0,
        "declared_properties": 1,
        "consent_until": "2027-03-01",
        "members": [
            member(1, declared_monthly_income=850, disability_grade=2),
            member(2, co_resident=False, student=True, categories=["education"]),
        ],
    }
    return given | changed


def as_rows(*households: dict[str, Any]) -> list[dict[str, str]]:
    """Households as a table repeats them, a row a member."""
    found = []
    for one in households:
        own = {name: "" if value is None else str(value) for name, value in one.items() if name != "members"}
        own["programs"] = ";".join(
            f"{g['program']}:{g.get('monthly_amount', '')}:{g.get('since', '')}" for g in one["programs"]
        )
        own["categories"] = ";".join(one.get("categories", []))
        for m in one["members"]:
            row = {name: m.get(name, "") for name in ("id_number", "name", "relation", "disability_grade")}
            row |= {"co_resident": m.get("co_resident", True), "student": m.get("student", "")}
            row |= {"member_declared_monthly_income": m.get("declared_monthly_income", "")}
            row |= {"member_categories": ";".join(m.get("categories", []))}
            found.append(own | {name: str(value) for name, value in row.items()})
    return found


def as_csv(rows: list[dict[str, str]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def read(path: Path) -> tuple[list[Line], list[RosterFault]]:
    faults: list[RosterFault] = []
    return list(read_roster(path, KEYS, faults.append)), faults


def save(path: Path, content: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(content.encode(encoding))
    return path


def plain(one: dict[str, Any]) -> Line:
    return line_from_plain(one, KEYS)


def test_a_line_holds_what_the_household_says() -> None:
    line = plain(household())
    assert (line.household_id, line.region, line.as_of) == ("H-1", "420525101003", parse_day("2026-01-01"))
    assert line.programs == (
        Grant(program="dibao", since=parse_day("2024-03-01"), monthly_amount=1180.0),
        Grant(program="medical"),
    )
    assert (line.declared_monthly_income, line.declared_vehicles, line.declared_properties) == (1450.0, 0, 1)
    assert line.consent_until == parse_day("2027-03-01")
    first, second = line.members
    assert (first.person, first.relation, first.name) == (KEYS.pseudonym(number(1)), "head", KEYS.name_mark("王1"))
    assert (first.declared_monthly_income, first.disability_grade, first.co_resident) == (850.0, 2, True)
    assert (second.co_resident, second.student, second.categories) == (False, True, ("education",))
    assert reveal_member(first, KEYS) == {"id_number": number(1), "name": "王1"}


def test_a_line_holds_nothing_plain() -> None:
    text = msgspec.json.encode(plain(household())).decode()
    assert number(1) not in text
    assert "王1" not in text
    assert plain(household()) == plain(household())


def test_what_may_be_absent() -> None:
    bare = {name: household()[name] for name in ("household_id", "region", "as_of", "programs")}
    line = plain(bare | {"members": [{"id_number": "110105491231002", "relation": "户主"}]})
    (only,) = line.members
    assert (line.consent_until, line.declared_monthly_income) == (None, None)
    assert (only.person, only.name) == (KEYS.pseudonym("11010519491231002X"), "")
    assert reveal_member(only, KEYS) == {"id_number": "11010519491231002X"}


def test_a_household_that_has_left_needs_no_members() -> None:
    assert not plain(household(programs=[], members=[])).active
    with pytest.raises(FaultyHouseholdError, match="members: missing"):
        plain(household(members=[]))


WRONG = [
    ({"household_id": ""}, "household_id: missing"),
    ({"household_id": f"H{number(1)}"}, "household_id: contains an identity number"),
    ({"household_id": "H" * 129}, "household_id: is no id"),
    ({"region": "42052"}, "region: is no division code"),
    ({"as_of": "2026-02-30"}, "as_of: is no date"),
    ({"as_of": None}, "as_of: missing"),
    ({"programs": None}, "programs: missing"),
    ({"programs": "gold:5"}, "programs: is none of dibao, tekun"),
    ({"programs": [{"program": "dibao", "monthly_amount": -1}]}, "programs: is no amount"),
    ({"programs": [7]}, "programs: is no programme"),
    ({"programs": {"program": "dibao"}}, "programs: is no list"),
    ({"declared_vehicles": 1.5}, "declared_vehicles: is no whole number"),
    ({"declared_monthly_income": "viel"}, "declared_monthly_income: is no amount"),
    ({"consent_until": "soon"}, "consent_until: is no date"),
    ({"categories": ["rich"]}, "categories: is none of party_member"),
    ({"members": None}, "members: missing"),
    ({"members": "none"}, "members: is no list"),
    ({"members": [5]}, r"members\[0\]: is no object"),
    ({"members": [member(1), member(2, id_number="1")]}, r"members\[1\].id_number: fails GB 11643"),
    ({"members": [member(1, id_number=None)]}, r"members\[0\].id_number: missing"),
    ({"members": [member(1), member(1)]}, r"members\[1\].id_number: stands twice"),
    ({"members": [member(1, relation="friend")]}, r"members\[0\].relation: is none of head, spouse"),
    ({"members": [member(1, co_resident="perhaps")]}, r"members\[0\].co_resident: is neither"),
    ({"members": [member(1, disability_grade=5)]}, r"members\[0\].disability_grade: is no grade"),
    ({"members": [member(1, name=["x"])]}, r"members\[0\].name: is no text"),
]


@pytest.mark.parametrize(("changed", "said"), WRONG)
def test_each_fault_is_named_without_its_value(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(FaultyHouseholdError, match=said) as error:
        plain(household(**changed))
    assert number(1) not in str(error.value)


def test_all_faults_of_a_household_are_told_at_once() -> None:
    with pytest.raises(FaultyHouseholdError) as error:
        plain(household(region="x", members=[member(1, relation=""), member(2, id_number="2")]))
    places = [problem.place for problem in error.value.problems]
    assert places == ["region", "members[0].relation", "members[1].id_number"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
fields = st.sampled_from([*household(), *member(1), "disability_grade", "co_resident"])


@given(st.dictionaries(fields, json_values), st.dictionaries(fields, json_values))
def test_no_household_whatever_raises_anything_else(own: dict[str, Any], person: dict[str, Any]) -> None:
    for one in (own, household(**own), household(members=[member(1) | person]), household(programs=[own])):
        with suppress(FaultyHouseholdError):
            plain(one)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_json_lines_load_and_faults_have_their_lines(tmp_path: Path, encoding: str) -> None:
    good, bad = household(), household(household_id="H-2", members=[member(3), member(4, id_number="4")])
    content = "\n".join(as_json(one).decode() for one in (good, bad)) + '\n\n{"broken\n' + as_json(good).decode()
    lines, faults = read(save(tmp_path / "r.jsonl", content, encoding))
    assert lines == [plain(good)] * 2
    assert [str(fault) for fault in faults] == [
        "line 2, members[1].id_number: fails GB 11643",
        "line 4: is no JSON object in UTF-8 or GB18030",
    ]


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".parquet"])
def test_a_household_is_the_same_in_every_format(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"r{suffix}"
    others = [household(household_id="H-2", members=[member(5)], declared_monthly_income=None)]
    rows = as_rows(household(), *others)
    match suffix:
        case ".csv":
            save(path, as_csv(rows), "gb18030")
        case ".parquet":
            pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), path)
        case _:
            with xlsxwriter.Workbook(path) as book:
                page = book.add_worksheet()
                for line, cells in enumerate([list(rows[0]), *(list(row.values()) for row in rows)]):
                    page.write_row(line, 0, cells)
    assert read(path) == ([plain(household()), *map(plain, others)], [])


def test_chinese_headers_and_words(tmp_path: Path) -> None:
    content = (
        "家庭编号,行政区划,截至日期,救助项目,家庭月收入,授权截止日期,身份证号,姓名,与户主关系,是否共同生活,残疾等级,本人月收入\n"
        f"H-1,420525,2026-01-01,低保：1180；医疗救助,1450,2027-03-01,{number(1)},王1,户主,是,无,850\n"
        f"H-1,420525,2026-01-01,低保：1180；医疗救助,1450,2027-03-01,{number(2)},王2,长子,否,二级,\n"
    )
    (line,), faults = read(save(tmp_path / "r.csv", content, "gb18030"))
    assert not faults
    assert line.program_names == ("dibao", "medical")
    assert line.declared_monthly_income == 1450.0
    assert [(m.relation, m.co_resident, m.disability_grade) for m in line.members] == [
        ("head", True, None),
        ("child", False, 2),
    ]
    assert line.members[0].declared_monthly_income == 850.0


HEADER = "household_id,region,as_of,programs,declared_monthly_income,id_number,relation"


def table(tmp_path: Path, *rows: str) -> tuple[list[Line], list[RosterFault]]:
    return read(save(tmp_path / "r.csv", "\n".join([HEADER, *rows, ""])))


def test_an_income_that_differs_from_row_to_row_is_each_members_own(tmp_path: Path) -> None:
    start = "H-1,420525,2026-01-01,dibao"
    (own,), _ = table(tmp_path, f"{start},900,{number(1)},head", f"{start},300,{number(2)},child")
    assert own.declared_monthly_income is None
    assert [m.declared_monthly_income for m in own.members] == [900.0, 300.0]
    (shared,), _ = table(tmp_path, f"{start},900,{number(1)},head", f"{start},900,{number(2)},child")
    assert shared.declared_monthly_income == 900.0
    assert [m.declared_monthly_income for m in shared.members] == [0.0, 0.0]


def test_rows_of_a_household_need_not_follow_one_another(tmp_path: Path) -> None:
    rows = [f"H-{n % 2},420525,2026-01-01,dibao,5,{number(n)},child" for n in range(4)]
    lines, faults = table(tmp_path, *rows, f"H-0,420525,2026-02-01,,,{number(0)},child")
    assert not faults
    assert {(line.household_id, line.as_of, len(line.members)) for line in lines} == {
        ("H-0", parse_day("2026-01-01"), 2),
        ("H-1", parse_day("2026-01-01"), 2),
        ("H-0", parse_day("2026-02-01"), 1),
    }


def test_faults_in_a_table_have_the_row_of_their_member(tmp_path: Path) -> None:
    lines, faults = table(
        tmp_path,
        f"H-1,420525,2026-01-01,dibao,5,{number(1)},head",
        "H-1,420525,2026-01-01,dibao,5,123,child",
        f"H-2,420525,2026-01-01,dibao,5,{number(2)},head",
        f"H-2,420526,2026-01-01,dibao,5,{number(3)},child",
        f"H-3,420525,2026-01-01,gold,5,{number(4)},head",
        f"H-4,420525,2026-01-01,dibao,5,{number(5)},head",
    )
    assert [line.household_id for line in lines] == ["H-4"]
    assert [(fault.household, fault.line, fault.column) for fault in faults] == [
        (2, 3, "id_number"),
        (4, 5, "region"),
        (6, 6, "programs"),
    ]


def test_beside_a_broken_row_a_household_may_lack_a_member(tmp_path: Path) -> None:
    lines, faults = table(
        tmp_path,
        f"H-1,420525,2026-01-01,dibao,5,{number(1)},head",
        f"H-1,420525,2026-01-01,dibao,5,{number(2)}",
        f"H-2,420525,2026-01-01,dibao,5,{number(3)},head",
        f"H-3,420525,2026-01-01,dibao,5,{number(4)},head",
    )
    assert [line.household_id for line in lines] == ["H-3"]
    assert [(fault.household, fault.line) for fault in faults] == [(3, 3), (2, 2), (4, 4)]


def test_files_that_cannot_be_used(tmp_path: Path) -> None:
    for name, said in (("r.txt", ".jsonl"), ("none.jsonl", "none.jsonl"), ("none.csv", "none.csv")):
        with pytest.raises(UnusableError, match=said):
            read(tmp_path / name)


def test_a_line_from_its_topic_in_either_form() -> None:
    line = plain(household())
    assert read_line(msgspec.json.encode(line), KEYS) == line
    assert read_line(as_json(household()), KEYS) == line
    left = plain(household(programs=[], members=[]))
    assert (
        read_line(as_json(household(programs=[], members=[])), KEYS)
        == left
        == read_line(msgspec.json.encode(left), KEYS)
    )


@pytest.mark.parametrize(
    "value", [b"", b"{", b"7", b"[]", b"\xff", b"{}", b'{"a":' * 100_000, b'{"household_id": "\xff"}']
)
def test_what_is_no_line(value: bytes) -> None:
    with pytest.raises(ValueError, match=r"no household|missing"):
        read_line(value, KEYS)
