"""Where the recorded messages about households lie, and where they belong.

They lie where their county's partition was when they were published. If the topic has got more partitions since, the
older ones belong elsewhere: a rebuild reads those first, each as if it lay in the partition that it belongs to.
"""

from collections.abc import AsyncIterator
from typing import NamedTuple

from streams.errors import UNREADABLE
from streams.kafka_record import KafkaRecord
from streams.messages import FEEDS_KEY, Counted, Doubted, HouseholdMessage, Reached, RosterNote, decode
from streams.topic_reading import read_partition
from streams.topics import HOUSEHOLD_CHANGES, partition_of


class _Place(NamedTuple):
    """The county that a household was enrolled with, known from its earliest note."""

    at: int
    county: str


class Recorded:
    """The topic's messages. `survey` it first."""

    def __init__(self, kafka: str, partitions: int) -> None:
        self._kafka = kafka
        self._partitions = partitions
        self._places: dict[str, _Place] = {}
        self._lie: dict[str, int] = {}
        """By household, by county or for all feeds together: in which partitions their messages lie, a bit each."""

    async def survey(self) -> bool:
        """Look through everything; whether there are messages that belong elsewhere."""
        for partition in range(self._partitions):
            async for records in read_partition(self._kafka, HOUSEHOLD_CHANGES, partition):
                for record in records:
                    self._note(record, partition)
        return any(lie != 1 << home for name, lie in self._lie.items() if (home := self._home(name)) is not None)

    def _note(self, record: KafkaRecord, partition: int) -> None:
        message = _read(record)
        if isinstance(message, RosterNote) and message.line is not None:
            known = self._places.get(message.household_id)
            if known is None or record.timestamp < known.at:
                self._places[message.household_id] = _Place(record.timestamp, message.line.county)
        if (name := _about(message)) is not None:
            self._lie[name] = self._lie.get(name, 0) | 1 << partition

    def county(self, household_id: str) -> str | None:
        """The county by which a household's partition is chosen; None where no note says it."""
        known = self._places.get(household_id)
        return known.county if known is not None else None

    def belongs(self, record: KafkaRecord) -> int:
        """The partition that a message belongs to; that in which it lies, where nothing says another."""
        name = _about(_read(record))
        home = self._home(name) if name is not None else None
        return int(record.partition) if home is None else home

    async def strays(self) -> AsyncIterator[tuple[int, list[KafkaRecord]]]:
        """Messages that lie elsewhere than they belong, with the partition that they belong to; in order."""
        for partition in range(self._partitions):
            async for records in read_partition(self._kafka, HOUSEHOLD_CHANGES, partition):
                found: dict[int, list[KafkaRecord]] = {}
                for record in records:
                    home = self.belongs(record)
                    if home != partition:
                        found.setdefault(home, []).append(record)
                for home, some in found.items():
                    yield home, some

    def _home(self, name: str) -> int | None:
        kind, _, value = name.partition("/")
        spread: str | None = value
        if kind == "household":
            spread = self.county(value)
        return partition_of(spread, self._partitions) if spread is not None else None


def _read(record: KafkaRecord) -> HouseholdMessage | None:
    try:
        message: HouseholdMessage = decode(record.value or b"")
    except UNREADABLE:
        return None
    return message


def _about(message: HouseholdMessage | None) -> str | None:
    """What decides where a message belongs; None for what goes to every partition, and for what is no message."""
    if message is None or isinstance(message, Doubted):
        return None
    if isinstance(message, Counted):
        return f"feeds/{FEEDS_KEY}"
    if isinstance(message, Reached):
        return f"county/{message.county}"
    return f"household/{message.household_id}"
