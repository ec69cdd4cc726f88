"""The report's timelines lie where the page looks for them."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest

from monitor.replaying.run import Replayed
from monitor.replaying.timelines import Timelines
from monitor.reporting import replay_page


def test_a_part_ends_where_the_page_believes_it_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Scripts order 𠀀 before Ａ, by the halves of its code; Python after it."""
    monkeypatch.setattr(replay_page, "_HOUSEHOLDS_TOGETHER", 1)
    names = ["丙", "H-2", "𠀀", "\uff21"]
    (tmp_path / "timelines").write_bytes(b"".join(msgspec.json.encode((name, {})) + b"\n" for name in names))
    told: Any = SimpleNamespace(
        register=[SimpleNamespace(household_id=name) for name in [*names, None]],
        timelines=Timelines(tmp_path / "timelines"),
    )
    parts = list(replay_page._timelines(cast(Replayed, told)))
    assert [list(part) for part in parts] == [["H-2"], ["丙"], ["𠀀"], ["\uff21"]]
