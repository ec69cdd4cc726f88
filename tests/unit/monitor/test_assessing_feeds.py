"""Feeds are watched where messages about households are assessed: what is said survives any death of a worker."""

import asyncio
from collections.abc import Sequence
from typing import Any, cast

import pytest
from faust.types import TP

from detectors.alerts import Alert, decode
from detectors.cells import CellCounts
from detectors.cells import encode as encode_cells
from detectors.settings import load_detectors
from monitor.assessment import Assessor, Keyring
from monitor.worker.assessing import AssessmentAgent
from streams.concealing import reveal
from streams.memory_store import MemoryStore
from streams.messages import Counted, Doubted, HouseholdMessage, Matched, Reached, RosterNote, encode
from streams.messages import decode as decode_message
from streams.moments import DAY, HOUR, SECOND, day_of, day_start, iso, iso_month, month_start, parse_instant
from streams.packing import pack
from streams.publishing import Publisher
from streams.topics import ALERTS, HOUSEHOLD_CHANGES
from tests import plain
from tests.engine import RULES
from tests.unit.detectors.street import CONFIGS
from tests.unit.detectors.test_feed_watch import BEGIN, FROM, WEEKS, hours
from tests.unit.streams.doubles import Counted as Counts
from tests.unit.streams.doubles import Heard, Published, fetched
from tests.unit.streams.people import KEYS

HERE = TP(HOUSEHOLD_CHANGES, 1)
DETECTORS = load_detectors(CONFIGS)


class Worker:
    """Agents on one store, each new one as after a death of the former."""

    def __init__(self) -> None:
        self.store, self.published, self.counts = MemoryStore(), Published(), Counts()
        asyncio.run(self.store.mark())
        self.read = 0
        self.broken: list[str] = []
        self.restart()

    def restart(self) -> None:
        keyring = Keyring(KEYS.id, lambda change: reveal(change, KEYS))
        assessor = Assessor(RULES, keyring, DETECTORS)
        self.agent = AssessmentAgent(
            lambda: assessor,
            KEYS,
            self.store,
            cast(Publisher, self.published),
            self.counts,
            Heard(),
            lambda: 1_800_000_000 * SECOND,
            lambda _where, error: self.broken.append(repr(error)),
            lambda _county, _population: None,
            3,
        )

    def take(self, messages: Sequence[HouseholdMessage]) -> None:
        asyncio.run(self.agent.handle(HERE, fetched(HERE, [encode(one) for one in messages], self.read)))
        self.read += len(messages)
        assert self.broken == []

    def alerts(self) -> list[Alert]:
        return [decode(one.value) for one in self.published.to(ALERTS)]


def counted(counts: Sequence[CellCounts], at: int) -> Counted:
    return Counted(
        at=at, cells=pack(encode_cells(list(counts))), done={"medical": 1, "taxes": 1}, until=at, partitions=2
    )


