"""`monitor check`: every fault of a configuration folder, whichever of its files it stands in."""

import re
import shutil
from pathlib import Path

import pytest

from detectors.yaml_file import FaultyError
from monitor import cli
from monitor.configuration import SHIPPED, load_configuration


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "configs"))


def check(folder: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr("sys.argv", ["monitor", "check", "--config", str(folder)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


def test_what_ships_has_no_fault(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(folder, monkeypatch) == 0
    assert "no fault" in capsys.readouterr().out


def test_faults_of_all_files_are_told_at_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    centres = folder / "centres.yaml"
    written = centres.read_text(encoding="utf-8")
    centres.write_text(written + "  - region: '4205'\n    centre: nowhere\n", encoding="utf-8")
    (folder / "sinks.yaml").write_text("sinks:\n  - name: bus\n    kind: pigeon\n    stream: x\n", encoding="utf-8")
    (folder / "standards.yaml").write_text("{}\n", encoding="utf-8")
    assert check(folder, monkeypatch) == 1
    said = capsys.readouterr().err
    assert f"centres.yaml:{written.count(chr(10)) + 1}: centre nowhere is not listed" in said
    assert "sinks.yaml:3: kind" in said
    assert "standards.yaml" in said
    assert said.rstrip().endswith(str(folder))


def test_a_missing_list_of_centres_is_a_fault(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "centres.yaml").unlink()
    assert check(folder, monkeypatch) == 1
    assert "centres.yaml: cannot be read" in capsys.readouterr().err


def test_a_fault_names_the_folder_too(folder: Path) -> None:
    """Who compares two configurations must know in which of them it is."""
    rule = folder / "rules" / "job-lost.yaml"
    rule.write_text(rule.read_text(encoding="utf-8").replace("severity: ", "severities: ", 1), encoding="utf-8")
    with pytest.raises(FaultyError, match=f"^{re.escape(str(rule))}:"):
        load_configuration(folder)
