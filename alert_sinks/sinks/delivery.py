"""The one place that retries: delivers batches to one sink, with backoff and a circuit breaker."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from detectors.alerts import Alert

from .sink import Sink, SinkError

BreakerState = Literal["closed", "open", "half-open"]


@dataclass(frozen=True, kw_only=True)
class Retrying:
    """How a sink is tried again: waits double from the first to the longest; after so many failures in a row the
    breaker opens, and the sink is left alone for `open_seconds` before one more try."""

    first_seconds: float = 0.5
    most_seconds: float = 30.0
    failures_to_open: int = 5
    open_seconds: float = 60.0


@dataclass
class Breaker:
    """Counts failures in a row; open, it says how long to leave the sink alone. Times are seconds of one clock."""

    policy: Retrying
    failures: int = 0
    opened_at: float | None = None

    def state(self, now: float) -> BreakerState:
        if self.opened_at is None:
            return "closed"
        return "open" if self.rest(now) > 0 else "half-open"

    def rest(self, now: float) -> float:
        """Seconds until the next try is allowed."""
        return 0.0 if self.opened_at is None else max(0.0, self.opened_at + self.policy.open_seconds - now)

    def failed(self, now: float) -> None:
        self.failures += 1
        if self.failures >= self.policy.failures_to_open:
            self.opened_at = now

    def succeeded(self) -> None:
        self.failures = 0
        self.opened_at = None


@dataclass
class Delivery:
    """Delivers to one sink for as long as it takes. `clock` gives seconds, `jitter` a number from 0 to 1."""

    sink: Sink
    clock: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]
    jitter: Callable[[], float]
    policy: Retrying = Retrying()
    on_failure: Callable[[SinkError], None] = lambda _: None
    breaker: Breaker = field(init=False)

    def __post_init__(self) -> None:
        self.breaker = Breaker(self.policy)

    async def deliver(self, batch: Sequence[Alert]) -> list[Alert]:
        """Deliver a batch; gives the alerts that the sink will never take.

        Where it refuses a batch for good, its alerts are sent one by one, so that one bad alert holds up no other.
        """
        if not batch:
            return []
        try:
            await self._until_taken(batch)
        except SinkError:
            if len(batch) == 1:
                return list(batch)
            return [refused for alert in batch for refused in await self.deliver([alert])]
        return []

    async def _until_taken(self, batch: Sequence[Alert]) -> None:
        while True:
            if (rest := self.breaker.rest(self.clock())) > 0:
                await self.sleep(rest)
            try:
                await self.sink.send(batch)
            except SinkError as error:
                self.on_failure(error)
                if not error.retry:
                    raise
                self.breaker.failed(self.clock())
                if self.breaker.opened_at is None:
                    await self.sleep(max(error.after_seconds, self._backoff()))
            else:
                self.breaker.succeeded()
                return

    def _backoff(self) -> float:
        """Between half and all of a wait that doubles, so that many senders do not come back at once."""
        wait = min(self.policy.most_seconds, self.policy.first_seconds * 2.0 ** (self.breaker.failures - 1))
        return wait * (0.5 + 0.5 * self.jitter())
