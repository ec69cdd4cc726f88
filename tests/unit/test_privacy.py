"""The searcher for personal data must find it where it is, or it would prove nothing."""

import json
import sqlite3
from pathlib import Path

import pytest

from tests.privacy import Leak, leaks, leaks_in_folder
from tests.unit.streams.people import KEYS, number


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16-le", "utf-16-be"])
def test_numbers_and_names_are_found_in_every_encoding(encoding: str) -> None:
    text = f"记录 {number(1)}，姓名：王芳。"
    assert leaks("log", text.encode(encoding), ["王芳", "李强"]) == [Leak("log", number(1)), Leak("log", "王芳")]


def test_escaped_names_and_small_letters_are_found() -> None:
    text = json.dumps({"name": "王芳", "id": "11010519491231002x"})
    assert [leak.what for leak in leaks("log", text.encode(), ["王芳"])] == ["11010519491231002x", "王芳"]
    assert leaks("log", b"110105491231002", numbers=["110105491231002"])


def test_what_is_no_number_is_no_leak() -> None:
    wrong = number(1)[:-1] + ("1" if number(1)[-1] != "1" else "2")
    assert not leaks("log", f"{wrong} 1{number(1)} {KEYS.pseudonym(number(1))} 1792079999999999".encode(), ["王芳"])


def test_files_of_all_sorts_are_searched(tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "orders.db")
    database.execute("create table t (x text)")
    database.execute("insert into t values (?)", (f"about {number(2)}",))
    database.commit()
    database.close()
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / f"{number(3)}.log").write_text("nothing")
    assert {leak.what for leak in leaks_in_folder(tmp_path)} == {number(2), number(3)}
