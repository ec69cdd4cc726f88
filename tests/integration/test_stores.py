"""The stores behave alike: memory, a real server, a real cluster."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from redis import Redis

from streams.changes import Change
from streams.memory_store import MemoryStore
from streams.redis_store import RedisStore, open_redis
from streams.roster import Membership
from streams.screening import Found, Held, Home, Match
from streams.store import EmptyStoreError, Listing, Part, Place, Saving, Store, Versioned
from tests.integration.clusters import ValkeyCluster

pytestmark = pytest.mark.parts
Check = Callable[[Store], Awaitable[None]]


@pytest.fixture(params=["memory", "server", "cluster"])
def on_store(request: pytest.FixtureRequest) -> Callable[[Check], None]:
    """Runs a check on a store that holds nothing."""

    def run(check: Check) -> None:
        async def with_store() -> None:
            store: Store
            if request.param == "memory":
                store = MemoryStore()
            else:
                fixture = "redis_url" if request.param == "server" else "redis_cluster_url"
                store = RedisStore(await open_redis(request.getfixturevalue(fixture)))
            try:
                await check(store)
            finally:
                await store.close()

        asyncio.run(with_store())

    return run


def test_a_store_without_its_marker_answers_nothing(on_store: Callable[[Check], None]) -> None:
    async def check(store: Store) -> None:
        for lookup in (store.homes(["p"], "t"), store.load(["k"]), store.places(["p"]), store.applied("t")):
            with pytest.raises(EmptyStoreError):
                await lookup
        await store.mark()
        assert await store.homes(["p"], "t") == Found([[]], {})

    on_store(check)


def test_one_master_of_a_cluster_that_loses_what_it_holds_is_noticed(redis_cluster: ValkeyCluster) -> None:
    """Its members would look like strangers, though the others still answer."""

    async def check() -> None:
        store = RedisStore(await open_redis(redis_cluster.url))
        await store.mark()
        await store.set_applied("t", {0: 7, 1: 9})
        for port in redis_cluster.ports:
            with Redis(port=port) as master:
                # Of its last writes one is missing, as after a crash: what counts is what every master has.
                for key in master.keys("applied:*"):
                    master.hset(key, "1", 5)
            assert await store.applied("t") == {0: 7, 1: 5}
            await store.set_applied("t", {1: 9})
        for port in redis_cluster.ports:
            with Redis(port=port) as master:
                master.flushall()
            with pytest.raises(EmptyStoreError):
                await store.homes(["p"], "t")
            await store.mark()
        assert await store.homes(["p"], "t") == Found([[]], {})
        await store.close()

    asyncio.run(check())


def test_a_value_is_saved_only_over_the_version_it_was_made_from(on_store: Callable[[Check], None]) -> None:
    async def check(store: Store) -> None:
        await store.mark()
        assert await store.load(["state:a", "state:b"]) == [Versioned(0, b""), Versioned(0, b"")]
        assert await store.save([Saving("state:a", 0, b"one"), Saving("state:b", 0, b"")]) == [True, True]
        assert await store.save([Saving("state:a", 0, b"late"), Saving("state:a", 1, b"two")]) == [False, True]
        assert await store.load(["state:a", "state:b"]) == [Versioned(2, b"two"), Versioned(1, b"")]

    on_store(check)


def test_the_person_index_never_goes_back(on_store: Callable[[Check], None]) -> None:
    async def check(store: Store) -> None:
        await store.mark()
        old = Place("420525", 1, (Membership(as_of=5, version=0),))
        new = Place("420525", 2, (Membership(as_of=5, version=7, programs=("dibao",), listed=False),))
        elsewhere = Place("110101", 1, ())
        await store.list_persons([Listing("p", "H-1", new), Listing("p", "H-1", old), Listing("p", "H-2", elsewhere)])
        assert await store.places(["p", "q"]) == [{"H-1": new, "H-2": elsewhere}, {}]
        (homes, strangers) = (await store.homes(["p", "q"], "t")).homes
        assert set(homes) == {Home("H-1", "420525"), Home("H-2", "110101")}
        assert strangers == []

    on_store(check)


def test_a_partition_is_saved_whole_and_only_by_who_saw_its_last_state(on_store: Callable[[Check], None]) -> None:
    async def check(store: Store) -> None:
        await store.mark()
        nothing = await store.load_part(3, ["state:a"])
        assert nothing == Part(0, b"", [b""])
        assert await store.save_part(3, nothing, 10, b"alerts", {"state:a": b"one", "state:b": b"two"})
        assert not await store.save_part(3, nothing, 12, b"stale", {"state:a": b"stale"})
        assert await store.load_part(3, ["state:b", "state:a"]) == Part(10, b"alerts", [b"two", b"one"])
        await store.sent(3, 9)
        assert (await store.load_part(3, [])).unsent == b"alerts"
        await store.sent(3, 10)
        assert await store.load_part(3, ["state:a"]) == Part(10, b"", [b"one"])
        assert await store.load_part(4, ["state:a"]) == Part(0, b"", [b""])

    on_store(check)


def test_a_household_may_have_braces_in_its_id(on_store: Callable[[Check], None]) -> None:
    """A cluster looks at what stands in braces to find the master that has a value."""

    async def check(store: Store) -> None:
        await store.mark()
        values = {"state:a": b"a", "state:{a}": b"b", "state:{4}}": b"c", "state:{}": b"d"}
        assert await store.save_part(3, await store.load_part(3, []), 10, b"alerts", values)
        assert (await store.load_part(3, list(values))).values == list(values.values())

    on_store(check)


def test_applied_offsets_only_grow(on_store: Callable[[Check], None]) -> None:
    async def check(store: Store) -> None:
        await store.mark()
        await store.set_applied("roster", {0: 10, 3: 4})
        await store.set_applied("roster", {0: 9, 3: 5})
        assert await store.applied("roster") == {0: 10, 3: 5}
        assert await store.applied("changes") == {}
        assert await store.homes(["p"], "roster") == Found([[]], {0: 10, 3: 5})

    on_store(check)


def test_an_event_gathers_homes_and_versions(on_store: Callable[[Check], None]) -> None:
    async def check(store: Store) -> None:
        first = Change(feed="deaths", event_id="e", person="p", occurred_at=1, reported_at=1)
        second = Change(feed="deaths", event_id="e", person="p", occurred_at=1, reported_at=2)
        here, there = Home("H-1", "420525"), Home("H-2", "110101")
        (one,) = await store.hold_events([("key", Match(0, first, (here,)))])
        assert one == Held(frozenset({here}), (first,))
        (two,) = await store.hold_events([("key", Match(1, second, (there,)))])
        assert two.homes == {here, there}
        assert sorted(change.reported_at for change in two.versions) == [1, 2]
        await store.drop_versions([("key", first)])
        (three,) = await store.hold_events([("key", Match(1, second, ()))])
        assert three == Held(frozenset({here, there}), (second,))

    on_store(check)
