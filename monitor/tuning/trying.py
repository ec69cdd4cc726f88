"""Tries settings: each one assesses what was screened, several at once, one process a core."""

import multiprocessing
import os
import signal
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from detectors.rules.rule import ALL_FEEDS
from monitor.configuration import Configuration
from monitor.replaying.register import Said
from monitor.replaying.run import Inputs, assess_inputs
from monitor.replaying.screening import Screened
from monitor.tuning.parameters import Setting, with_setting

_own: dict[str, Any] = {}
"""What a process of the pool was given when it began."""


class Trials:
    """All settings of one source over the same screened files; each gives its alerts."""

    def __init__(self, inputs: Inputs, screened: Sequence[Screened], source: str, settings: Sequence[Setting]) -> None:
        self._inputs = inputs
        self._screened = screened
        self._source = source
        self._settings = settings

    def run(self, told: Callable[[int], None]) -> list[list[Said]]:
        """The alerts under each setting, in the order of the settings; `told` hears how many are done."""
        found: list[list[Said]] = []
        for alerts in self._alerts():
            found.append(alerts)
            told(len(found))
        return found

    def _alerts(self) -> Iterator[list[Said]]:
        workers = min(os.cpu_count() or 1, len(self._settings))
        if workers == 1:
            yield from map(self.one, range(len(self._settings)))
            return
        # Forked, so that the roster need not be copied.
        with multiprocessing.get_context("fork").Pool(workers, _begin, (self,)) as pool:
            yield from pool.imap(_one, range(len(self._settings)))

    def one(self, number: int) -> list[Said]:
        """The alerts under one setting."""
        configuration = with_setting(self._inputs.configuration, self._source, self._settings[number])
        inputs = replace(self._inputs, configuration=configuration)
        with tempfile.TemporaryDirectory() as folder:
            replayed = assess_inputs(
                inputs, self._screened, Path(folder), lambda stage, done, total: None, reads=_feeds(configuration)
            )
        return list(replayed.register)


def _feeds(configuration: Configuration) -> frozenset[str]:
    """The feeds whose records can matter: a single rule needs few of them, detectors all."""
    if configuration.detectors:
        return frozenset(ALL_FEEDS)
    return frozenset({"deaths"}).union(*(rule.feeds | rule.measures for rule in configuration.rules.rules))


def _begin(trials: Trials) -> None:
    """The first thing in a process: Ctrl-C is for the parent, which ends this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _own["trials"] = trials


def _one(number: int) -> list[Said]:
    found: list[Said] = _own["trials"].one(number)
    return found
