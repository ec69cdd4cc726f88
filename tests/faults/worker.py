"""A worker that does something to itself: ``python -m tests.faults.worker WORD [NUMBER]``.

It is `monitor worker` with one of its collaborators wrapped. The words of `POINTS` make it kill itself the NUMBER-th
time it comes to a point; `clock` gives it a clock that is off by so many seconds; `lose` and `double` make it a bad
worker that the experiments must catch.
"""

import itertools
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Any
from unittest.mock import patch

import confluent_kafka
import msgspec

from alert_sinks.work_orders import attaching
from monitor.cli import main
from streams.publishing import Outgoing, Publisher
from streams.redis_store import RedisStore
from streams.topics import ALERTS, HOUSEHOLD_CHANGES


class Countdown:
    """Kills the process at the n-th call: the moment between two steps, hit exactly."""

    def __init__(self, calls: int) -> None:
        self.left = calls

    def __call__(self) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def _around_store(name: str, blow: Callable[[], None], before: bool) -> Any:
    """Blow before or after a method of the store that saves something."""
    method = getattr(RedisStore, name)

    async def wrapped(self: RedisStore, *given: Any) -> Any:
        if before:
            blow()
        done = await method(self, *given)
        if not before:
            blow()
        return done

    return patch.object(RedisStore, name, wrapped)


def _after_publishing(topic: str, blow: Callable[[], None]) -> Any:
    """Blow when the broker has confirmed messages to a topic."""
    publish = Publisher.publish

    async def wrapped(self: Publisher, messages: Sequence[Outgoing]) -> None:
        await publish(self, messages)
        if any(message.topic == topic for message in messages):
            blow()

    return patch.object(Publisher, "publish", wrapped)


def _in_the_transaction(blow: Callable[[], None]) -> Any:
    """Blow when alerts are attached to their orders, and nothing of it is committed."""
    attach = attaching.attach_batch

    def wrapped(*given: Any) -> Any:
        done = attach(*given)
        blow()
        return done

    return patch("alert_sinks.work_orders.desk.attach_batch", wrapped)


def _after_the_transaction(blow: Callable[[], None]) -> Any:
    """Blow when the orders are committed, and Kafka does not know."""
    from alert_sinks.work_orders.desk import Desk

    attach = Desk.attach

    def wrapped(self: Desk, *given: Any) -> Any:
        done = attach(self, *given)
        blow()
        return done

    return patch.object(Desk, "attach", wrapped)


POINTS: dict[str, Callable[[Callable[[], None]], Any]] = {
    "screened-before-commit": lambda blow: _after_publishing(HOUSEHOLD_CHANGES, blow),
    "event-held-before-publish": lambda blow: _around_store("hold_events", blow, before=False),
    "listed-before-note": lambda blow: _around_store("list_persons", blow, before=False),
    "noted-before-applied": lambda blow: _around_store("set_applied", blow, before=True),
    "before-save": lambda blow: _around_store("save_part", blow, before=True),
    "saved-before-publish": lambda blow: _around_store("save_part", blow, before=False),
    "published-before-marked": lambda blow: _after_publishing(ALERTS, blow),
    "marked-before-commit": lambda blow: _around_store("sent", blow, before=False),
    "attaching": _in_the_transaction,
    "attached-before-commit": _after_the_transaction,
}
"""The worst moments."""


def _publishing(changed: Callable[[Sequence[Outgoing]], Sequence[Outgoing]]) -> Any:
    """Publishes something else than it was given."""
    publish = Publisher.publish

    async def wrapped(self: Publisher, messages: Sequence[Outgoing]) -> None:
        await publish(self, changed(messages))

    return patch.object(Publisher, "publish", wrapped)


def _losing(each: int) -> Any:
    """Loses one message in so many between screening and assessment."""
    count = itertools.count(1)

    def lost(one: Outgoing) -> bool:
        return one.topic == HOUSEHOLD_CHANGES and b'"kind":"change"' in one.value and next(count) % each == 0

    return _publishing(lambda messages: [one for one in messages if not lost(one)])


def _doubling(number: int) -> Any:
    """Says one alert twice: the second time as a new revision that says nothing new."""
    count = itertools.count(1)

    def again(one: Outgoing) -> Outgoing:
        alert = msgspec.json.decode(one.value)
        return one._replace(value=msgspec.json.encode({**alert, "revision": alert["revision"] + 1}))

    def with_more(messages: Sequence[Outgoing]) -> Sequence[Outgoing]:
        said = [one for one in messages if one.topic == ALERTS and next(count) == number]
        return [*messages, *map(again, said)]

    return _publishing(with_more)


def _off(seconds: int) -> Any:
    """Gives the process a clock that is off by so much; what it publishes bears its time. Only whole things are
    patched: libfaketime would do it below Python, but breaks `time.sleep` there.
    """
    right, right_ns = time.time, time.time_ns

    class Producer(confluent_kafka.Producer):  # type: ignore[misc]
        def produce(self, *given: Any, **named: Any) -> None:
            super().produce(*given, timestamp=int(time.time() * 1000), **named)

    patches = ExitStack()
    patches.enter_context(patch("time.time", lambda: right() + seconds))
    patches.enter_context(patch("time.time_ns", lambda: right_ns() + seconds * 1_000_000_000))
    patches.enter_context(patch("streams.publishing.Producer", Producer))
    return patches


def run(word: str, count: int) -> None:
    """Run the worker with its fault."""
    faults = {"lose": _losing, "double": _doubling, "clock": _off}
    fault = faults[word](count) if word in faults else POINTS[word](Countdown(count))
    with fault:
        sys.argv = ["monitor", "worker"]
        main()


if __name__ == "__main__":
    run(sys.argv[1], int(sys.argv[2]))
