"""How records travel: when they are reported, and what befalls them on the way (late, doubled, corrected, misspelt)."""

from collections.abc import Iterator
from random import Random

from monitor.simulation.almanac import (
    BATCH_HOURS,
    DAY,
    HOSPITAL_HOURS,
    OFFICE_HOURS,
    Span,
    hour_of_day,
    is_workday,
    next_workday,
)
from monitor.simulation.feeds import FEEDS, FeedPlan
from monitor.simulation.identity import broken, name_variant, other_name
from monitor.simulation.incidents import Incidents
from monitor.simulation.model import Household, Record, Value
from monitor.simulation.profile import Profile
from streams.moments import date_of, iso_month

_HOURS = {"office": OFFICE_HOURS, "hospital": HOSPITAL_HOURS, "batch": BATCH_HOURS}
Row = tuple[str, int, str]
"""Feed, moment of the report in seconds, line of the file."""


def send(household: Household, rng: Random, span: Span, profile: Profile) -> None:
    """Give every record its report; what happened or is reported outside the time is left out."""
    kept = []
    for number, record in enumerate(household.records):
        plan = FEEDS[record.feed]
        record.event = f"{plan.code}{household.index:x}-{number:x}"
        if not span.first <= record.day < span.end:
            continue
        record.reported = report_time(record, plan, rng, profile)
        if record.reported >= span.end * DAY:
            continue
        if record.natural:
            _misspell(record, rng, profile)
        kept.append(record)
    household.records = kept


def report_time(record: Record, plan: FeedPlan, rng: Random, profile: Profile) -> int:
    """When the source sends it: after the feed's usual delay, at its usual hours; sometimes much later."""
    day = record.day + rng.randint(*plan.delay) + record.hold
    if record.natural and rng.random() < profile.late:
        day += rng.randint(5, 40)
    if plan.rhythm != "hospital" and not is_workday(day) and rng.random() < 0.95:
        day = next_workday(day)
    moment = day * DAY + hour_of_day(_HOURS[plan.rhythm], rng)
    return max(moment, record.day * DAY + record.second + 60)


def _misspell(record: Record, rng: Random, profile: Profile) -> None:
    draw = rng.random()
    if draw < profile.wrong_name:
        record.name = other_name(record.person.name, rng.random())
    elif draw < profile.wrong_name + profile.wrong_number:
        record.wrong_number = True
    elif draw < profile.wrong_name + profile.wrong_number + profile.name_variant:
        record.name = name_variant(record.person.name, rng.random())
    elif draw > 0.9:
        record.name = ""


def rows(household: Household, rng: Random, span: Span, profile: Profile, incidents: Incidents) -> Iterator[Row]:
    """The lines that reach the files, with doubles, first versions that were wrong, and withdrawals."""
    county = household.county
    for record in household.records:
        plan = FEEDS[record.feed]
        shifted = incidents.at("feed-shift", record.feed, county, record.reported) is not None
        for reported, values, op in _versions(record, plan, rng, profile, shifted):
            sent = incidents.delivered(record.feed, county, reported)
            if sent >= span.end * DAY:
                continue
            spoilt = False
            if op == "" and incidents.at("feed-shift", record.feed, county, reported):
                again = incidents.resent(record.feed, county, reported, rng.random())
                if again < span.end * DAY:
                    yield record.feed, again, row(record, plan, county, again, values, op)
                values = scaled(plan, values, incidents.factor(record.feed, county, reported))
                spoilt = incidents.spoils(record.feed, county, reported, rng.random())
            yield record.feed, sent, row(record, plan, county, sent, values, op, spoilt)
            repeated = incidents.repeated(record.feed, county, sent)
            if repeated and repeated < span.end * DAY:
                yield record.feed, repeated, row(record, plan, county, sent, values, op)


def _versions(
    record: Record, plan: FeedPlan, rng: Random, profile: Profile, shifted: bool
) -> Iterator[tuple[int, dict[str, Value], str]]:
    """What is sent of one record, and when. What came in a shift is corrected by the shift's end, and not before."""
    first = record.reported
    if record.natural:
        if rng.random() < profile.doubled:
            yield first + rng.randint(60, 2 * DAY), record.values, ""
        if plan.amounts and plan.event_ids and not shifted and rng.random() < profile.corrected:
            yield first, scaled(plan, record.values, 0.93), ""
            first += rng.randint(DAY, 5 * DAY)
    yield first, record.values, ""
    if record.retracted_after is not None:
        yield first + record.retracted_after * DAY + rng.randrange(7200), record.values, "retract"


def scaled(plan: FeedPlan, values: dict[str, Value], factor: float) -> dict[str, Value]:
    """The values with every amount multiplied: a source that took yuan for fen."""
    return {
        key: round(value * factor, 2) if key in plan.amounts and not isinstance(value, str) else value
        for key, value in values.items()
    }


def row(
    record: Record, plan: FeedPlan, region: str, reported: int, values: dict[str, Value], op: str, spoilt: bool = False
) -> str:
    """One line of the feed's file; `spoilt`: with an identity number that must be refused."""
    person = record.person
    number = broken(person.id_number) if record.wrong_number or spoilt else _as_kept(record)
    name = person.name if record.name is None else record.name
    occurred = text_of_day(record.day)
    if record.second:
        occurred += text_of_second(record.second)
    head = [record.event] if plan.event_ids else []
    head += [number, name, occurred, text_of_moment(reported), region, plan.code, op]
    head += [_text(field, values.get(field, "")) for field in plan.fields]
    return ",".join(head)


def _as_kept(record: Record) -> str:
    """The identity number as some sources keep it: with a small x, or, in old hospitals' files, of 15 digits."""
    number = record.person.id_number
    if record.natural and record.feed == "medical" and record.day % 40 == 0 and number[6:8] == "19":
        return number[:6] + number[8:17]
    return number.lower() if record.natural and record.day % 3 == 0 else number


def _text(field: str, value: Value) -> str:
    if field == "period" and isinstance(value, int):
        return iso_month(value)
    if isinstance(value, float):
        return f"{value:.2f}"
    return str(value)


def text_of_day(day: int) -> str:
    """A day as ISO 8601."""
    return date_of(day).isoformat()


def text_of_second(second: int) -> str:
    """A second of the day, as it follows a date."""
    return f"T{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"


def text_of_moment(moment: int) -> str:
    """A moment as ISO 8601, without an offset: Shanghai's clock."""
    return text_of_day(moment // DAY) + text_of_second(moment % DAY)
