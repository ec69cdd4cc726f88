"""What screening counts of the feeds reaches the watch: once, with how far everything has been counted."""

import asyncio
from typing import cast

from faust.types import TP

from detectors.cells import CellCounts, decode
from monitor.worker.feed_counts import FeedCounts, FeedReports, reports
from streams.decoding import FeedDecoder
from streams.messages import Counted, Reached
from streams.messages import decode as decode_message
from streams.moments import DAY, SECOND
from streams.packing import unpack
from streams.publishing import Publisher
from streams.topics import FEED_OF, HOUSEHOLD_CHANGES, changes_topic
from tests.unit.streams.doubles import Heard, Published
from tests.unit.streams.people import KEYS, NOW, as_json, number, record

TAXES = TP(changes_topic("taxes"), 1)
PARTITIONS = dict.fromkeys(FEED_OF, 4)


class Counting:
    """A worker's counts, told of batches; its clock goes on by `clock`."""

    def __init__(self, failures: int = 0) -> None:
        self.counts, self.published = FeedCounts(), Published(failures)
        self.lags: dict[TP, int] = {}
        self.clock = NOW
        publisher = cast(Publisher, self.published)
        self.reports = FeedReports(self.counts, lambda: self.lags, PARTITIONS, publisher, Heard(), lambda: self.clock)

    def batch(self, count: int, day: str = "2026-06-02", first: int = 1) -> list[Reached]:
        values = [
            as_json(record("taxes", serial=first + n, reported_at=day, occurred_at=day, region="420525101003"))
            for n in range(count)
        ]
        batch = FeedDecoder("taxes", KEYS).decode(values, [NOW] * count).batch
        told = self.counts.observe(TAXES, batch, [0], NOW - 60 * SECOND)
        assert all((one.topic, one.key, one.spread) == (HOUSEHOLD_CHANGES, "420525", "420525") for one in told)
        return [cast(Reached, decode_message(one.value)) for one in told]

    def look(self) -> list[Counted]:
        before = len(self.published.messages)
        asyncio.run(self.reports())
        return [cast(Counted, decode_message(one.value)) for one in self.published.messages[before:]]


def cells_of(messages: list[Counted]) -> list[CellCounts]:
    return [cell for message in messages if message.cells for cell in decode(unpack(message.cells))]


def test_only_what_may_move_the_progress_goes_out_with_the_batch() -> None:
    counting = Counting()
    (reached,) = counting.batch(30)
    assert (reached.county, reached.feed, len(reached.marks)) == ("420525", "taxes", 20)
    assert all(mark < 1 << 20 for _, mark in reached.marks)
    assert counting.batch(30, first=100) == []
    assert counting.batch(3, "2026-06-01") == []
    (next_day,) = counting.batch(3, "2026-06-03", first=200)
    assert len(next_day.marks) == 3


def test_counts_are_reported_once_a_minute() -> None:
    counting = Counting()
    counting.batch(5)
    assert counting.look() == []
    counting.clock += 60 * SECOND
    counting.lags = {TAXES: 0}
    (cell,) = cells_of(found := counting.look())
    assert (cell.feed, cell.region, cell.deliveries, cell.matched) == ("taxes", "420525", 5, 1)
    assert found[-1] == Counted(at=counting.clock, done={"taxes": 2}, until=counting.clock - 5 * SECOND, partitions=60)
    counting.clock += 60 * SECOND
    counting.lags = {TAXES: 7}
    (after,) = counting.look()
    assert (after.cells, after.until) == (b"", NOW - 60 * SECOND)


def test_a_history_is_reported_without_delay() -> None:
    counting = Counting()
    counting.batch(5, "2026-01-01")
    counting.clock += 6 * SECOND
    assert len(cells_of(counting.look())) == 1
    counting.clock = NOW + DAY
    assert cells_of(counting.look()) == []


def test_while_the_broker_is_away_nothing_is_lost() -> None:
    counting = Counting(failures=2)
    counting.batch(5)
    counting.clock += 60 * SECOND
    assert [cell.deliveries for cell in cells_of(counting.look())] == [5]


def test_only_the_last_message_says_how_far_everything_was_counted() -> None:
    cells = [CellCounts("taxes", f"{n:06d}", 7, 1) for n in range(4500)]
    found = reports(cells, {TAXES: 5, TP(changes_topic("taxes"), 3): 9}, 10, 60)
    assert [(bool(one.cells), one.done, one.until) for one in found] == [
        (True, {}, 0), (True, {}, 0), (True, {}, 0), (False, {"taxes": 0b1010}, 5),
    ]  # fmt: skip
    assert cells_of(found) == cells


def test_nothing_that_is_published_names_anybody() -> None:
    counting = Counting()
    reached = counting.batch(40)
    counting.clock += 60 * SECOND
    text = repr([*reached, *cells_of(counting.look())]).encode()
    persons = [number(n) for n in range(1, 41)]
    assert not any(person.encode() in text or KEYS.pseudonym(person).encode() in text for person in persons)
