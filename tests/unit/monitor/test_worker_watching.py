"""Looking at the groups: one that is just failing ends neither the worker nor the looks at the others."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

from faust.types import TP

from monitor.metrics import Metrics
from monitor.worker.assembly import Equipment
from monitor.worker.groups import Group
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
