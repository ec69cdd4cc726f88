"""Strict reading: kinds, lines, and every fault at once."""

from pathlib import Path

import pytest

from detectors.yaml_file import Faults, FaultyError, load

GOOD = """\
id: income-jump
version: 2
title: {zh: 收入, en: Income}
when: no
day: 2024-01-01
least: 1e-3
quoted: "12"
shadow: false
list:
  - one
  - two
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "a.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_reads_kinds_as_yaml_1_2(tmp_path: Path) -> None:
    node = load(write(tmp_path, GOOD))
    assert node.text("id") == "income-jump"
    assert node.integer("version") == 2
    assert (node.both("title").zh, node.both("title").en) == ("收入", "Income")
    assert node.text("when") == "no"
    assert node.text("day") == "2024-01-01"
    assert node.number("least") == 0.001
    assert node.text("quoted") == "12"
    assert node.flag("shadow") is False
    assert node.texts("list") == ("one", "two")
    assert node.integer("absent", 7) == 7
    node.done()
    assert node.faults == []


def test_all_faults_at_once_with_their_lines(tmp_path: Path) -> None:
    faults = Faults()
    node = load(write(tmp_path, "id: 5\nversion: x\nid: again\nodd: 1\nlevel: high\n"), faults, name="a.yaml")
    node.text("id")
    node.integer("version")
    node.word("level", ("low", "medium"))
    node.text("title")
    node.done()
    assert sorted(str(fault) for fault in faults) == [
        "a.yaml:1: id must be a text",
        "a.yaml:1: title is missing",
        "a.yaml:2: version must be a whole number",
        "a.yaml:3: id stands here again (first in line 1)",
        "a.yaml:4: unknown key odd; known here: id, level, title, version",
        "a.yaml:5: level must be one of low, medium",
    ]
    with pytest.raises(FaultyError, match=r"and 5 more"):
        faults.check()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: [1", "a.yaml:1: is not YAML"),
        ("a: &x 1\nb: *x\n", "a.yaml:2: is not YAML: aliases"),
        ("", "a.yaml: is empty"),
        ("a: 1\n---\nb: 2\n", "a.yaml:2: is not YAML"),
        ("? [1]\n: 2\n", "a.yaml:1: a key must be a text"),
        ("a: \x01\n", "a.yaml: is not YAML"),
        ("[" * 5000, "a.yaml: is nested too deeply"),
    ],
)
def test_what_is_no_configuration(tmp_path: Path, text: str, fault: str) -> None:
    faults = Faults()
    load(write(tmp_path, text), faults, name="a.yaml")
    assert str(faults[0]).startswith(fault)


def test_unreadable_files_are_faults(tmp_path: Path) -> None:
    with pytest.raises(FaultyError, match="cannot be read"):
        load(tmp_path / "absent.yaml")
    (tmp_path / "gb.yaml").write_bytes("标题: 收入".encode("gb18030"))
    with pytest.raises(FaultyError, match="is not UTF-8"):
        load(tmp_path / "gb.yaml")


def test_wrong_shapes_and_bounds(tmp_path: Path) -> None:
    node = load(write(tmp_path, "a: {b: 1}\nc: 3\nd: [1]\ne: .inf\nf: true\n"))
    assert node.child("c") is not None
    assert node.children("c") == []
    assert node.number("c", least=4) == 4
    assert node.texts("d") == ()
    assert node.number("e") == 0
    assert node.number("f") == 0
    assert node.flag("c") is False
    inner = node.child("c")
    assert inner is not None
    assert inner.entries() == {}
    inner.text("x")
    nested = node.child("a")
    assert nested is not None
    assert nested.plain() is None
    assert list(nested.entries()) == ["b"]
    assert "b" in nested
    assert len(node.faults) == 9
