"""Results appear all at once, or not at all."""

import errno
from pathlib import Path

import pytest

from monitor.replaying.results import results
from streams.errors import UnusableError

EVENTS = Path("events")


def test_nothing_is_left_behind_by_an_error(tmp_path: Path) -> None:
    def fail() -> None:
        with results(tmp_path / "new" / "out", events=EVENTS) as folder:
            (folder / "alerts.jsonl").write_text("half")
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_working_files_are_no_results(tmp_path: Path) -> None:
    with results(tmp_path / "out", events=EVENTS) as folder:
        (folder / ".screened").mkdir()
        (folder / "config").mkdir()
        (folder / "alerts.jsonl").write_text("all")
        assert not (tmp_path / "out").exists()
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["alerts.jsonl", "config"]


def test_former_results_are_replaced_and_other_files_stay(tmp_path: Path) -> None:
    (tmp_path / "alerts.jsonl").write_text("old")
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "old.yaml").write_text("")
    with results(tmp_path, events=EVENTS) as folder:
        (folder / "alerts.jsonl").write_text("new")
        (folder / "config").mkdir()
    assert (tmp_path / "alerts.jsonl").read_text() == "new"
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert list((tmp_path / "config").iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["alerts.jsonl", "config", "notes.txt"]


@pytest.mark.parametrize("out", ["out", "out/of/this"])
def test_a_file_is_no_folder(out: str, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(UnusableError, match="out is a file"), results(tmp_path / out, events=EVENTS):
        raise AssertionError("no work may begin")


def test_results_stay_out_of_the_folder_of_the_departments_files(tmp_path: Path) -> None:
    """They would be taken for feeds by the next run."""
    with (
        pytest.raises(UnusableError, match="holds the departments' files"),
        results(tmp_path, events=tmp_path / "." / "x" / ".."),
    ):
        raise AssertionError("no work may begin")


def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    with (
        pytest.raises(UnusableError, match=r"--out .*: cannot be written .No space left"),
        results(tmp_path / "out", events=EVENTS),
    ):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert list(tmp_path.iterdir()) == []


def test_an_error_of_another_file_is_not_the_folders(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), results(tmp_path / "out", events=EVENTS):
        (tmp_path / "gone").read_text()
