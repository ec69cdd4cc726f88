"""Reads rules, detectors and standards anew when their files change, or on SIGHUP. What has faults is not taken."""

import asyncio
import hashlib
from pathlib import Path

import structlog

from monitor.assessment import Assessor, Keyring
from monitor.configuration import load_configuration
from monitor.operating_metrics import OperatingMetrics
from streams.concealing import reveal
from streams.errors import UnusableError
from streams.secrets import Keys

_log = structlog.get_logger("monitor.worker")
_READ = ("standards.yaml", "rules/*.yaml", "detectors/*.yaml")


class Renewal:
    """Holds the assessor that is in force. Raises UnusableError in the beginning, where nothing is in force yet."""

    def __init__(self, folder: Path, keys: Keys, metrics: OperatingMetrics) -> None:
        self._folder = folder
        self._keyring = Keyring(keys.id, lambda change: reveal(change, keys))
        self._metrics = metrics
        self._seen = fingerprint(folder)
        self.version = self._seen
        self.assessor = self._read()
        metrics.configuration(self.version, refused=False)

    def ask(self) -> None:
        """Read it anew at the next look, changed or not."""
        self._seen = ""

    async def look(self) -> None:
        """Read it anew if it changed, and has rested for a moment: an editor may be half done."""
        before = await asyncio.to_thread(fingerprint, self._folder)
        if before == self._seen:
            return
        await asyncio.sleep(0.2)
        if await asyncio.to_thread(fingerprint, self._folder) != before:
            return
        self._seen = before
        try:
            self.assessor = await asyncio.to_thread(self._read)
        except UnusableError as error:
            _log.error("configuration refused, the former one stays", version=self.version, faults=str(error))
            self._metrics.configuration(self.version, refused=True)
        else:
            self.version = before
            _log.info("configuration read", version=self.version)
            self._metrics.configuration(self.version, refused=False)

    def _read(self) -> Assessor:
        configuration = load_configuration(self._folder)
        return Assessor(configuration.rules, self._keyring, configuration.detectors)


def fingerprint(folder: Path) -> str:
    """12 characters that differ between any two contents of the files that are read."""
    state = hashlib.blake2b(digest_size=6)
    for path in sorted(path for pattern in _READ for path in folder.glob(pattern)):
        try:
            data = path.read_bytes()
        except OSError:
            data = b""  # it was there a moment ago; the next look will tell
        state.update(f"{path.relative_to(folder)} {len(data)} ".encode() + data)
    return state.hexdigest()
