"""Tables in CSV, Excel and Parquet: encodings, ragged rows, stray quotes, files that are not what they say."""

import csv
import io
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streams import csv_files, text_files, xlsx_files
from streams.errors import UnusableError
from streams.tabular import Fault, read_table
from streams.text_files import byte_blocks, encoding_of

HEADERS = {"id": "id", "身份证号": "id", "name": "name", "姓名": "name", "period": "period"}


def write(path: Path, content: str | bytes, encoding: str = "utf-8") -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def rows(path: Path) -> list[tuple[int, dict[str, Any]]]:
    chunks = list(read_table(path, HEADERS, ["period"]))
    return [(line, chunk.row(n)) for chunk in chunks for n, line in enumerate(chunk.lines)]


def faults(path: Path) -> list[Fault]:
    return [fault for chunk in read_table(path, HEADERS) for fault in chunk.faults]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_encodings_are_found_and_chinese_headers_known(tmp_path: Path, encoding: str, end: str) -> None:
    path = write(tmp_path / "a.csv", end.join(["姓名,备注,身份证号", "王芳,x,1", "", "李·强,y,2", ""]), encoding)
    assert rows(path) == [(2, {"name": "王芳", "id": "1"}), (4, {"name": "李·强", "id": "2"})]


def test_columns_in_another_order_case_and_delimiter(tmp_path: Path) -> None:
    assert rows(write(tmp_path / "a.csv", "NAME ;Id\n王;1\n")) == [(2, {"name": "王", "id": "1"})]
    assert rows(write(tmp_path / "b.csv", "\n\nid\tname\n1\t王,芳\n")) == [(4, {"id": "1", "name": "王,芳"})]


def test_rows_with_more_or_fewer_columns_are_faults_of_their_own(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "id,name\n1,a\n2\n3,c,x\n4,d\n,\n")
    assert [line for line, _ in rows(path)] == [2, 5, 6]
    assert faults(path) == [Fault(3, "bad_columns"), Fault(4, "bad_columns")]


def test_a_few_damaged_bytes_cost_their_own_line_only(tmp_path: Path) -> None:
    lines = ["id,name", *(f"{n},王芳" for n in range(10))]
    for encoding, broken in (("utf-8", b"\xff"), ("gb18030", b"\xff\xff")):
        data = [line.encode(encoding) for line in lines]
        data[4] += broken
        path = write(tmp_path / "a.csv", b"\n".join(data))
        assert faults(path) == [Fault(5, "undecodable")]
        assert {row["name"] for _, row in rows(path)} == {"王芳"}
        assert len(rows(path)) == 9


