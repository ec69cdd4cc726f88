"""Stand-ins for what the agents talk to: they remember what they were told."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from faust.types import TP

from streams.batch_transport import Fetched
from streams.batches import Batch
from streams.kafka_record import KafkaRecord
from streams.publishing import Outgoing, PublishError
from streams.roster_filter import RosterFilter


class Published:
    """A publisher that keeps what it is given; the first `failures` batches are not taken."""

    def __init__(self, failures: int = 0) -> None:
        self.messages: list[Outgoing] = []
        self.failures = failures

    async def publish(self, messages: Sequence[Outgoing]) -> None:
        if messages and self.failures:
            self.failures -= 1
            raise PublishError("not now")
        self.messages += messages

    def to(self, topic: str) -> list[Outgoing]:
        """What was published to a topic."""
        return [message for message in self.messages if message.topic == topic]


class Counted:
    """Counts into one counter."""

    def __init__(self) -> None:
        self.counts: Counter[Any] = Counter()

    def changes(self, feed: str, count: int, newest: int) -> None:
        self.counts["changes", feed] += count

    def matches(self, feed: str, count: int) -> None:
        self.counts["matches", feed] += count

    def rejected(self, feed: str, reason: str, count: int = 1) -> None:
        self.counts["rejected", feed, reason] += count

    def regions(self, feed: str, counts: Mapping[tuple[str, str], int], newest: int) -> None:
        for (region, reason), count in counts.items():
            self.counts["region", feed, region, reason] += count

    def alert(self, source: str, direction: str, severity: str) -> None:
        self.counts["alert", source] += 1

    def change_to_alert(self, seconds: float) -> None:
        self.counts["change to alert"] += 1

    def alert_to_order(self, seconds: float) -> None:
        self.counts["alert to order"] += 1


class Heard:
    """Hears of outages."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []

    def away(self, part: str, error: Exception) -> None:
        self.said.append((part, type(error).__name__))

    def back(self, part: str) -> None:
        """Not interesting where nothing was away."""

    def took(self, part: str, seconds: float) -> None:
        """Not interesting."""


class Watched:
    """Remembers which batches it saw: partition, records, and how many of them concern households."""

    def __init__(self) -> None:
        self.seen: list[tuple[TP, int, int]] = []

    def observe(self, tp: TP, batch: Batch, matched: Iterable[int], newest: int) -> list[Outgoing]:
        self.seen.append((tp, len(batch), len(list(matched))))
        return []


class Reader:
    """A roster reader that has seen everything at once."""

    def __init__(self, persons: Sequence[str] = ()) -> None:
        self.filter = RosterFilter()
        self.filter.add(persons)
        self.last: dict[int, int] = {}
        self.progress = 0
        self.renewed = 0

    def renew(self) -> None:
        self.renewed += 1

    async def ends(self) -> dict[int, int]:
        return dict(self.last)

    def reached(self, ends: dict[int, int]) -> bool:
        return True


def fetched(tp: TP, values: Sequence[bytes | None], offset: int = 0, timestamp: int = 1_783_000_000_000) -> Fetched:
    """A batch of records with these values."""
    records = [
        KafkaRecord(tp.topic, tp.partition, offset + index, timestamp, None, value)
        for index, value in enumerate(values)
    ]
    return Fetched(offset, records)
