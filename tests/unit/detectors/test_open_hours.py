"""Hours close by the clock as far as everything has been counted: whatever lags behind makes them wait."""

import random

from detectors.cells import CellCounts
from detectors.open_hours import OpenHours
from streams.messages import Counted
from streams.moments import HOUR, SECOND

NOW = 500_000 * HOUR
BOTH = {"medical": 1, "taxes": 1}


def cell(hour: int, count: int = 1, feed: str = "medical") -> CellCounts:
    return CellCounts(feed, "420525", hour, count, sketch=b"\1" * 256)


def said(at: int, done: dict[str, int] = BOTH, until: int | None = None) -> Counted:
    return Counted(at=at, done=done, until=at if until is None else until, partitions=2)


def closed(hours: OpenHours, cells: list[CellCounts], message: Counted) -> list[int]:
    return [hour for hour, _ in hours.take(cells, message).hours]


def test_an_hour_closes_a_quarter_of_an_hour_after_its_end() -> None:
    hours = OpenHours()
    assert closed(hours, [cell(499_999), cell(500_000)], said(NOW + HOUR // 2)) == [499_999]
    assert closed(hours, [cell(500_000)], said(NOW + HOUR + HOUR // 5)) == []
    found = hours.take([], said(NOW + HOUR + HOUR // 4))
    assert [(hour, [one.deliveries for one in cells]) for hour, cells in found.hours] == [(500_000, [2])]
    assert found.before == 500_001
    assert hours.take([], said(NOW + 5 * HOUR)).before == 500_004


def test_it_waits_for_every_partition_and_for_the_slowest() -> None:
    hours = OpenHours()
    assert closed(hours, [cell(500_000)], said(NOW + 3 * HOUR, {"medical": 1})) == []
    assert closed(hours, [], said(NOW + 3 * HOUR, {"taxes": 1}, until=NOW + HOUR)) == []
    assert closed(hours, [], said(NOW + 3 * HOUR, {"taxes": 1}, until=NOW + 2 * HOUR)) == [500_000]


def test_a_history_is_judged_in_its_order_when_no_more_of_it_comes() -> None:
    hours, past = OpenHours(), list(range(490_000, 490_500))
    random.Random(3).shuffle(past)
    for step, start in enumerate(range(0, 500, 100)):
        cells = [cell(hour, feed=("medical", "taxes")[step % 2]) for hour in past[start : start + 100]]
        assert closed(hours, cells, said(NOW + 5 * step * SECOND)) == []
    assert closed(hours, [], said(NOW + 40 * SECOND)) == []
    assert closed(hours, [], said(NOW + 51 * SECOND)) == list(range(490_000, 490_500))
    assert hours.take([], said(NOW + 60 * SECOND)).before == 499_999


def test_a_long_history_is_judged_piece_by_piece() -> None:
    hours = OpenHours()
    hours.take([cell(hour) for hour in range(490_000, 496_000, 10)], said(NOW))
    found = [hours.take([], said(NOW + 60 * SECOND)) for _ in range(4)]
    assert [len(one.hours) for one in found] == [200, 200, 200, 0]
    assert [one.before for one in found] == [492_000, 494_000, 496_000, 499_999]


def test_a_trickle_of_old_records_does_not_hold_it_up_for_ever() -> None:
    hours = OpenHours()
    for step in range(7 * 360):
        found = hours.take([cell(499_900)], said(NOW + step * 10 * SECOND))
        if found.hours:
            break
    assert step * 10 * SECOND == 6 * HOUR


def test_late_counts_say_that_the_feed_is_not_silent_and_nothing_else() -> None:
    hours = OpenHours()
    hours.take([cell(500_000)], said(NOW + 3 * HOUR))
    assert hours.closed == 500_002
    assert closed(hours, [cell(499_000), cell(400_000)], said(NOW + 3 * HOUR)) == []
    ((hour, (late,)),) = hours.take([], said(NOW + 4 * HOUR)).hours
    assert (hour, late.deliveries, late.distinct()) == (500_002, 1, 0.0)


def test_hours_that_cannot_be_yet_are_left_out() -> None:
    hours = OpenHours()
    hours.take([cell(700_000), cell(500_020)], said(NOW))
    assert sorted(hours.hours) == [500_020]


def test_the_oldest_go_where_too_many_wait() -> None:
    hours = OpenHours()
    counts = [CellCounts("taxes", f"{county:06d}", hour) for hour in range(400_000, 400_060) for county in range(1000)]
    found = closed(hours, counts, said(NOW))
    assert found == list(range(400_000, 400_010))
    assert sum(map(len, hours.hours.values())) == 50_000


def test_saved_at_any_point_it_goes_on_the_same() -> None:
    one, other = OpenHours(), OpenHours()
    for step in range(30):
        cells = [cell(500_000 + step // 3, step), cell(500_001 + step // 4, 2, "taxes")]
        message = said(NOW + step * HOUR // 3)
        other = OpenHours.decode(other.encode())
        assert one.take(cells, message) == other.take(cells, message)
    assert one == other
    assert OpenHours.decode(None) == OpenHours.decode(b"\x90\x00") == OpenHours()
