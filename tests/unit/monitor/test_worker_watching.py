"""Looking at the groups: one that is just failing ends neither the worker nor the looks at the others, and for what
waits in another worker's partition nobody is ended."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

from faust.types import TP

from monitor.metrics import Metrics
from monitor.worker.assembly import Equipment
from monitor.worker.groups import Group
from monitor.worker.health import STUCK_SECONDS, Health
from monitor.worker.service import _Looks


class Looked:
    """A group with one partition that nothing waits in."""

    name = "fine"
    lags = {TP("alerts.v1", 0): 3}  # noqa: RUF012 - read only

    async def look(self) -> set[TP]:
        return set(self.lags)

    async def repair(self) -> None:
        """Nothing was lost."""


class Failing(Looked):
    """A group whose consumer has just ended."""

    name = "failing"

    async def look(self) -> set[TP]:
        raise RuntimeError("Event loop is closed")


def test_a_group_that_fails_while_it_is_looked_at_ends_nothing() -> None:
    metrics = Metrics()
    equipment = cast(Equipment, SimpleNamespace(metrics=metrics))
    groups: Any = [Failing(), Looked()]
    asyncio.run(_Looks(equipment, cast("list[Group]", groups))())
    labels = {"topic": "alerts.v1", "partition": "0"}
    assert metrics.registry.get_sample_value("monitor_consumer_lag", labels) == 3


class Consumer:
    """Ten records wait in each of its partitions, and none is handled."""

    def __init__(self, *partitions: int) -> None:
        self.handled = {TP("alerts.v1", partition): 0 for partition in partitions}

    def assignment(self) -> set[TP]:
        return set(self.handled)

    def highwater(self, _tp: TP) -> int:
        return 10


class App:
    """A consumer group that has settled."""

    settled, should_stop = True, False

    def __init__(self, *partitions: int) -> None:
        self.batches = Consumer(*partitions)


class Watched:
    """A group that is looked at, and the clock of its health."""

    def __init__(self) -> None:
        self.now = 0.0
        operating = Metrics().operating
        self.health = Health(operating, lambda: self.now)
        self.group = Group("screen", cast(Any, None), cast(Any, None), self.health, operating)
        self.look_at(App(0, 1))

    def look_at(self, app: App) -> None:
        self.group._app = cast(Any, app)
        self.health.beat()
        asyncio.run(self.group.look())
        asyncio.run(self.group.look())

    def faults(self) -> list[str]:
        """What the watchdog finds after the longest time that a partition may stand still."""
        self.now += STUCK_SECONDS + 1
        self.health.beat()
        return self.health.faults_of_life()


def test_who_stands_still_is_found() -> None:
    assert Watched().faults() == ["alerts.v1/0 of screen stands still", "alerts.v1/1 of screen stands still"]


def test_what_stands_still_is_no_fault_of_a_worker_that_has_lost_it() -> None:
    watched = Watched()
    watched.look_at(App(1))
    assert watched.faults() == ["alerts.v1/1 of screen stands still"]
    watched.look_at(App())
    assert watched.faults() == []


def test_a_group_that_does_not_settle_again_is_found() -> None:
    watched = Watched()
    watched.look_at(cast(Any, SimpleNamespace(settled=False, should_stop=False)))
    assert len(watched.faults()) == 2
