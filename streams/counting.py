"""What the steps of the live service count. The metrics implement it; a step knows nothing of Prometheus."""

from collections.abc import Mapping
from typing import Protocol


class Counting(Protocol):
    """Counts what was done, once it is done."""

    def changes(self, feed: str, count: int, newest: int) -> None:
        """Records of a feed were read, refused ones included; `newest` is Kafka's latest timestamp, an instant."""

    def matches(self, feed: str, count: int) -> None:
        """Changes of a feed concerned households."""

    def rejected(self, feed: str, reason: str, count: int = 1) -> None:
        """Records were refused."""

    def regions(self, feed: str, counts: Mapping[tuple[str, str], int], newest: int) -> None:
        """The same records by the region that they name, as it was written ("" where none is), and reason; the reason
        "" is all of them."""

    def alert(self, source: str, direction: str, severity: str) -> None:
        """A revision of an alert was published."""

    def change_to_alert(self, seconds: float) -> None:
        """So long after its change was published, an alert was."""

    def alert_to_order(self, seconds: float) -> None:
        """So long after it was published, an alert was in its order."""
