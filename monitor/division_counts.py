"""What a worker read of each feed, by the division that sent it: for the console's page of feeds, not for Prometheus,
where so many series would be a burden."""

from collections import Counter
from collections.abc import Mapping

MOST_DIVISIONS = 500
"""So many divisions of a feed are told apart; a source that writes nonsense cannot fill the database with it."""
_DIGITS = 6


class DivisionCounts:
    """Counts since the process began. `records` go by feed, division and reason: the reason "" is all of them, the
    division "" those that name none. `newest` is Kafka's latest timestamp, an instant."""

    def __init__(self) -> None:
        self.records: Counter[tuple[str, str, str]] = Counter()
        self.newest: dict[tuple[str, str], int] = {}
        self._divisions: dict[str, set[str]] = {}

    def add(self, feed: str, counts: Mapping[tuple[str, str], int], newest: int) -> None:
        """Add records by the region that they name, as it was written, and reason."""
        for (region, reason), count in counts.items():
            division = self._division(feed, region)
            self.records[feed, division, reason] += count
            if not reason:
                self.newest[feed, division] = max(newest, self.newest.get((feed, division), 0))

    def _division(self, feed: str, region: str) -> str:
        division = region.strip()[:_DIGITS]
        known = self._divisions.setdefault(feed, set())
        if division not in known:
            if len(known) >= MOST_DIVISIONS or not (
                len(division) == _DIGITS and division.isascii() and division.isdigit()
            ):
                return ""
            known.add(division)
        return division
