"""Measures how long a sink takes for a batch, work orders included, for the metrics."""

from collections.abc import Callable, Sequence

from alert_sinks.sinks.sink import Sink
from detectors.alerts import Alert


class TimedSink:
    """A sink around another; `took` hears how many seconds a batch took that was taken. `clock` gives seconds."""

    def __init__(self, sink: Sink, clock: Callable[[], float], took: Callable[[float], None]) -> None:
        self._sink = sink
        self._clock = clock
        self._took = took

    @property
    def name(self) -> str:
        return self._sink.name

    async def send(self, batch: Sequence[Alert]) -> None:
        began = self._clock()
        await self._sink.send(batch)
        self._took(self._clock() - began)

    async def close(self) -> None:
        await self._sink.close()
