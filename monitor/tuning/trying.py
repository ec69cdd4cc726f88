"""Tries settings: each one assesses what was screened, several at once, one process a core."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from detectors.rules.rule import ALL_FEEDS
from monitor.configuration import Configuration
from monitor.forked import forked
from monitor.replaying.given import Inputs
from monitor.replaying.register import Said
from monitor.replaying.run import assess_inputs
from monitor.replaying.screened import Screened
from monitor.tuning.parameters import Setting, with_setting


@dataclass(frozen=True)
class Trials:
    """All settings of one source over the same screened files. What they write meanwhile lies in `scratch`."""

    inputs: Inputs
    screened: Sequence[Screened]
    source: str
    settings: Sequence[Setting]
    scratch: Path

    def run(self, told: Callable[[int], None]) -> list[list[Said]]:
        """The alerts under each setting, in the order of the settings; `told` hears how many are done."""
        found: dict[int, list[Said]] = {}
        for number, alerts in forked(self._one, range(len(self.settings)), lambda: told(len(found))):
            found[number] = alerts
        return [found[number] for number in range(len(self.settings))]

    def _one(self, number: int) -> list[Said]:
        configuration = with_setting(self.inputs.configuration, self.source, self.settings[number])
        inputs = replace(self.inputs, configuration=configuration)
        folder = self.scratch / f"setting-{number}"
        folder.mkdir()
        replayed = assess_inputs(
            inputs, self.screened, folder, lambda stage, done, total: None, reads=_feeds(configuration), apart=False
        )
        shutil.rmtree(folder)
        return list(replayed.register)


def _feeds(configuration: Configuration) -> frozenset[str]:
    """The feeds whose records can matter: a single rule needs few of them, detectors all."""
    if configuration.detectors:
        return frozenset(ALL_FEEDS)
    return frozenset({"deaths"}).union(*(rule.feeds | rule.measures for rule in configuration.rules.rules))
