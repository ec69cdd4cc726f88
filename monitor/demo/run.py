"""Runs the demo inside running parts: roster, worker, the past, the last weeks live, the figures, the console."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from monitor.demo.beside import beside
from monitor.demo.figures import Figures, orders, show
from monitor.demo.gauge import Reading, read
from monitor.demo.staying import stay
from monitor.demo.traffic import Traffic, publish_at_once, publish_at_pace, traffic
from monitor.parts.server import free_port
from monitor.settings import Settings
from streams.errors import UnusableError
from streams.feeds import FEEDS
from streams.publishing import Publisher
from streams.topics import changes_topic

LIVE_CHANGES = 10_000
LIVE_PER_SECOND = 2_000.0
_DRAIN_SECONDS = 150.0


def run(settings: Settings, data: Path, console: Console, *, staying: bool) -> None:
    """The whole demo; `staying` keeps the console up at the end, until Ctrl-C. Raises UnusableError."""
    out = traffic(data / "events", LIVE_CHANGES)
    _monitor("topics")
    _monitor("roster", "load", str(data / "households.jsonl"))
    publisher = Publisher.to(settings.kafka, [changes_topic(feed) for feed in FEEDS])
    port = free_port()
    with beside("worker", "MONITOR_METRICS_PORT", port):
        show(console, _figures(settings, publisher, out, port, console))
        if staying:
            stay(settings, console)


def _figures(settings: Settings, publisher: Publisher, out: Traffic, port: int, console: Console) -> Figures:
    with _bars(console) as bars:
        begin = time.monotonic()
        bar = bars.add_task("the past, at once", total=len(out.past))
        asyncio.run(publish_at_once(publisher, out.past, lambda _out: None))
        _drain(port, len(out.past), lambda done: bars.update(bar, completed=done))
        seconds = time.monotonic() - begin
        before = read(port)
        total = before.done + len(out.live)
        bar = bars.add_task(f"the last weeks, {LIVE_PER_SECOND:,.0f} a second", total=len(out.live))
        asyncio.run(
            publish_at_pace(publisher, out.live, LIVE_PER_SECOND, lambda done: bars.update(bar, completed=done))
        )
        after = _drain(port, total, lambda _done: None)
    latency = after.change_to_order.since(before.change_to_order)
    return Figures(after, before.done / seconds, LIVE_PER_SECOND, latency, orders(settings.database))


def _monitor(*arguments: str) -> None:
    status = subprocess.run([sys.executable, "-m", "monitor", *arguments], check=False).returncode
    if status not in (0, 1):
        raise UnusableError(f"monitor {' '.join(arguments)}: ended with status {status}; see above")


@contextmanager
def _bars(console: Console) -> Iterator[Progress]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bars:
        yield bars


def _drain(port: int, total: int, told: Callable[[int], None]) -> Reading:
    """Wait until so many records are handled and nothing waits behind them any more."""
    end = time.monotonic() + _DRAIN_SECONDS
    quiet = 0
    while time.monotonic() < end:
        reading = read(port)
        told(min(reading.done, total))
        quiet = quiet + 1 if reading.done >= total and reading.lag == 0 else 0
        if quiet >= 3:
            return reading
        time.sleep(0.5)
    raise UnusableError(f"worker: {total - reading.done} records and {reading.lag:.0f} messages still wait")
