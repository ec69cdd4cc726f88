"""Rules about circumstances that last: deaths, companies, posts, custody, disability, and supporters' means."""

from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction

from tests.oracle.holdings import COUNTED_VEHICLES, property_end, vehicle_end
from tests.oracle.household import Household, Support
from tests.oracle.records import Record


def death_receiving(house: Household) -> Iterator[Support]:
    """A member dies while the household holds any programme, or is listed although dead; once per person.

    Not when the dead was a supporter; critical with dibao or tekun, else high.
    """
    for record in house.of("deaths"):
        for line, moment in house.moments(record, co_resident=True):
            severity = "critical" if {"dibao", "tekun"} & set(line.programs) else "high"
            yield Support("death-receiving", (record.person,), record, line, moment, severity)


def breadwinner_death(house: Household) -> Iterator[Support]:
    """The dead member's own declaration was >= half of those (> 0) of the co-resident members living before.

    And others remain. It fires also for a dead person still listed with an income.
    """
    for record in house.of("deaths"):
        for line, moment in house.moments(record, co_resident=True):
            living_before = [
                member
                for member in line.co_residents
                if house.deaths.get(member.person, record.occurred_at) >= record.occurred_at
                or member.person == record.person
            ]
            total = sum((member.declared for member in living_before), Fraction(0))
            remain = any(m.person != record.person and house.living(m.person, moment) for m in line.co_residents)
            if total > 0 and line.members[record.person].declared * 2 >= total and remain:
                yield Support("breadwinner-death", (record.person,), record, line, moment, "high")


def property_commercial(house: Household) -> Iterator[Support]:
    """A member acquires a commercial property; once per property."""
    for record in house.of("properties", action="acquired", use="commercial"):
        for line, moment in house.moments(record, co_resident=True, end=property_end(house, record)):
            yield Support("property-commercial", (record["property_id"],), record, line, moment, "high")


def business_owner(house: Household) -> Iterator[Support]:
    """A member is registered in any role; once per company. Not when cancelled on the same day."""
    for record in house.of("businesses", action="registered"):
        if _cancelled_on_its_day(house, record):
            continue
        severity = "high" if record.amount("registered_capital") >= 100_000 else "medium"
        for line, moment in house.moments(record, co_resident=True, end=_company_end(house, record)):
            yield Support("business-owner", (record["company_id"],), record, line, moment, severity)


def _company_end(house: Household, record: Record) -> datetime | None:
    """Fine print: cancelled by the same person for the same company, in whatever role."""
    return house.end(record, house.of("businesses", action="cancelled"), ["company_id"])


def _cancelled_on_its_day(house: Household, record: Record) -> bool:
    return any(
        other.person == record.person and other.day == record.day
        for other in house.of("businesses", action="cancelled", company_id=record["company_id"])
    )


def public_posts(house: Household) -> Iterator[Support]:
    """public-post-coresident: a member is hired; public-post-relative: a supporter is; once per employer."""
    left = house.of("public-posts", action="left")
    for record in house.of("public-posts", action="hired"):
        end = house.end(record, left, ["employer"])
        about = (record.person, record["employer"])
        for line, moment in house.moments(record, co_resident=True, end=end):
            yield Support("public-post-coresident", about, record, line, moment, "high")
        for line, moment in house.moments(record, co_resident=False, end=end):
            yield Support("public-post-relative", about, record, line, moment, "low")


def member_in_custody(house: Household) -> Iterator[Support]:
    """A member is imprisoned; once per person and day."""
    for record in house.of("custody", action="imprisoned"):
        for line, moment in house.moments(record, co_resident=True, end=custody_end(house, record)):
            about = (record.person, record.day.isoformat())
            yield Support("member-in-custody", about, record, line, moment, "high")


def custody_end(house: Household, record: Record) -> datetime | None:
    """The person's next release."""
    return house.end(record, house.of("custody", action="released"), [])


def severe_disability(house: Household) -> Iterator[Support]:
    """Grade 1 or 2 is certified where the roster has none or a milder one; once per person."""
    for record in house.of("disabilities", action="certified"):
        end = house.end(record, house.of("disabilities", action="revoked"), [])
        for line, moment in house.moments(record, co_resident=True, end=end):
            grade, on_roster = int(record["grade"]), line.members[record.person].grade
            if grade in (1, 2) and (on_roster is None or on_roster > grade):
                yield Support("severe-disability", (record.person,), record, line, moment, "medium")


def supporter_means(house: Household) -> Iterator[Support]:
    """A supporter registers a car, truck or other (vehicle), acquires property (property), becomes

    legal_representative or shareholder (business), or is paid an employee base >= high_base (contribution); once per
    person and kind; not a company cancelled on the same day.
    """
    for kind, record, end in _means(house):
        for line, moment in house.moments(record, co_resident=False, end=end):
            yield Support("supporter-means", (record.person, kind), record, line, moment, "low")
    for record in house.of("social-insurance", kind="employee", status="paid"):
        line_then = house.read_of(record, co_resident=False)
        if line_then is None:
            continue
        if record.amount("base") >= house.standard("high_base", line_then.region, record.occurred_at):
            about = (record.person, "contribution")
            yield Support("supporter-means", about, record, line_then, record.occurred_at, "low")


def _means(house: Household) -> Iterator[tuple[str, Record, datetime | None]]:
    for record in house.of("vehicles", action="registered"):
        if record["vehicle_type"] in COUNTED_VEHICLES:
            yield "vehicle", record, vehicle_end(house, record)
    for record in house.of("properties", action="acquired"):
        yield "property", record, property_end(house, record)
    for record in house.of("businesses", action="registered"):
        owns = record["role"] in ("legal_representative", "shareholder")
        if owns and not _cancelled_on_its_day(house, record):
            yield "business", record, _company_end(house, record)


_BEGINNINGS = {
    "deaths": "",
    "vehicles": "registered",
    "properties": "acquired",
    "businesses": "registered",
    "public-posts": "hired",
    "custody": "imprisoned",
    "disabilities": "certified",
}


def begins_lasting(record: Record) -> bool:
    """The record begins a fact that stands until something ends it (fact 2)."""
    return record.feed in _BEGINNINGS and record["action"] == _BEGINNINGS[record.feed]


def end_of(house: Household, record: Record) -> datetime | None:
    """What ends the fact that a record begins; a death never ends."""
    if record.feed == "vehicles":
        return vehicle_end(house, record)
    if record.feed == "properties":
        return property_end(house, record)
    if record.feed == "businesses":
        return _company_end(house, record)
    if record.feed == "custody":
        return custody_end(house, record)
    if record.feed == "public-posts":
        return house.end(record, house.of("public-posts", action="left"), ["employer"])
    if record.feed == "disabilities":
        return house.end(record, house.of("disabilities", action="revoked"), [])
    return None
