"""Departments' files: the same record is the same in each format, and refusals say where they stood."""

import csv
import io
from pathlib import Path
from typing import Any

import msgspec
import pyarrow
import pyarrow.parquet
import pytest
import xlsxwriter

from streams.changes import Change
from streams.decoding import decode
from streams.errors import UnusableError
from streams.feed_files import FeedFile, Refusal, find_feed_files
from streams.feeds import english_headers
from tests.unit.streams.people import ALL_FEEDS, KEYS, NOW, as_json, number, record


def as_csv(*records: dict[str, Any]) -> str:
    text = io.StringIO(newline="")
    names = list(dict.fromkeys(name for given in records for name in given))
    writer = csv.DictWriter(text, names)
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue()


def save(path: Path, *records: dict[str, Any]) -> Path:
    match path.suffix:
        case ".csv":
            path.write_text(as_csv(*records))
        case ".jsonl":
            path.write_bytes(b"\n".join(as_json(given) for given in records))
        case ".parquet":
            pyarrow.parquet.write_table(pyarrow.Table.from_pylist(list(records)), path)
        case _:
            with xlsxwriter.Workbook(path) as book:
                page = book.add_worksheet()
                for row, cells in enumerate([list(records[0]), *(list(given.values()) for given in records)]):
                    page.write_row(row, 0, cells)
    return path


def changes(path: Path) -> list[Change]:
    (file,) = find_feed_files([path])
    pieces = list(file.pieces(KEYS, NOW))
    assert not [fault for piece in pieces for fault in piece.refused()]
    return [piece.batch.change(n) for piece in pieces for n in range(len(piece))]


@pytest.mark.parametrize("feed", ALL_FEEDS)
@pytest.mark.parametrize("event_id", ["E-1", None])
def test_a_record_is_the_same_in_every_format(tmp_path: Path, feed: str, event_id: str | None) -> None:
    given = record(feed, event_id=event_id)
    found = [changes(save(tmp_path / f"{feed}{suffix}", given)) for suffix in (".csv", ".jsonl", ".xlsx", ".parquet")]
    assert all(some == found[0] for some in found)
    assert len(found[0]) == 1


def test_refusals_say_file_line_field_and_reason(tmp_path: Path) -> None:
    good, bad = record("pensions"), record("pensions", amount="-1")
    path = tmp_path / "pensions.csv"
    path.write_text(as_csv(good, bad, good) + "a,b\n")
    (piece,) = FeedFile("pensions", path).pieces(KEYS, NOW)
    assert len(piece) == 4
    assert piece.refused() == [
        Refusal(feed="pensions", file="pensions.csv", line=3, field="amount", reason="bad_number"),
        Refusal(feed="pensions", file="pensions.csv", line=5, field="", reason="bad_columns"),
    ]
    assert piece.bytes_read == path.stat().st_size


def test_refusals_in_json_lines_say_the_line(tmp_path: Path) -> None:
    path = tmp_path / "deaths.jsonl"
    values = [b"", as_json(record("deaths")), b"{", b"", as_json([record("deaths"), record("deaths", id_number="1")])]
    path.write_bytes(b"\n".join(values))
    (piece,) = FeedFile("deaths", path).pieces(KEYS, NOW)
    assert [(fault.line, fault.reason) for fault in piece.refused()] == [(3, "undecodable"), (5, "bad_identity")]
    assert len(piece) == 4


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_published_rows_are_the_records_that_replay_reads(tmp_path: Path, suffix: str, encoding: str) -> None:
    path = save(tmp_path / f"public-posts{suffix}", record("public-posts", name="王芳", employer="县医院"))
    path.write_bytes(path.read_text().encode(encoding))
    (file,) = find_feed_files([path])
    (row,) = file.rows()
    assert row.value is not None
    (found,) = decode("public-posts", row.value, NOW)
    assert [piece.batch.record(0) for piece in file.pieces(KEYS, NOW)] == [found]


def test_rows_that_are_no_records_are_told_and_not_published(tmp_path: Path) -> None:
    (tmp_path / "deaths.csv").write_text(as_csv(record("deaths", occurred_at="")) + "x\n")
    (tmp_path / "deaths.jsonl").write_bytes(b'{"a": 1}\n[7]\n7\n{')
    first, second = FeedFile("deaths", tmp_path / "deaths.csv"), FeedFile("deaths", tmp_path / "deaths.jsonl")
    assert [(row.line, row.value is None, row.reason) for row in first.rows()] == [
        (2, False, ""),
        (3, True, "bad_columns"),
    ]
    assert [(row.line, row.reason) for row in second.rows()] == [
        (1, ""),
        (2, ""),
        (3, "undecodable"),
        (4, "undecodable"),
    ]
    (published, _) = first.rows()
    assert "occurred_at" not in msgspec.json.decode(published.value or b"")


def test_chinese_headers(tmp_path: Path) -> None:
    path = tmp_path / "deaths.csv"
    path.write_text(f"身份证号,姓名,发生日期,死亡证明编号\n{number(1)},王芳,2026-06-01,C-1\n", encoding="gb18030")
    (found,) = changes(path)
    assert found.values == {"certificate_no": "C-1"}
    assert english_headers("deaths")["公民身份号码"] == "id_number"


def test_folders_and_files_are_found(tmp_path: Path) -> None:
    for name in ("deaths.csv", "taxes.JSONL", "notes.txt"):
        (tmp_path / name).write_text("")
    assert [(file.feed, file.path.name) for file in find_feed_files([tmp_path])] == [
        ("deaths", "deaths.csv"),
        ("taxes", "taxes.JSONL"),
    ]
    assert find_feed_files([tmp_path / "taxes.JSONL"], "deaths")[0].feed == "deaths"


def test_what_cannot_be_found_or_is_no_feed(tmp_path: Path) -> None:
    for name in ("pets.csv", "deaths.txt"):
        (tmp_path / name).write_text("")
        with pytest.raises(UnusableError, match=name):
            find_feed_files([tmp_path / name])
    with pytest.raises(UnusableError, match=r"deaths\.txt: \.txt is not read"):
        find_feed_files([tmp_path])
    (tmp_path / "deaths.txt").unlink()
    with pytest.raises(UnusableError, match="'pets' is no feed"):
        find_feed_files([tmp_path])
    with pytest.raises(UnusableError, match="does not exist"):
        find_feed_files([tmp_path / "none"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(UnusableError, match="holds no file of a feed"):
        find_feed_files([tmp_path / "empty"])
    with pytest.raises(UnusableError, match="'pets' is no feed"):
        find_feed_files([tmp_path / "pets.csv"], "pets")


@pytest.mark.parametrize("name", ["deaths.xls", "social-insurance.csv.gz", "taxes.TXT"])
def test_a_feed_in_a_form_that_is_not_read_is_not_passed_over(tmp_path: Path, name: str) -> None:
    (tmp_path / "vehicles.csv").write_text("id_number\n")
    (tmp_path / "notes.txt").write_text("nothing of ours")
    assert [file.feed for file in find_feed_files([tmp_path])] == ["vehicles"]
    (tmp_path / name).write_text("")
    with pytest.raises(UnusableError, match="is not read; save it as one of"):
        find_feed_files([tmp_path])


def test_an_empty_file_of_json_lines_is_no_silence(tmp_path: Path) -> None:
    (tmp_path / "deaths.jsonl").write_text("")
    (file,) = find_feed_files([tmp_path])
    with pytest.raises(UnusableError, match="is empty"):
        list(file.pieces(KEYS, 0))
    assert list(file.rows()) == []
