"""The titles of rules and detectors, as the configuration gives them; a county's own are among them."""

from collections.abc import Mapping
from pathlib import Path

from detectors.alerts import Text
from detectors.yaml_file import Faults, load


def source_titles(folder: Path) -> Mapping[str, Text]:
    """Titles by source id. What is faulty is left out: its alerts are shown by id, and `monitor check` tells why."""
    titles = {}
    for path in sorted([*(folder / "rules").glob("*.yaml"), *(folder / "detectors").glob("*.yaml")]):
        faults = Faults()
        top = load(path, faults)
        source, title = top.text("id"), top.both("title")
        if not faults:
            titles[source] = title
    return titles
