"""Retrying in one place: backoff, the circuit breaker, and a bad alert that holds up no other."""

from collections.abc import Sequence

import pytest

from alert_sinks.sinks.delivery import Delivery, Retrying
from alert_sinks.sinks.sink import SinkError
from detectors.alerts import Alert
from tests.unit.alert_sinks.order_examples import make_alert

POLICY = Retrying(first_seconds=1, most_seconds=4, failures_to_open=4, open_seconds=60)
LATER = SinkError("away", retry=True)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0
        self.waits: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


class Scripted:
    """A sink that fails as told, then takes; it never takes an alert named in `poison`."""

    name = "scripted"

    def __init__(self, *failures: SinkError, poison: frozenset[str] = frozenset()) -> None:
        self.failures = list(failures)
        self.poison = poison
        self.taken: list[list[str]] = []

    async def send(self, batch: Sequence[Alert]) -> None:
        if self.failures:
            raise self.failures.pop(0)
        ids = [alert.alert_id for alert in batch]
        if self.poison & set(ids):
            raise SinkError("refused", retry=False)
        self.taken.append(ids)

    async def close(self) -> None:
        """Holds nothing."""


def deliver(sink: Scripted, clock: Clock, *batches: list[Alert]) -> tuple[list[Alert], Delivery]:
    import asyncio

    delivery = Delivery(sink, clock, clock.sleep, jitter=lambda: 1.0, policy=POLICY)

    async def run() -> list[Alert]:
        return [refused for batch in batches for refused in await delivery.deliver(batch)]

    return asyncio.run(run()), delivery


def test_what_is_taken_at_once_waits_for_nothing() -> None:
    clock, sink = Clock(), Scripted()
    refused, _ = deliver(sink, clock, [make_alert("a"), make_alert("b")])
    assert (refused, sink.taken, clock.waits) == ([], [["a", "b"]], [])


def test_waits_double_up_to_the_longest_and_the_breaker_opens() -> None:
    clock, sink = Clock(), Scripted(*[LATER] * 5)
    _, delivery = deliver(sink, clock, [make_alert("a")])
    assert clock.waits == [1, 2, 4, 60, 60]
    assert sink.taken == [["a"]]
    assert delivery.breaker.state(clock.now) == "closed"


def test_an_open_breaker_leaves_the_sink_alone_until_its_time() -> None:
    _, delivery = deliver(Scripted(), Clock())
    for _ in range(4):
        delivery.breaker.failed(100.0)
    assert [delivery.breaker.state(at) for at in (100.0, 159.0, 160.0)] == ["open", "open", "half-open"]
    delivery.breaker.failed(160.0)
    assert delivery.breaker.rest(161.0) == 59.0, "one more failure opens it anew"


def test_a_sink_may_ask_for_a_longer_wait() -> None:
    clock = Clock()
    deliver(Scripted(SinkError("busy", retry=True, after_seconds=30)), clock, [make_alert("a")])
    assert clock.waits == [30]


def test_a_bad_alert_is_given_back_and_the_others_are_taken() -> None:
    sink = Scripted(poison=frozenset({"b"}))
    refused, _ = deliver(sink, Clock(), [make_alert("a"), make_alert("b"), make_alert("c")], [make_alert("d")])
    assert [alert.alert_id for alert in refused] == ["b"]
    assert sink.taken == [["a"], ["c"], ["d"]]


def test_jitter_spreads_a_wait_over_its_second_half() -> None:
    waits = []
    for jitter in (0.0, 0.5, 1.0):
        delivery = Delivery(Scripted(), Clock(), Clock().sleep, jitter=lambda value=jitter: value, policy=POLICY)
        delivery.breaker.failures = 2
        waits.append(delivery._backoff())
    assert waits == [pytest.approx(1.0), pytest.approx(1.5), pytest.approx(2.0)]
