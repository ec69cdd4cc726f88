"""The watch over feeds: bursts, silence, other scales; and what must not alarm."""

import math

import msgspec
import numpy as np
import pytest

from detectors.cells import CellCounter, CellCounts, decode, encode
from detectors.feed_watch import FeedWatch
from detectors.settings import PARAMETERS, load_detectors
from detectors.signals import Signal
from streams.moments import HOUR, month_start
from tests.unit.detectors.street import CONFIGS

DETECTORS = load_detectors(CONFIGS)
BEGIN = month_start(2023 * 12) // HOUR
WEEKS = 30
FROM = BEGIN + 28 * 168 + 58
"""A Tuesday at ten, after the warm-up."""
RATE = 20


def sketch(seed: int, records: int) -> bytes:
    counter = CellCounter()
    marks = np.random.default_rng(seed).integers(0, 2**63, records).astype(np.uint64)
    zeros = np.zeros(records, dtype=np.int64)
    counter.add("medical", ["420525"], zeros, zeros, marks)
    return counter.take()[0].sketch


SKETCHES = {number: sketch(number, number) for number in (*range(15, 26), 80, 400)}


def hours(
    *,
    quiet: range = range(0),
    burst: range = range(0),
    shift: range = range(0),
    factor: float = 100,
    weeks: int = WEEKS,
) -> list[CellCounts]:
    """Two feeds by the hour, without nights; something may happen to the first one."""
    found = []
    for hour in range(BEGIN, BEGIN + weeks * 168):
        if not 8 <= (hour + 8) % 24 <= 18:
            continue
        for feed in ("medical", "taxes"):
            number = RATE + (hour * 7 + len(feed)) % 11 - 5
            scale = 1.0
            if feed == "medical":
                if hour in quiet:
                    continue
                number = 400 if hour in burst else number
                scale = 100.0 if hour in shift else 1.0
            logs = 5 + math.log(scale) + ((hour * 13) % 7 - 3) / 20
            found.append(
                CellCounts(
                    feed, "420525", hour, number, 0, number // 10, number, number * logs, number * (logs**2 + 1),
                    SKETCHES[number],
                )
            )  # fmt: skip
    return found


def run(counts: list[CellCounts]) -> list[Signal]:
    return FeedWatch().take(DETECTORS, counts)


CASES = {
    "feed-silence": hours(quiet=range(FROM, FROM + 30)),
    "feed-burst": hours(burst=range(FROM, FROM + 3)),
    "feed-shift": hours(shift=range(FROM, FROM + 60)),
}
each = pytest.mark.parametrize("source", CASES)


@each
def test_says_it_once_and_in_time(source: str) -> None:
    (signal,) = run(CASES[source])
    assert (signal.source, signal.feeds, signal.region) == (source, ("medical",), "420525")
    assert (signal.household_id, signal.person) == ("", "")
    assert FROM * HOUR <= signal.occurred_at <= (FROM + 6) * HOUR
    assert signal.p_value is not None
    assert signal.p_value < 0.001
    assert "{" not in signal.explanation.zh + signal.explanation.en


def test_the_usual_is_nothing() -> None:
    assert run(hours()) == []


@each
def test_is_silent_in_the_warm_up(source: str) -> None:
    early = range(BEGIN + 20 * 168 + 58, BEGIN + 20 * 168 + 88)
    case = {"feed-silence": {"quiet": early}, "feed-burst": {"burst": early}, "feed-shift": {"shift": early}}[source]
    assert run(hours(weeks=24, **case)) == []


@each
def test_is_the_same_after_saving_and_loading_and_learns_without_looking_ahead(source: str) -> None:
    counts = CASES[source]
    watch, said = FeedWatch(), []
    for begin in range(0, len(counts), 997):
        said += watch.take(DETECTORS, counts[begin : begin + 997])
        watch = FeedWatch.decode(watch.encode())
    assert said == run(counts)


def test_all_feeds_silent_at_once_is_not_ours_to_say() -> None:
    counts = [cell for cell in hours() if not FROM <= cell.hour < FROM + 40]
    assert run(counts) == []


def test_the_backlog_after_a_silence_is_no_burst() -> None:
    counts = hours(quiet=range(FROM, FROM + 30), burst=range(FROM + 30, FROM + 40))
    assert [signal.source for signal in run(counts)] == ["feed-silence"]


def test_the_backlog_after_a_silence_too_short_to_tell_is_no_burst() -> None:
    after = FROM + 2
    counts = [
        msgspec.structs.replace(cell, deliveries=80, sketch=SKETCHES[80])
        if cell.feed == "medical" and cell.hour == after else cell
        for cell in hours(quiet=range(FROM, after))
    ]  # fmt: skip
    assert run(counts) == []
    without_silence = [cell for cell in hours() if cell.feed == "medical" and cell.hour < after]
    others = [cell for cell in counts if cell.feed == "taxes" or cell.hour >= after]
    merged = sorted(without_silence + others, key=lambda cell: (cell.hour, cell.feed))
    assert [signal.source for signal in run(merged)] == ["feed-burst"]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, -5.0, 0.0])
