"""Rules about things that happen: single records, judged by the line in force when they occurred."""

from collections.abc import Iterator
from datetime import datetime

from tests.oracle import clock
from tests.oracle.household import Household, Support
from tests.oracle.lasting import begins_lasting, end_of
from tests.oracle.records import Record
from tests.oracle.roster import Line


def _at_once(source: str, about: tuple[str, ...], record: Record, line: Line, severity: str) -> Support:
    return Support(source, about, record, line, record.occurred_at, severity)


def formal_employment(house: Household) -> Iterator[Support]:
    """A paid employee contribution whose base exceeds twice the member's declared income; once per employer."""
    for record in house.of("social-insurance", kind="employee", status="paid"):
        line = house.read_of(record)
        if line is not None and record.amount("base") > 2 * line.declared_of(record.person):
            yield _at_once("formal-employment", (record.person, record["employer"]), record, line, "medium")


def housing_fund_paid(house: Household) -> Iterator[Support]:
    """A paid record whose base exceeds the member's declared income; once per employer."""
    for record in house.of("housing-fund", status="paid"):
        line = house.read_of(record)
        if line is not None and record.amount("base") > line.declared_of(record.person):
            yield _at_once("housing-fund-paid", (record.person, record["employer"]), record, line, "medium")


def retirement_pension(house: Household) -> Iterator[Support]:
    """A pension >= dibao_line and above the member's declared income; once per person."""
    for record in house.of("pensions"):
        line = house.read_of(record)
        if line is None:
            continue
        least = house.standard("dibao_line", line.region, record.occurred_at)
        if record.amount("amount") >= least and record.amount("amount") > line.declared_of(record.person):
            yield _at_once("retirement-pension", (record.person,), record, line, "medium")


def marriage_changed(house: Household) -> Iterator[Support]:
    """A member marries or divorces; once per couple, action and day, also when both sides report it.

    A record without `spouse_id_number` is about its person alone.
    """
    for record in house.of("marriages"):
        line = house.reading(record)
        couple = sorted({record.person, record.spouse} - {""})
        if line is not None and any(line.lists(person, co_resident=True) for person in couple):
            about = (*couple, record["action"], record.day.isoformat())
            yield _at_once("marriage-changed", about, record, line, "medium")


def moved_away(house: Household) -> Iterator[Support]:
    """A member moves out to another county than the household's (first 6 digits differ, or `to_region` is empty),

    or the registration is cancelled; once per person and day; not when the person died on that day or earlier.
    """
    for record in house.of("household-register"):
        line = house.read_of(record)
        if line is None or _died_by_that_day(house, record):
            continue
        if record["action"] == "cancelled" or (record["action"] == "moved_out" and not _within_county(record, line)):
            yield _at_once("moved-away", (record.person, record.day.isoformat()), record, line, "medium")


def _died_by_that_day(house: Household, record: Record) -> bool:
    death = house.deaths.get(record.person)
    return death is not None and clock.day(death) <= record.day


def _within_county(record: Record, line: Line) -> bool:
    return record["to_region"] != "" and record["to_region"][:6] == line.region[:6]


def household_size_changed(house: Household) -> Iterator[Support]:
    """A child is born to a member; a moved_in names a member; a member moves out within the county.

    Once per person and day; the person is the record's `id_number`.
    """
    for record in house.of("household-register"):
        line = house.reading(record)
        if line is None:
            continue
        fires = {
            "born": line.lists(record.related, co_resident=True),
            "moved_in": any(line.lists(person, co_resident=True) for person in record.persons),
            "moved_out": line.lists(record.person, co_resident=True) and _within_county(record, line),
            "cancelled": False,
        }
        if fires[record["action"]]:
            yield _at_once("household-size-changed", (record.person, record.day.isoformat()), record, line, "low")


def released_from_custody(house: Household) -> Iterator[Support]:
    """A member is released; once per person and day."""
    for record in house.of("custody", action="released"):
        line = house.read_of(record)
        if line is not None:
            about = (record.person, record.day.isoformat())
            yield _at_once("released-from-custody", about, record, line, "medium")


def job_lost(house: Household) -> Iterator[Support]:
    """An employee contribution of period P stops for a member whom that employer paid in any of P-3 to P-1.

    Once per employer; not when another employer pays P or P+1.
    """
    paid = [
        record
        for record in house.of("social-insurance", kind="employee", status="paid")
        if house.read_of(record, co_resident=None) is not None
    ]
    for record in house.of("social-insurance", kind="employee", status="stopped"):
        line, period = house.read_of(record), record.period
        if line is None or period is None:
            continue
        of_person = [(other["employer"], other.period) for other in paid if other.person == record.person]
        paid_before = any((record["employer"], period - back) in of_person for back in (1, 2, 3))
        elsewhere = any(e != record["employer"] and p in (period, period + 1) for e, p in of_person)
        if paid_before and not elsewhere:
            yield _at_once("job-lost", (record.person, record["employer"]), record, line, "medium")


def identity_mismatch(house: Household) -> Iterator[Support]:
    """The record's name differs from the roster's; members and supporters; once per person and differing name."""
    for record in house.records:
        for line, moment in _readings(house, record):
            if name_differs(record, line):
                yield Support("identity-mismatch", (record.person, record.name), record, line, moment, "low")


def _readings(house: Household, record: Record) -> Iterator[tuple[Line, datetime]]:
    """When a data rule reads a record: as it occurs, and where it begins a lasting fact, where that counts later."""
    line = house.read_of(record, co_resident=None)
    if line is not None:
        yield line, record.occurred_at
    if begins_lasting(record):
        yield from house.moments(record, co_resident=None, end=end_of(house, record))


def name_differs(record: Record, line: Line) -> bool:
    """Fact 11, a doubtful match: both have a name for the record's `id_number`, and not the same one (fact 3)."""
    member = line.members.get(record.person)
    return member is not None and bool(record.name) and bool(member.name) and record.name != member.name


def activity_after_death(house: Household) -> Iterator[Support]:
    """A change whose `id_number` died on an earlier day, whichever arrives first; once per person.

    Members and supporters. Not: deaths, medical, a `period` not after the month of death; transferred, disposed,
    scrapped, cancelled, stopped, moved_out.
    """
    endings = {"transferred", "disposed", "scrapped", "cancelled", "stopped", "moved_out"}
    for record in house.records:
        if not house.silenced(record):
            continue
        excused = record.feed in ("deaths", "medical") or {record["action"], record["status"]} & endings
        period_excused = record.period is not None and record.period <= house.month_of_death(record.person)
        if excused or period_excused:
            continue
        line = house.line_at(record.occurred_at)
        if line is not None and line.active and line.consents_on(record.day) and line.lists(record.person):
            yield _at_once("activity-after-death", (record.person,), record, line, "high")
        if begins_lasting(record):
            for later, as_of in house.counted_at_as_of(record, co_resident=None, end=end_of(house, record)):
                yield Support("activity-after-death", (record.person,), record, later, as_of, "high")
