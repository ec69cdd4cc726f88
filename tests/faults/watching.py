"""Watches the alerts' topic while an experiment runs: when did which beacon's alert arrive?"""

import threading
import time
from contextlib import suppress
from typing import NamedTuple

import msgspec
from confluent_kafka import Consumer, TopicPartition

from streams.errors import UNREADABLE
from streams.topics import ALERTS, partition_counts


class _Seen(msgspec.Struct):
    household_id: str | None = None


class Arrival(NamedTuple):
    """A message of the alerts' topic: when it was seen, by a clock that only grows, and about whom it is."""

    at: float
    household_id: str


class Watcher:
    """Follows the topic from a thread of its own until it is closed."""

    def __init__(self, kafka: str) -> None:
        self.arrivals: list[Arrival] = []
        self._closing = threading.Event()
        self._consumer = Consumer(
            {"bootstrap.servers": kafka, "group.id": "watcher", "log_level": 0, "reconnect.backoff.max.ms": 200}
        )
        self._consumer.assign([TopicPartition(ALERTS, number, 0) for number in range(partition_counts(kafka)[ALERTS])])
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def _follow(self) -> None:
        decode = msgspec.json.Decoder(_Seen).decode
        while not self._closing.is_set():
            for message in self._consumer.consume(1000, 0.05):
                with suppress(*UNREADABLE):  # an experiment poisons the topic
                    if message.error() is None:
                        seen = decode(message.value() or b"{}")
                        self.arrivals.append(Arrival(time.monotonic(), seen.household_id or ""))
        self._consumer.close()

    def next_after(self, at: float) -> float | None:
        """Seconds until the next alert of whatever household; None if none came."""
        return min((one.at - at for one in list(self.arrivals) if one.at > at), default=None)

    def everywhere_after(self, at: float) -> float | None:
        """Seconds until every beacon had its next alert, that is until every partition moved; None if one did not."""
        first: dict[str, float] = {}
        for one in list(self.arrivals):
            if one.at > at and one.household_id.startswith("B-"):
                first.setdefault(one.household_id, one.at - at)
        return max(first.values()) if len(first) == 8 else None

    def close(self) -> None:
        """Stop watching."""
        self._closing.set()
        self._thread.join()