def test_a_value_that_is_no_amount_is_not_counted(value: float) -> None:
    counter = CellCounter()
    marks, zeros = np.arange(2, dtype=np.uint64), np.zeros(2, dtype=np.int64)
    counter.add("taxes", ["420525"], zeros, zeros, marks, values=np.array([value, 50.0]))
    (counts,) = counter.take()
    assert (counts.deliveries, counts.values) == (2, 1)
    assert counts.logs == pytest.approx(math.log(50), abs=1e-5)


@each
def test_memory_is_bounded(source: str) -> None:
    shorter, longer = FeedWatch(), FeedWatch()
    shorter.take(DETECTORS, CASES[source])
    longer.take(DETECTORS, hours(weeks=3 * WEEKS))
    assert len(longer.encode()) < 1.2 * len(shorter.encode())


def test_a_constant_flow_never_alarms() -> None:
    flow = [
        CellCounts(feed, "420525", hour, 20, 0, 2, 20, 100.0, 500.0, SKETCHES[20])
        for hour in range(BEGIN, BEGIN + 40 * 168)
        for feed in ("medical", "taxes")
    ]
    assert run(flow) == []


def test_every_feed_detector_is_in_this_suite() -> None:
    assert CASES.keys() == {name for name in PARAMETERS if name.startswith("feed-")}


def test_a_shift_does_not_depend_on_the_unit() -> None:
    scaled = [
        CellCounts(
            c.feed, c.region, c.hour, c.deliveries, c.refused, c.matched, c.values,
            c.logs + c.values * math.log(100),
            c.squares + 2 * math.log(100) * c.logs + c.values * math.log(100) ** 2, c.sketch,
        )
        for c in CASES["feed-shift"]
    ]  # fmt: skip
    (plain,), (other,) = run(CASES["feed-shift"]), run(scaled)
    assert (plain.about, plain.evidence["deviations"]) == (other.about, other.evidence["deviations"])


def test_a_shift_puts_the_cell_in_doubt_until_it_is_over() -> None:
    watch = FeedWatch()
    watch.take(DETECTORS, CASES["feed-shift"])
    (doubt,) = watch.doubts
    assert (doubt.feed, doubt.cell) == ("medical", "420525")
    assert doubt.since <= (FROM + 3) * HOUR
    assert doubt.until is not None
    assert (FROM + 60) * HOUR <= doubt.until <= (FROM + 90) * HOUR


def test_counts_merge_in_any_order_and_survive_the_wire() -> None:
    one, other = CellCounter(), CellCounter()
    marks = np.random.default_rng(7).integers(0, 2**63, 300).astype(np.uint64)
    reported = np.zeros(300, dtype=np.int64)
    counties, codes = ["420525"], np.zeros(300, dtype=np.int64)
    values = np.full(300, 50.0)
    values[7] = np.nan
    one.add("taxes", counties, codes, reported, marks, values=values, refused=np.arange(300) < 3)
    other.add("taxes", counties, codes[:200], reported[:200], marks[:200], matched=np.arange(200) < 10)
    other.add("taxes", counties, codes[:0], reported[:0], marks[:0])
    (a,), (b,) = one.take(), other.take()
    assert (a.region, a.hour, a.deliveries, a.refused, a.values) == ("420525", 0, 300, 3, 299)
    assert a.distinct() == pytest.approx(300, rel=0.1)
    (left,), (right,) = decode(encode([a])), decode(encode([b]))
    left.merge(b)
    right.merge(a)
    assert left == right
    assert left.deliveries == 500
    assert left.distinct() == pytest.approx(300, rel=0.1)
    assert one.take() == []
    assert CellCounts("taxes", "420525", 0).distinct() == 0


def test_an_old_version_is_learned_anew() -> None:
    assert FeedWatch.decode(b"\x90\x00") == FeedWatch()
    assert FeedWatch.decode(None) == FeedWatch()


def test_scales_alone_are_watched_the_same_for_less() -> None:
    counts = hours(shift=range(FROM, FROM + 60), quiet=range(FROM + 100, FROM + 200))
    whole, scales = FeedWatch(), FeedWatch()
    told = [signal for signal in whole.take(DETECTORS, counts) if signal.source == "feed-shift"]
    assert scales.take({"feed-shift": DETECTORS["feed-shift"]}, counts) == told
    assert scales.doubts == whole.doubts != []