def by_day(cells: Sequence[CellCounts]) -> list[Counted]:
    """What a worker would report, were it to report once a day."""
    days: dict[int, list[CellCounts]] = {}
    for cell in cells:
        days.setdefault(cell.hour // 24, []).append(cell)
    return [counted(days.get(day, []), (day + 1) * DAY + HOUR) for day in range(BEGIN // 24, BEGIN // 24 + WEEKS * 7)]


CASES = {
    "feed-silence": hours(quiet=range(FROM, FROM + 30)),
    "feed-burst": hours(burst=range(FROM, FROM + 3)),
    "feed-shift": hours(shift=range(FROM, FROM + 60)),
}


@pytest.mark.parametrize("source", CASES)
def test_a_killed_worker_goes_on_with_the_same_scores(source: str) -> None:
    """Watched in one life, and in one life for every week."""
    reports = by_day(CASES[source])
    steady, mortal = Worker(), Worker()
    steady.take(reports)
    for start in range(0, len(reports), 7):
        mortal.restart()
        mortal.take(reports[start : start + 7])
    assert [one.value for one in steady.published.messages] == [one.value for one in mortal.published.messages]
    alert, *over = steady.alerts()
    assert (alert.source, alert.household_id, alert.region, alert.feeds) == (source, None, "420525", ("medical",))
    sent = steady.published.to(ALERTS)[0]
    assert (sent.key, sent.headers) == ("medical", [("correlation_id", b"")])
    assert steady.counts.counts["alert", source] == 1 + len(over)
    # A burst has been; of what lasts, a revision says until when.
    assert [(one.alert_id, one.revision, one.status) for one in over] == [(alert.alert_id, 2, "raised") for _ in over]
    until = [parse_instant(one.evidence["until"]) // HOUR - FROM for one in over]
    assert len(until) == (source != "feed-burst")
    assert all(30 <= hours_ <= 90 for hours_ in until)


def test_doubts_go_to_the_households_of_every_partition() -> None:
    worker = Worker()
    worker.take(by_day(CASES["feed-shift"]))
    told = worker.published.to(HOUSEHOLD_CHANGES)
    assert [one.partition for one in told] == [0, 1, 2] * 2
    begun, over = (cast(Doubted, decode_message(told[place].value)) for place in (0, 3))
    assert (begun.feed, begun.cell, begun.until) == ("medical", "420525", None)
    assert (over.since, over.until is not None) == (begun.since, True)


def note() -> RosterNote:
    household = {
        "household_id": "H-1", "region": "420525101003", "as_of": "2020-01-01", "consent_until": "2099-12-31",
        "programs": [{"program": "dibao"}], "members": [{"id_number": "father"}],
    }  # fmt: skip
    return RosterNote(household_id="H-1", version=1, line=plain.line(household))


def test_a_doubt_reaches_what_was_said_before_and_what_is_said_after() -> None:
    worker = Worker()

    def bill(event: str, day: str) -> Matched:
        given = {
            "id_number": "father", "event_id": event, "occurred_at": day, "reported_at": day,
            "region": "420500", "total_cost": 900_000, "out_of_pocket": 300_000,
        }  # fmt: skip
        return Matched(household_id="H-1", change=plain.change("medical", given))

    since = day_start(day_of(month_start(2026 * 12)))
    doubt = Doubted(feed="medical", cell="420500", since=since)
    worker.take([note(), bill("a", "2026-01-05"), doubt, bill("b", "2026-01-06")])
    worker.restart()
    worker.take([Doubted(feed="medical", cell="420500", since=since, until=since + 9 * DAY)])
    said = [(one.source, one.revision, one.evidence.get("feed_doubtful")) for one in worker.alerts()]
    shown: dict[str, Any] = {"feed": "medical", "region": "420500", "since": iso(since)}
    assert said == [
        ("catastrophic-medical", 1, None),
        ("catastrophic-medical", 2, [shown]),
        ("catastrophic-medical", 3, [{**shown, "until": iso(since + 9 * DAY)}]),
    ]


def test_progress_counts_distinct_records_over_batches_and_lives() -> None:
    worker = Worker()
    worker.take([note()])
    for start in range(0, 20, 5):
        worker.restart()
        marks = tuple((20_000, mark) for mark in range(start, start + 5))
        worker.take([Reached(county="420525", feed="taxes", marks=marks)] * 2)
        part = asyncio.run(worker.store.load_part(HERE.partition, ["population:420525"]))
        assert (b"\xa5taxes\xcd\x4e\x20" in part.values[0]) == (start == 15)


def enrolled(serial: int) -> RosterNote:
    household = {
        "household_id": f"H-{serial}", "region": "420525101003", "as_of": "2022-01-01", "consent_until": "2099-12-31",
        "programs": [{"program": "medical"}], "members": [{"id_number": f"person {serial}"}],
    }  # fmt: skip
    return RosterNote(household_id=f"H-{serial}", version=1, line=plain.line(household))


def wage(serial: int, month: int) -> Matched:
    text = iso_month(2023 * 12 + month)
    given = {
        "id_number": f"person {serial}", "event_id": f"s-{serial}-{month}", "region": "420525101003",
        "occurred_at": f"{text}-10", "reported_at": f"{text}-12", "employer": f"works {serial % 3}",
        "base": 3000 + serial, "period": text, "kind": "employee", "status": "paid",
    }  # fmt: skip
    return Matched(household_id=f"H-{serial}", change=plain.change("social-insurance", given))


def test_pay_that_stops_is_noticed_by_the_twentieth_record_of_anybody() -> None:
    """Nobody reports it: strangers' records of the county's feed tell that three months have come without it."""
    worker = Worker()
    people = range(40)
    worker.take([enrolled(serial) for serial in people])
    worker.take([wage(serial, month) for month in range(15) for serial in people if serial or month < 11])
    assert [alert for alert in worker.alerts() if alert.source == "income-drop"] == []
    day = day_of(month_start(2023 * 12 + 14)) + 20
    marks = tuple((day, mark) for mark in range(19))
    worker.take([Reached(county="420525", feed="social-insurance", marks=marks)])
    worker.take([Reached(county="420525", feed="social-insurance", marks=((day, 5),))] * 9)
    worker.take([Reached(county="110101", feed="social-insurance", marks=((day, 77),))])
    assert [alert for alert in worker.alerts() if alert.source == "income-drop"] == []
    worker.restart()
    worker.take([Reached(county="420525", feed="social-insurance", marks=((day, 77),))])
    (alert,) = [alert for alert in worker.alerts() if alert.source == "income-drop"]
    assert (alert.household_id, alert.direction, alert.evidence["missing"]) == (
        "H-0", "help", ["2023-12", "2024-01", "2024-02"],
    )  # fmt: skip
