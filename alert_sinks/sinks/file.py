"""A JSON Lines file: one alert a line, safe on disk when a batch has been taken."""

import asyncio
import fcntl
import os
from collections.abc import Sequence
from pathlib import Path

from detectors.alerts import Alert, encode

from .sink import SinkError


class JsonLinesFile:
    """Appends to a file, to which other workers of the machine may append too.

    A line that a crash or a full disk left half-written is cut off before the next batch.
    """

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self._path = path

    async def send(self, batch: Sequence[Alert]) -> None:
        data = b"".join(encode(alert) + b"\n" for alert in batch)
        try:
            await asyncio.to_thread(self._append, data)
        except OSError as error:
            raise SinkError(f"file {self.name}: {error.strerror}", retry=True) from error

    async def close(self) -> None:
        """Nothing is held open between batches, so that the file may be moved away at any time."""

    def _append(self, data: bytes) -> None:
        # Without a buffer: what a full disk did not take would be written after all when the file is closed.
        with self._path.open("a+b", buffering=0) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            whole = _end_of_last_line(file.fileno())
            file.truncate(whole)
            try:
                left = memoryview(data)
                while left:
                    left = left[file.write(left) :]
                os.fsync(file.fileno())
            except OSError:
                file.truncate(whole)
                raise


def _end_of_last_line(descriptor: int) -> int:
    """Where the last whole line ends."""
    end = os.fstat(descriptor).st_size
    while end > 0:
        start = max(0, end - 65536)
        found = os.pread(descriptor, end - start, start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0
