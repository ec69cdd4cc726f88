"""Labels: what is read, and the one line on what cannot be."""

from pathlib import Path

import pytest

from monitor.labels import Truth, read_labels
from streams.errors import UnusableError
from streams.secrets import Keys

KEYS = Keys(b"a secret of at least thirty-two bytes")
KINDS = ("vehicle-owned", "income-jump", "feed-burst")
HEADER = "note,household_id,id_number,kind,direction,since,until,feed,region"


def read(folder: Path, *rows: str, header: str = HEADER) -> list[Truth]:
    path = folder / "labels.csv"
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return read_labels(path, KEYS, KINDS, {"H-1"})


def test_further_columns_are_allowed_and_a_feed_needs_no_household(tmp_path: Path) -> None:
    of_household, of_feed, of_any_cell = read(
        tmp_path,
        "seen,H-1,11010519491231002x,vehicle-owned,exit,2025-01-02,,,",
        ",,,feed-burst,data,2025-01-02,2025-01-03,taxes,420525",
        ",,,feed-burst,data,2025-01-02,,taxes,",
    )
    assert of_household.person == KEYS.pseudonym("11010519491231002X")
    assert (of_household.subject, of_feed.subject) == (("", "H-1"), ("taxes", "420525"))
    assert of_any_cell.subject == ("taxes", "")


@pytest.mark.parametrize(("row", "said"), [
    (",H-9,,vehicle-owned,exit,2025-01-02,,,", "not in the roster"),
    (",H-1,,weather,exit,2025-01-02,,,", "no rule or detector"),
    (",H-1,,vehicle-owned,sideways,2025-01-02,,,", "direction is none of exit, help, review, data"),
    (",H-1,,vehicle-owned,exit,,,,", "since is missing"),
    (",H-1,,vehicle-owned,exit,2025-02-30,,,", "since is no date"),
    (",H-1,,vehicle-owned,exit,2025-02-02,2025-02-01,,", "until is earlier than since"),
    (",H-1,123,vehicle-owned,exit,2025-02-02,,,", "no valid identity number"),
    (",,,vehicle-owned,exit,2025-02-02,,taxes,", "household_id is missing"),
    (",,,feed-burst,data,2025-02-02,,weather,", "about a feed"),
    (",H-1,,feed-burst,data,2025-02-02,,taxes,", "leave household_id empty"),
    (",H-1", "other columns than the header"),
])  # fmt: skip
def test_what_cannot_be_used_is_one_line_with_its_place(row: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(UnusableError, match=r"labels\.csv, line 2: .*" + said) as raised:
        read(tmp_path, row)
    assert "\n" not in str(raised.value)


def test_what_is_no_table_of_labels(tmp_path: Path) -> None:
    with pytest.raises(UnusableError, match="has no column kind"):
        read(tmp_path, "H-1,2025-01-02", header="household_id,since")
    with pytest.raises(UnusableError, match="is a folder"):
        read_labels(tmp_path, KEYS, KINDS, {"H-1"})
    with pytest.raises(UnusableError, match=r"from \.csv, \.xlsx or \.parquet"):
        read_labels(tmp_path / "labels.jsonl", KEYS, KINDS, {"H-1"})
