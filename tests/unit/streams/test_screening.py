"""Screening: who on the roster is concerned, and that every household ends with the latest version of an event."""

import itertools
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.changes import Change
from streams.concealing import reveal
from streams.decoding import FeedDecoder
from streams.ledger import alters
from streams.roster_filter import RosterFilter
from streams.screening import (
    EventMemory,
    Held,
    Home,
    Match,
    Origin,
    deliveries,
    event_key,
    screen,
    standing_version,
    suspects,
)
from tests.unit.streams.people import KEYS, NOW, as_json, number, record

HOMES = {
    KEYS.pseudonym(number(1)): (Home("H-1", "420525"),),
    KEYS.pseudonym(number(2)): (Home("H-2", "420526"),),
    KEYS.pseudonym(number(3)): (Home("H-2", "420526"), Home("H-3", "420525")),
}


def show(change: Change) -> Any:
    return reveal(change, KEYS)


def screened(feed: str, *records: dict[str, Any], roster_filter: RosterFilter | None = None) -> list[Match]:
    batch = FeedDecoder(feed, KEYS).decode([as_json(given) for given in records], [NOW] * len(records)).batch
    named = suspects(batch, roster_filter)
    return screen(batch, named, {person: HOMES[person] for person in named if person in HOMES})


def households(match: Match) -> list[str]:
    return [home.household_id for home in match.homes]


@pytest.mark.parametrize("filtered", [True, False])
def test_strangers_are_dropped_and_everybody_named_counts(filtered: bool) -> None:
    roster = RosterFilter()
    roster.add(HOMES)
    matches = screened(
        "marriages",
        record("marriages", 50, spouse_id_number=number(51)),
        record("marriages", 50, spouse_id_number=number(1)),
        record("marriages", 1, spouse_id_number=number(3)),
        record("marriages", 2, action="nonsense", spouse_id_number=None),
        record("marriages", 3, spouse_id_number=number(2)),
        roster_filter=roster if filtered else None,
    )
    assert [(match.record, households(match)) for match in matches] == [
        (1, ["H-1"]),
        (2, ["H-1", "H-2", "H-3"]),
        (4, ["H-2", "H-3"]),
    ]


def test_a_birth_is_found_through_its_parent() -> None:
    (match,) = screened("household-register", record("household-register", 60, related_id_number=number(1)))
    assert households(match) == ["H-1"]
    assert match.change.person == KEYS.pseudonym(number(60))


def test_a_delivery_says_where_it_came_from_and_for_which_county() -> None:
    (match,) = screened("deaths", record("deaths", 3))
    found, stale = deliveries(match, None, lambda n: Origin(f"c-{n}", 7), show)
    assert [(d.message.household_id, d.county) for d in found] == [("H-2", "420526"), ("H-3", "420525")]
    assert {(d.message.correlation_id, d.message.published_at) for d in found} == {("c-0", 7)}
    assert not stale


class Households:
    """What each household is told, and what stands for it: the store and the ledgers in a few lines."""

    def __init__(self, held: Any) -> None:
        self.hold = held
        self.standing: dict[str, Change | None] = {}
        self.retracted: set[str] = set()

    def arrive(self, match: Match) -> None:
        key = event_key(match.change, KEYS)
        held = self.hold(key, match) if key else None
        for delivery in deliveries(match, held, lambda n: Origin("", 0), show)[0]:
            household, change = delivery.message.household_id, delivery.message.change
            known = self.standing.setdefault(household, None)
            if alters(change, known, household in self.retracted, show):
                self.standing[household] = None if change.op == "retract" else change
            if change.op == "retract":
                self.retracted.add(household)


class GrowingStore:
    """Keeps every version, as the live store may."""

    def __init__(self) -> None:
        self.held: dict[str, Held] = {}

    def hold(self, key: str, match: Match) -> Held:
        before = self.held.get(key, Held(frozenset(), ()))
        others = tuple(version for version in before.versions if version != match.change)
        self.held[key] = Held(before.homes | frozenset(match.homes), (*others, match.change))
        return self.held[key]


def held_anew(store: str) -> Any:
    return EventMemory(show).hold if store == "memory" else GrowingStore().hold


VERSIONS = [
    record("deaths", 1, event_id="E", reported_at="2026-06-02"),
    record("deaths", 2, event_id="E", reported_at="2026-06-03"),
    record("deaths", 3, event_id="E", reported_at="2026-06-03", certificate_no="2"),
    record("deaths", 1, event_id="E", reported_at="2026-06-01"),
]


@pytest.mark.parametrize("store", ["memory", "growing"])
@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_whatever_the_order_every_household_ends_with_the_latest_version(store: str, order: Sequence[int]) -> None:
    matches = screened("deaths", *VERSIONS)
    latest = standing_version([match.change for match in matches], show)
    world = Households(held_anew(store))
    for n in order:
        world.arrive(matches[n])
    assert world.standing == dict.fromkeys(["H-1", "H-2", "H-3"], latest)


@pytest.mark.parametrize("store", ["memory", "growing"])
@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_a_retraction_reaches_every_household_that_was_told(store: str, order: Sequence[int]) -> None:
    matches = screened("deaths", *VERSIONS[:2], record("deaths", 2, event_id="E", op="retract"))
    world = Households(held_anew(store))
    for n in order:
        world.arrive(matches[n])
    assert not any(world.standing.values())
    assert set(world.standing) == {"H-1", "H-2"}


def test_versions_that_were_replaced_are_stale() -> None:
    old, new, *_ = screened("deaths", *VERSIONS)
    held = Held(frozenset(old.homes + new.homes), (old.change, new.change))
    assert deliveries(new, held, lambda n: Origin("", 0), show)[1] == [old.change]
    assert deliveries(old, held, lambda n: Origin("", 0), show)[1] == [old.change]


def test_a_derived_event_is_not_held() -> None:
    (match,) = screened("deaths", record("deaths", 1, event_id=None))
    assert event_key(match.change, KEYS) == ""


@given(st.lists(st.sampled_from(VERSIONS), min_size=1, max_size=6))
def test_repeated_versions_change_nothing(given: list[dict[str, Any]]) -> None:
    matches = screened("deaths", *given)
    once, twice = Households(EventMemory(show).hold), Households(EventMemory(show).hold)
    for match in matches:
        once.arrive(match)
        twice.arrive(match)
        twice.arrive(match)
    assert once.standing == twice.standing
