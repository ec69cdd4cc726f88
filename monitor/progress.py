"""A long run as a person watches it: a bar with the time left, and where it stood when it was stopped."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn

STOPPED = 130


@contextmanager
def watched() -> Iterator[Callable[[str, int, int], None]]:
    """Shows a bar for each stage that is told: its name, how much of it is done, and how much there is.

    Ctrl-C (or SIGTERM) ends the block at once, tells how far it got, and ends the command with status 130.
    """
    tasks: dict[str, TaskID] = {}
    at = "the beginning"
    columns = (TextColumn("{task.description:>12}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())

    def told(stage: str, done: int, total: int) -> None:
        nonlocal at
        if stage not in tasks:
            tasks[stage] = bar.add_task(stage)
        bar.update(tasks[stage], completed=done, total=max(total, 1))
        at = f"{stage}, {done / max(total, 1):.0%} done"

    former = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with bar:
            yield told
    except KeyboardInterrupt:
        typer.echo(f"monitor: stopped at {at}; nothing was written", err=True)
        raise typer.Exit(STOPPED) from None
    finally:
        signal.signal(signal.SIGTERM, former)
