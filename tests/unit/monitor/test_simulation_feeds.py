"""Rhythms of the year, and what befalls a whole feed."""

from collections import Counter
from datetime import date
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from monitor.simulation import COUNTY, simulate
from monitor.simulation.almanac import DAY, Span, is_workday, next_workday, rates
from monitor.simulation.incidents import Incident, Incidents, plan
from streams.moments import day_number

YEAR = Span(date(2024, 1, 1), 731)


def test_offices_close_on_weekends_and_holidays() -> None:
    assert is_workday(day_number(date(2024, 3, 4)))
    closed = (date(2024, 3, 3), date(2024, 2, 12), date(2024, 10, 3), date(2025, 1, 29))
    assert not any(is_workday(day_number(day)) for day in closed)
    assert next_workday(day_number(date(2024, 10, 1))) == day_number(date(2024, 10, 8))


@pytest.mark.parametrize(("rhythm", "night"), [("office", 0.001), ("hospital", 0.1), ("batch", 0.5)])
def test_rates_follow_the_clock(rhythm: str, night: float) -> None:
    hourly = rates(YEAR, rhythm, monthly=False).reshape(YEAR.days, 24)
    assert hourly.sum() == pytest.approx(1)
    assert hourly[:, 0:5].sum() < night
    monday, sunday = day_number(date(2024, 3, 4)) - YEAR.first, day_number(date(2024, 3, 3)) - YEAR.first
    assert hourly[monday].sum() > hourly[sunday].sum()


def test_incidents_come_after_the_warm_up_and_never_close_to_each_other() -> None:
    incidents = plan(1, YEAR, ["420525"], 2000, COUNTY).all
    assert {incident.kind for incident in incidents} == {"feed-burst", "feed-silence", "feed-shift", "resend"}
    assert min(incident.since for incident in incidents) >= (YEAR.first + 183) * DAY
    for feed in {incident.feed for incident in incidents}:
        starts = sorted(incident.since for incident in incidents if incident.feed == feed)
        assert all(later - earlier > 10 * DAY for earlier, later in pairwise(starts))


def test_a_silence_holds_records_back_and_loses_none() -> None:
    silence = Incident("feed-silence", "medical", "420525", 1000 * DAY, 1001 * DAY, "faint")
    incidents = Incidents([silence])
    for moment in range(999 * DAY, 1002 * DAY, 3600):
        sent = incidents.delivered("medical", "420525", moment)
        assert sent >= moment
        assert not silence.since <= sent < silence.until
        assert incidents.delivered("taxes", "420525", moment) == moment


def test_a_shift_is_resent_when_it_is_over() -> None:
    shift = Incident("feed-shift", "medical", "420525", 1000 * DAY, 1003 * DAY, "plain")
    incidents = Incidents([shift])
    assert incidents.factor("medical", "420525", 1001 * DAY) == 100
    assert incidents.resent("medical", "420525", 1001 * DAY, 0.5) > shift.until
    assert incidents.factor("medical", "420525", shift.until) == 1
    refusing = Incidents([Incident("feed-shift", "medical", "420525", 1000 * DAY, 1003 * DAY, "plain", refusals=True)])
    assert refusing.factor("medical", "420525", 1001 * DAY) == 1
    assert refusing.spoils("medical", "420525", 1001 * DAY, 0.5)


def test_labelled_silences_and_bursts_are_in_the_files(tmp_path: Path) -> None:
    simulate(COUNTY, 600, 400, 5, tmp_path)
    incidents = plan(5, Span(date(2024, 1, 1), 400), ["420525"], 600, COUNTY)
    hours: dict[str, Counter[int]] = {}
    for incident in incidents.all:
        if incident.feed not in hours:
            lines = (tmp_path / "events" / f"{incident.feed}.csv").read_text(encoding="utf-8").splitlines()
            column = lines[0].split(",").index("reported_at")
            hours[incident.feed] = Counter(_hour(line.split(",")[column]) for line in lines[1:])
        seen = hours[incident.feed]
        inside = sum(seen[hour] for hour in range(incident.since // 3600, incident.until // 3600))
        if incident.kind == "feed-silence":
            assert inside == 0
        elif incident.kind == "feed-burst":
            week_before = range(incident.since // 3600 - 168, incident.until // 3600 - 168)
            assert inside > 1.5 * sum(seen[hour] for hour in week_before)


def _hour(text: str) -> int:
    return day_number(date.fromisoformat(text[:10])) * 24 + int(text[11:13])


def test_a_time_without_a_first_of_a_month_has_one_month() -> None:
    assert len(Span(date(2024, 3, 10), 5).months) == 1
    assert YEAR.first + 5 <= YEAR.some_day(Random(1)) < YEAR.end
