"""A sink: a place that alerts go to beside the work orders."""

from collections.abc import Sequence
from typing import Protocol

from detectors.alerts import Alert


class SinkError(Exception):
    """A batch was not taken. `retry`: it may be taken later; else the sink will never take what was sent.

    `after_seconds` is how long the sink itself asked to wait. The text names no alert's content.
    """

    def __init__(self, text: str, *, retry: bool, after_seconds: float = 0.0) -> None:
        super().__init__(text)
        self.retry = retry
        self.after_seconds = after_seconds


class Sink(Protocol):
    """Takes batches of alerts, in order. The same batch may come again after a crash.

    Whoever receives from a sink tells repeated alerts by (`alert_id`, `revision`).
    """

    @property
    def name(self) -> str:
        """Names the sink in metrics, logs and consumer groups."""

    async def send(self, batch: Sequence[Alert]) -> None:
        """Hand a batch over; when this returns it is safe there. Raises SinkError."""

    async def close(self) -> None:
        """Let go of connections and files."""
