"""The folder `configs/`: rules, standards and detectors, read strictly and all faults at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from detectors.rules.rule_book import RuleBook
from detectors.rules.rule_file import load_rules
from detectors.settings import Detector, load_detectors
from detectors.standards import load_standards
from detectors.yaml_file import Fault, Faults

SHIPPED = Path(__file__).resolve().parent.parent / "configs"


@dataclass(frozen=True)
class Configuration:
    """Everything that a county may change."""

    folder: Path
    rules: RuleBook
    detectors: Mapping[str, Detector]


def load_configuration(folder: Path, faults: Faults | None = None) -> Configuration:
    """Read a configuration. Raises FaultyError unless the caller collects the faults."""
    collected = Faults() if faults is None else faults
    if not folder.is_dir():
        collected.append(Fault(str(folder), 0, "is no folder; set MONITOR_CONFIG or --config to one like configs/"))
        collected.check()
    standards = load_standards(folder / "standards.yaml", collected)
    rules = load_rules(folder / "rules", collected)
    detectors = load_detectors(folder / "detectors", collected)
    if not rules and not collected:
        collected.append(Fault(str(folder / "rules"), 0, "holds no rule"))
    if faults is None:
        collected.check()
    return Configuration(folder, RuleBook(rules, standards), detectors)