def test_line_breaks_within_quotes(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", 'id,name\n1,"a\nb"\n2,"c ""d"""\n3,e"f\n')
    assert rows(path) == [
        (2, {"id": "1", "name": "a\nb"}),
        (4, {"id": "2", "name": 'c "d"'}),
        (5, {"id": "3", "name": 'e"f'}),
    ]


@pytest.mark.parametrize("tail", ["", '8,"x"\n', '8,x\n9,"y", z\n'])
def test_a_quote_too_many_costs_one_row(tmp_path: Path, tail: str) -> None:
    path = write(tmp_path / "a.csv", 'id,name\n1,a\n2,"b\n3,c\n4,d\n5,f\n' + tail)
    good = [line for line, _ in rows(path)]
    assert good[:4] == [2, 4, 5, 6]
    assert faults(path)[0] == Fault(3, "bad_columns")
    assert len(good) + len(faults(path)) == 5 + tail.count("\n")


def test_a_quote_that_never_closes_does_not_swallow_a_long_file(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", 'id,name\n1,"a\n' + "2,b\n" * 300_000)
    assert len(rows(path)) == 300_000
    assert faults(path) == [Fault(2, "bad_columns")]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(*[st.text(st.characters(codec="utf-8"), max_size=6)] * 2), min_size=1, max_size=30), st.data()
)
def test_what_is_written_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: list[tuple[str, str]], data: st.DataObject
) -> None:
    monkeypatch.setattr(text_files, "BLOCK", data.draw(st.sampled_from([1, 20, 1 << 20])))
    quoting = data.draw(st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]))
    text = io.StringIO(newline="")
    csv.writer(text, quoting=quoting).writerows([("id", "name"), *given])
    path = write(tmp_path / "a.csv", text.getvalue())
    assert [(row["id"], row["name"]) for _, row in rows(path)] == given
    assert not faults(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200)
@given(st.binary(max_size=60) | st.text('ab",\n\r;王', max_size=60).map(str.encode))
def test_no_bytes_whatever_raise_anything_but_unusable(tmp_path: Path, given: bytes) -> None:
    path = write(tmp_path / "a.csv", b"id,name\n" + given)
    lines = [line for line, _ in rows(path)] + [fault.line for fault in faults(path)]
    assert len(lines) == len(set(lines))
    for suffix in (".csv", ".xlsx", ".parquet"):
        with suppress(UnusableError):
            list(read_table(write(tmp_path / f"b{suffix}", given), HEADERS))


def sheet(path: Path, *given: tuple[Any, ...], first: tuple[int, int] = (0, 0)) -> Path:
    with xlsxwriter.Workbook(path) as book:
        formats = {date: {"num_format": "yyyy-mm-dd"}, datetime: {"num_format": "yyyy-mm-dd hh:mm:ss"}}
        known = {kind: book.add_format(how) for kind, how in formats.items()}
        page = book.add_worksheet()
        for row, cells in enumerate(given, first[0]):
            for column, cell in enumerate(cells, first[1]):
                page.write(row, column, cell, known.get(type(cell)))
    return path


def test_excel_cells_become_the_text_of_a_csv_file(tmp_path: Path) -> None:
    path = sheet(
        tmp_path / "a.xlsx",
        ("身份证号", "姓名", "period"),
        ("42052519540312351X", 5000.0, date(2026, 5, 1)),
        (None, None, None),
        (7, datetime.fromisoformat("2026-06-01T09:30"), "2026-05"),
        (1.5, True, None),
        (2.5, None, "2026-05-32"),
    )
    assert rows(path) == [
        (2, {"id": "42052519540312351X", "name": "5000", "period": "2026-05"}),
        (4, {"id": "7", "name": "2026-06-01T09:30:00", "period": "2026-05"}),
        (5, {"id": "1.5", "name": "true", "period": None}),
        (6, {"id": "2.5", "name": None, "period": "2026-05-32"}),
    ]


def test_an_excel_row_that_reaches_beyond_the_header_is_a_fault(tmp_path: Path) -> None:
    path = sheet(tmp_path / "a.xlsx", ("id", "name"), ("1", "a"), ("2", "b", "x"), first=(2, 1))
    assert rows(path) == [(4, {"id": "1", "name": "a"})]
    assert faults(path) == [Fault(5, "bad_columns")]


def test_parquet_cells_become_the_text_of_a_csv_file(tmp_path: Path) -> None:
    table = pyarrow.table(
        {
            "id": ["1", None, "3"],
            "name": [5000.0, float("nan"), 2.5],
            "period": [date(2026, 5, 1), None, date(2026, 6, 1)],
            "other": [[1], [2], [3]],
        }
    )
    pyarrow.parquet.write_table(table, tmp_path / "a.parquet")
    assert rows(tmp_path / "a.parquet") == [
        (1, {"id": "1", "name": "5000", "period": "2026-05"}),
        (2, {"id": None, "name": None, "period": None}),
        (3, {"id": "3", "name": "2.5", "period": "2026-06"}),
    ]


def test_how_much_has_been_read_reaches_the_whole(tmp_path: Path) -> None:
    paths = [write(tmp_path / "a.csv", "id\n" + "123456\n" * 400_000), sheet(tmp_path / "a.xlsx", ("id",), ("1",))]
    pyarrow.parquet.write_table(pyarrow.table({"id": ["1"] * 9000}), tmp_path / "a.parquet")
    for path in [*paths, tmp_path / "a.parquet"]:
        read = [chunk.read for chunk in read_table(path, HEADERS)]
        assert read == sorted(read)
        assert read[-1] == path.stat().st_size


def bomb(path: Path, name: str, blocks: Iterator[bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as parts, parts.open(name, "w") as part:
        for block in blocks:
            part.write(block)
    return path


def test_zip_bombs_are_refused(tmp_path: Path) -> None:
    path = bomb(tmp_path / "a.xlsx", "xl/sharedStrings.xml", (b"\0" * (1 << 20) for _ in range(100)))
    with pytest.raises(UnusableError, match="unpacks to 100 MiB"):
        rows(path)


@pytest.mark.parametrize("quote", ['"', "'"])
def test_two_cells_in_far_corners_are_refused(tmp_path: Path, quote: str) -> None:
    cells = f"<c r={quote}A1{quote}/><c r={quote}XFD1048576{quote}/>".encode()
    with pytest.raises(UnusableError, match="1048576 rows and 16384 columns"):
        rows(bomb(tmp_path / "a.xlsx", "xl/worksheets/sheet1.xml", iter([cells])))


def test_a_cell_across_two_blocks_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_files, "_BLOCK", 8)
    with pytest.raises(UnusableError, match="1048576 rows"):
        rows(bomb(tmp_path / "a.xlsx", "xl/worksheets/sheet1.xml", iter([b'<row><c r="XFD1048576"/></row>'])))


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", "", "is empty"),
        ("a.csv", "a,b\n1,2\n", "no column is known"),
        ("a.csv", "id,身份证号\n1,2\n", "two columns hold id"),
        ("a.csv", "id,name\n".encode("utf-16"), "UTF-16"),
        ("a.xlsx", "id,name\n", "no Excel file"),
        ("a.parquet", "id,name\n", "no Parquet file"),
        ("a.txt", "id,name\n", ".csv"),
        ("a.csv", b"\xff\xff,\xff\n", "neither"),
    ],
)
def test_files_that_cannot_be_used(tmp_path: Path, name: str, content: str | bytes, said: str) -> None:
    with pytest.raises(UnusableError, match=said) as error:
        rows(write(tmp_path / name, content))
    assert str(error.value).startswith(str(tmp_path / name))


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a.parquet"])
def test_missing_files_and_folders(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnusableError, match=name):
        rows(tmp_path / name)
    (tmp_path / name).mkdir()
    with pytest.raises(UnusableError, match=name):
        rows(tmp_path / name)


def test_a_line_without_end_is_no_text_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_files, "_LONGEST_LINE", 3 << 20)
    path = write(tmp_path / "a.csv", b"id\n" + b"1" * (5 << 20))
    with pytest.raises(UnusableError, match="a line of more than 3 MiB"):
        encoding_of(path)


def test_lines_come_as_utf8(tmp_path: Path) -> None:
    lines = ["王芳", "李强", "赵敏"]
    for encoding in ("utf-8", "gb18030"):
        path = write(tmp_path / "a.jsonl", "\n".join(lines), encoding)
        assert [line.strip().decode() for block, _ in byte_blocks(path) for line in block] == lines


def test_a_long_quoted_row_is_bounded(tmp_path: Path) -> None:
    text = "x\n" * (csv_files._MOST_LINES + 5)
    path = write(tmp_path / "a.csv", f'id,name\n1,"{text}"\n2,b\n')
    assert rows(path)[-1] == (csv_files._MOST_LINES + 8, {"id": "2", "name": "b"})
    assert faults(path)[0] == Fault(2, "bad_columns")
