"""vehicle-owned and property-multiple: what is counted against what was declared (fact 8)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from tests.oracle.household import Household, Support
from tests.oracle.records import Record
from tests.oracle.roster import Line

COUNTED_VEHICLES = ("car", "truck", "other")


@dataclass(frozen=True)
class _Holding:
    """One beginning record and where it ends."""

    thing: str
    record: Record
    end: datetime | None

    def stands(self, at: datetime) -> bool:
        return self.record.occurred_at <= at and (self.end is None or at < self.end)

    def stood_before(self, at: datetime) -> bool:
        return self.record.occurred_at < at and (self.end is None or at <= self.end)


def vehicle_end(house: Household, record: Record) -> datetime | None:
    """The giver's transfer ends it (fact 8); scrapped ends the vehicle for every holder in the household."""
    transferred = house.end(record, house.of("vehicles", action="transferred"), ["plate"])
    scrapped = [
        other.occurred_at
        for other in house.of("vehicles", action="scrapped", plate=record["plate"])
        if other.occurred_at >= record.occurred_at
    ]
    return min(scrapped if transferred is None else [*scrapped, transferred], default=None)


def property_end(house: Household, record: Record) -> datetime | None:
    """The giver's disposal ends it."""
    return house.end(record, house.of("properties", action="disposed"), ["property_id"])


def vehicle_owned(house: Household) -> Iterator[Support]:
    """Cars, trucks and others of members exceed declared_vehicles; once per vehicle."""
    begins = [r for r in house.of("vehicles", action="registered") if r["vehicle_type"] in COUNTED_VEHICLES]
    holdings = [_Holding(r["plate"], r, vehicle_end(house, r)) for r in begins]
    endings = [
        r
        for r in house.of("vehicles")
        if r["action"] in ("transferred", "scrapped") and r["vehicle_type"] in COUNTED_VEHICLES
    ]
    for line in house.lines:
        for record, moment in _above(house, line, holdings, endings, "plate", line.vehicles, line.vehicles):
            yield Support("vehicle-owned", (record["plate"],), record, line, moment, "high")


def property_multiple(house: Household) -> Iterator[Support]:
    """Residential properties of members exceed max(1, declared_properties); once per property."""
    holdings = [
        _Holding(r["property_id"], r, property_end(house, r))
        for r in house.of("properties", action="acquired", use="residential")
    ]
    endings = house.of("properties", action="disposed", use="residential")
    for line in house.lines:
        limit = max(1, line.properties)
        for record, moment in _above(house, line, holdings, endings, "property_id", line.properties, limit):
            yield Support("property-multiple", (record["property_id"],), record, line, moment, "high")


def _above(
    house: Household,
    line: Line,
    everybodys: Sequence[_Holding],
    endings: Sequence[Record],
    thing_field: str,
    declared: int,
    limit: int,
) -> Iterator[tuple[Record, datetime]]:
    """Fact 8: "each one whose beginning (or `as_of`) brings the count above the limit raises"."""
    if not line.active or not line.consents_on(line.as_of):
        return
    members = [h for h in everybodys if line.lists(h.record.person, co_resident=True)]
    # what began and ended at once never stood
    holdings = [h for h in members if not house.silenced(h.record) and h.end != h.record.occurred_at]
    endings = [r for r in endings if line.lists(r.person, co_resident=True)]

    raised: set[str] = set()
    before = [h for h in holdings if h.record.occurred_at < line.start and h.stands(line.start)]
    first = {h.thing: min(o.record.order for o in before if o.thing == h.thing) for h in before}
    for holding in before:  # of what stood before, what began first counts first
        if sum(began <= first[holding.thing] for began in first.values()) > limit:
            raised.add(holding.thing)
            yield holding.record, line.start

    balance = declared  # declared + begun since `as_of` - ended since `as_of`
    begins_and_ends = [h.record.occurred_at for h in holdings] + [h.end for h in holdings if h.end]
    instants = {at for at in [*begins_and_ends, *(r.occurred_at for r in endings)] if at >= line.start}
    for at in sorted(at for at in instants if line.end is None or at < line.end):
        stood = {h.thing for h in holdings if h.stood_before(at)}
        stand = {h.thing for h in holdings if h.stands(at)}
        balance += (
            len(stand - stood) - len(stood - stand) - len(_unknown(endings, members, line.start, at, thing_field))
        )
        raised -= stood - stand
        above = max(len(stand), balance) > limit
        for holding in holdings:
            begins = holding.record.occurred_at == at
            new = holding.thing not in stood
            if begins and house.reading(holding.record) == line and (above if new else holding.thing in raised):
                raised.add(holding.thing)
                yield holding.record, at


def _unknown(
    endings: Sequence[Record], known: Sequence[_Holding], since: datetime, at: datetime, thing_field: str
) -> set[str]:
    """What ended at that instant though no record ever told of its beginning: it was among what was declared."""
    ended = {r[thing_field] for r in endings if r.occurred_at == at}
    ended_before = {r[thing_field] for r in endings if since <= r.occurred_at < at}
    known_before = {h.thing for h in known if h.record.occurred_at < at}
    begun_and_ended_at_once = {h.thing for h in known if h.record.occurred_at == at == h.end}
    return ended - ended_before - known_before - begun_and_ended_at_once
