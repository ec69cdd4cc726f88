"""Dispatching: what a sink took is told, what is no alert is kept apart, a sink that is down is waited for."""

import asyncio
from collections.abc import Sequence
from typing import cast

from faust.types import TP
from msgspec.structs import replace

from alert_sinks.sinks.delivery import Delivery, Retrying
from alert_sinks.sinks.sink import SinkError
from detectors.alerts import Alert, encode
from monitor.worker.dispatching import Arrived, DispatchAgent
from streams.publishing import Publisher
from streams.topics import ALERTS, dead_letters
from tests.unit.monitor.test_assessing import alert
from tests.unit.streams.doubles import Heard, Published, fetched
from tests.unit.streams.people import KEYS

TP0 = TP(ALERTS, 0)


class Sink:
    """Refuses household H-9 for good; the first `failures` batches come too early."""

    name = "test"

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.taken: list[str | None] = []

    async def send(self, batch: Sequence[Alert]) -> None:
        if self.failures:
            self.failures -= 1
            raise SinkError("down", retry=True)
        if any(one.household_id == "H-9" for one in batch):
            raise SinkError("never", retry=False)
        self.taken += [one.household_id for one in batch]

    async def close(self) -> None:
        """Nothing is open."""


async def _no_wait(seconds: float) -> None:
    await asyncio.sleep(0)


def dispatch(sink: Sink, values: Sequence[bytes]) -> tuple[list[str | None], list[str], Published]:
    """What was delivered, what was told as broken, and what was published."""
    delivered: list[str | None] = []
    broken: list[str] = []
    published = Published()

    def took(arrived: Sequence[Arrived]) -> None:
        delivered.extend(one.alert.household_id for one in arrived)

    agent = DispatchAgent(
        Delivery(sink, lambda: 0.0, _no_wait, lambda: 0.5, Retrying(failures_to_open=100)),
        lambda one: one.severity != "low",
        KEYS,
        cast(Publisher, published),
        Heard(),
        took,
        lambda where, _error: broken.append(where),
    )
    asyncio.run(agent.handle(TP0, fetched(TP0, values)))
    return delivered, broken, published


def value(household_id: str) -> bytes:
    return encode(replace(alert(household_id, 1, "e", ""), alert_id=f"A-{household_id}"))


def test_a_sink_that_is_down_gets_all_of_it_later() -> None:
    sink = Sink(failures=3)
    assert dispatch(sink, [value("H-1"), value("H-2")])[:2] == (["H-1", "H-2"], [])
    assert sink.taken == ["H-1", "H-2"]


def test_one_alert_refused_for_good_stops_no_other() -> None:
    sink = Sink()
    delivered, broken, _ = dispatch(sink, [value("H-1"), value("H-9"), value("H-2")])
    assert (delivered, broken) == (["H-1", "H-2"], ["sink test"])
    assert sink.taken == ["H-1", "H-2"]


def test_what_is_no_alert_goes_to_the_dead_letters() -> None:
    delivered, broken, published = dispatch(Sink(), [b"{", value("H-1")])
    assert (delivered, broken) == (["H-1"], [ALERTS])
    assert [one.topic for one in published.messages] == [dead_letters(ALERTS)]
