"""The work orders as a sink: alerts are attached in a thread, so that a slow database stops no event loop."""

import asyncio
from collections.abc import Callable, Sequence

from sqlalchemy.exc import DBAPIError, TimeoutError

from alert_sinks.work_orders import Attached, Desk
from detectors.alerts import Alert

from .sink import SinkError


class WorkOrders:
    """Attaches alerts to work orders. `now` gives the time as an instant; `on_attached` hears what became of them."""

    name = "work-orders"

    def __init__(
        self,
        desk: Desk,
        now: Callable[[], int],
        on_attached: Callable[[Sequence[Attached]], None] = lambda _: None,
    ) -> None:
        self._desk = desk
        self._now = now
        self._on_attached = on_attached

    async def send(self, batch: Sequence[Alert]) -> None:
        try:
            done = await asyncio.to_thread(self._desk.attach, batch, self._now())
        except (DBAPIError, TimeoutError) as error:
            raise SinkError(f"database: {type(error).__name__}", retry=True) from error
        self._on_attached(done)

    async def close(self) -> None:
        self._desk.database.close()
