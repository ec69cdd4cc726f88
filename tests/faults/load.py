"""The load: a roster, and a fixed list of changes about it, whose effect can be known to the last revision.

Most households hear of changes of one feed in one partition only, so that they hear of them in one order, however
workers come and go: of these every single revision is known. The mixed ones hear of all feeds: of these what stands in
the end is known. Beacons get a new alert with each of their changes, one beacon for each partition of the messages
about households; they show how soon work goes on after a blow.

What a change costs grows with what its household has, so that larger loads have more households, and fewer changes of
the beacons.
"""

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from streams.moments import parse_day
from streams.roster import Grant, Line, Member
from streams.topics import partition_of
from tests.unit.streams.people import KEYS, number

PARTITIONS = 4
BEACONS = 8
_STRANGERS = 100_000
"""From this serial on nobody is on the roster."""


class Row(NamedTuple):
    """A department's record and the partition that it is published to."""

    feed: str
    partition: int
    value: dict[str, Any]
    household_id: str

    def encoded(self) -> bytes:
        """As it is published."""
        return json.dumps(self.value, ensure_ascii=False).encode()


class Household(NamedTuple):
    """A household of the load; `feeds` are those that report about it."""

    household_id: str
    county: str
    serials: tuple[int, ...]
    feeds: tuple[str, ...]


@dataclass(frozen=True)
class Load:
    """So many rows; the given share of them is about strangers. The same numbers make the same load."""

    rows: int = 2400
    strangers: float = 0.2
    seed: int = 1
    repeats: bool = True
    """Whether some are retracted or said twice."""
    households: int = 88
    beacon_each: int = 6
    """One in so many rows is a beacon's."""

    @property
    def name(self) -> str:
        """Tells it from other loads."""
        return "-".join(map(str, astuple(self)))

    @cached_property
    def changes(self) -> Sequence[Row]:
        """The rows in the order in which they are published."""
        return list(_changes(self))


_ONE_FEED = ("vehicles", "businesses", "properties", "public-posts", "subsidies", "custody")


def households(count: int) -> list[Household]:
    """Beacons first, then so many others: three of four hear of one feed only."""
    found = [_beacon(partition) for partition in range(BEACONS)]
    for serial in range(count):
        mixed = serial % 4 == 3
        persons = (100 + 2 * serial, 101 + 2 * serial)
        # A mixed household shares a person with the next mixed one.
        serials = (*persons, 100 + 2 * (serial + 4)) if mixed and serial + 4 < count else persons
        feeds = _ONE_FEED if mixed else (_ONE_FEED[serial % len(_ONE_FEED)],)
        found.append(Household(f"H-{serial:04d}", f"4205{serial % 23:02d}", serials, feeds))
    return found


def _beacon(partition: int) -> Household:
    """A household whose county's messages lie in the given partition."""
    county = next(code for code in (f"{code}" for code in range(530100, 530999)) if partition_of(code, 8) == partition)
    return Household(f"B-{partition}", county, (partition,), ("businesses",))


def _id_number(serial: int) -> str:
    """The identity number of the person of a serial."""
    return number(serial % 1000, born=date(1960, 5, 17) + timedelta(days=serial // 1000))


def roster(load: Load) -> Iterator[Line]:
    """The lines of a load's households; everybody has consented and receives dibao."""
    for household in households(load.households):
        members = tuple(
            Member(
                person=KEYS.pseudonym(_id_number(serial)),
                relation="head" if place == 0 else "other",
                declared_monthly_income=100.0,
            )
            for place, serial in enumerate(household.serials)
        )
        yield Line(
            household_id=household.household_id,
            region=f"{household.county}101003",
            as_of=parse_day("2026-01-01"),
            programs=(Grant(program="dibao", monthly_amount=900.0),),
            members=members,
            consent_until=parse_day("2027-12-31"),
        )


def _changes(load: Load) -> Iterator[Row]:
    """What is no beacon's is new, retracted or said twice."""
    chance = random.Random(load.seed)
    everybody = households(load.households)
    beacons, others = everybody[:BEACONS], everybody[BEACONS:]
    told: dict[str, list[Row]] = {household.household_id: [] for household in others}
    for serial in range(load.rows):
        if serial % load.beacon_each == 0:
            beacon = beacons[serial // load.beacon_each % BEACONS]
            yield _row(beacon, *beacon.feeds, 0, serial, chance)
        elif chance.random() < load.strangers:
            stranger = Household("", "420525", (_STRANGERS + chance.randrange(3000),), _ONE_FEED)
            yield _row(stranger, chance.choice(_ONE_FEED), 0, serial, chance)
        else:
            household = chance.choice(others)
            before = told[household.household_id] if load.repeats else []
            kind = chance.random()
            if before and kind < 0.15:
                yield _retraction(chance.choice(before), serial)
            elif before and kind < 0.25:
                yield chance.choice(before)
            else:
                before.append(_row(household, chance.choice(household.feeds), chance.randrange(2), serial, chance))
                yield before[-1]


def _row(household: Household, feed: str, member: int, serial: int, chance: random.Random) -> Row:
    day = f"2026-{chance.randrange(2, 6):02d}-{chance.randrange(1, 29):02d}"
    value = {
        "event_id": f"E-{serial:06d}",
        "id_number": _id_number(household.serials[member]),
        "occurred_at": day,
        "reported_at": f"2026-06-{1 + serial * 28 // 1_000_000:02d}",
        **_details(feed, serial, chance),
    }
    return Row(feed, partition_of(household.household_id or str(serial), PARTITIONS), value, household.household_id)


def _details(feed: str, serial: int, chance: random.Random) -> dict[str, Any]:
    """The feed's own fields; most make an alert of their own."""
    return {
        "vehicles": {"plate": f"X{serial:06d}", "vehicle_type": "car", "action": "registered"},
        "businesses": {
            "company_id": f"C{serial // 3:06d}",
            "role": "shareholder",
            "action": "registered",
            "registered_capital": chance.randrange(200_000),
        },
        "properties": {"property_id": f"P{serial:06d}", "use": "commercial", "action": "acquired"},
        "public-posts": {"employer": f"单位{serial:06d}", "action": "hired"},
        "subsidies": {"kind": "other", "amount": 2000 + chance.randrange(9000)},
        "custody": {"action": chance.choice(("imprisoned", "released"))},
    }[feed]


def _retraction(row: Row, serial: int) -> Row:
    return row._replace(value={**row.value, "op": "retract", "reported_at": f"2026-07-{1 + serial % 28:02d}"})


def comes_late(household_id: str) -> bool:
    """Whether the household is enrolled a moment before the first change about it, when everything runs."""
    return household_id.startswith("H-") and one_feed_only(household_id) and int(household_id[2:]) % 8 < 3


def one_feed_only(household_id: str) -> bool:
    """Whether every revision of the household's alerts is known, not only what stands in the end."""
    return household_id.startswith("B-") or int(household_id.removeprefix("H-")) % 4 != 3
