"""What batches tell of their feed: the same in whatever order and pieces the records come."""

import random

from detectors.cells import CellCounts
from monitor.feed_counting import FeedCounter
from monitor.replaying.earliest import Earliest
from streams.decoding import FeedDecoder
from streams.moments import day_of, parse_instant
from tests.unit.streams.people import KEYS, NOW, as_json, number, record

FEED = "taxes"
Reached = list[tuple[str, int, int, int]]


def counted(values: list[bytes], size: int, feed: str = FEED) -> tuple[list[CellCounts], Reached]:
    earliest = Earliest()
    counter, decoder = FeedCounter(feed, earliest.note), FeedDecoder(feed, KEYS)
    for first in range(0, len(values), size):
        some = values[first : first + size]
        batch = decoder.decode(some, [NOW] * len(some)).batch
        counter.count(batch, [0] if first == 0 else [])
    return counter.cells.take(), sorted(earliest)


def records(count: int) -> list[bytes]:
    return [
        as_json(
            record(
                FEED,
                id_number=number(n % 40),
                event_id=f"K-{n}",
                region=f"42052{n % 2}101003",
                occurred_at="2026-03-01",
                reported_at=f"2026-03-0{1 + n % 3}T08:{n % 60:02d}:00+08:00",
                amount=10 + n,
            )
        )
        for n in range(count)
    ]


def test_counts_by_cell_and_hour() -> None:
    cells, _ = counted(records(300), 300)
    assert sum(cell.deliveries for cell in cells) == 300
    assert {cell.region for cell in cells} == {"420520", "420521"}
    assert sum(cell.matched for cell in cells) == 1
    assert sum(cell.values for cell in cells) == 300
    assert len(cells) == 6


def test_refused_records_count_where_they_say_they_belong() -> None:
    values = [*records(4), as_json(record(FEED, id_number="1", occurred_at="2026-03-01", reported_at="2026-03-01"))]
    cells, reached = counted(values, 10)
    assert sum(cell.refused for cell in cells) == 1
    assert len(reached) == 4


def test_the_first_twenty_distinct_records_of_each_day_in_any_order() -> None:
    values = records(300)
    cells, reached = counted(values, 300)
    shuffled = [*values, *values[:50]]
    random.Random(5).shuffle(shuffled)
    again_cells, again = counted(shuffled, 7)
    assert again == reached
    assert [cell.sketch for cell in again_cells] == [cell.sketch for cell in cells]
    day = day_of(parse_instant("2026-03-02"))
    moments = [at for county, of, at, _ in reached if (county, of) == ("420520", day)]
    assert len(moments) == 20
    assert max(moments) <= parse_instant("2026-03-02T08:40:00")


def test_a_feed_that_says_nothing_of_wages_tells_no_progress() -> None:
    values = [as_json(record("custody", serial=n, event_id=f"C-{n}", region="420525")) for n in range(1, 30)]
    cells, reached = counted(values, 30, "custody")
    assert (sum(cell.deliveries for cell in cells), reached) == (29, [])


def test_what_is_no_division_code_is_nobodys_and_is_not_kept() -> None:
    values = [
        as_json(record(FEED, serial=n, region=region)) for n, region in enumerate(("张三某村委会", "4205", ""), 1)
    ]
    assert {cell.region for cell in counted(values, 3)[0]} == {""}
