"""The local lines: amounts that the law leaves to a province or county, by region and date (rules.md, fact 12)."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from detectors.yaml_file import Faults, Node, load
from streams.moments import day_of, parse_day

NAMES: Mapping[str, tuple[str, str]] = {
    "dibao_line": ("低保标准(元/人·月)", "dibao line, CNY per person and month"),
    "low_income_line": ("低收入标准(元/人·月)", "low-income line, CNY per person and month"),
    "minimum_wage": ("最低工资(元/月)", "minimum wage, CNY per month"),
    "large_subsidy": ("大额补贴(元/365天)", "large subsidies, CNY in 365 days"),
    "high_base": ("高缴费基数(元/月)", "high contribution base, CNY per month"),
    "catastrophic_share": ("灾难性支出比例", "share of the year's declared income that is catastrophic"),
    "catastrophic_floor": ("灾难性支出起点(元)", "least catastrophic spending, CNY in 365 days"),
}
FROM_EVER = -(1 << 40)


class Standards:
    """Amounts by region prefix and the day from which they hold; the longest prefix is asked first."""

    def __init__(self, entries: tuple[tuple[str, int, Mapping[str, float]], ...]) -> None:
        self.entries = entries
        self._amount = lru_cache(maxsize=65536)(self._sought)

    def of(self, name: str, region: str, at: int) -> float:
        """The amount that holds in a region at an instant. KeyError if none of that name is known."""
        return self._amount(name, region, day_of(at))

    def _sought(self, name: str, region: str, day: int) -> float:
        best: tuple[int, int, float] | None = None
        for prefix, since, amounts in self.entries:
            if name in amounts and region.startswith(prefix) and since <= day:
                found = (len(prefix), since, amounts[name])
                best = found if best is None else max(best, found)
        if best is None:
            raise KeyError(name)
        return best[2]


def load_standards(path: Path, faults: Faults) -> Standards:
    """Read `standards.yaml`: a list of regions, each with dates and amounts; the first entry is for everywhere."""
    entries = []
    top = load(path, faults)
    for node in top.elements():
        region = node.child("region")
        prefix = str(region.plain()) if region is not None and region.value is not None else ""
        if prefix == "everywhere":
            prefix = ""
        elif region is not None and not (prefix.isdigit() and len(prefix) in (2, 4, 6, 9, 12)):
            region.fault("region must be everywhere or a division code of 2, 4, 6, 9 or 12 digits")
        entries.append((prefix, _since(node), _amounts(node)))
        node.done()
    known = {name for prefix, since, amounts in entries if prefix == "" and since == FROM_EVER for name in amounts}
    for name in NAMES:
        if name not in known and not faults:
            top.fault(f"{name} is missing from the entry for everywhere without a date")
    return Standards(tuple(entries))


def _since(node: Node) -> int:
    if "since" not in node:
        return FROM_EVER
    text = node.text("since")
    try:
        return parse_day(text)
    except ValueError:
        node.fault(f"since must be a date such as 2026-01-01, not {text}")
        return FROM_EVER


def _amounts(node: Node) -> dict[str, float]:
    child = node.child("amounts")
    if child is None:
        return {}
    amounts = {name: child.number(name, least=0) for name in child.entries() if name in NAMES}
    for name in child.entries():
        if name not in NAMES:
            child.fault(f"unknown standard {name}; known: {', '.join(NAMES)}")
    return amounts
