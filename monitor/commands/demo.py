"""`monitor demo`: the live service on embedded parts over a small county."""

import sys
from pathlib import Path
from typing import Annotated

import typer

_DATA = Path(__file__).resolve().parents[2] / "replay_data"


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def demo(
        data: Annotated[Path, typer.Option(help="A folder with households.jsonl and events/.")] = _DATA,
        inside: Annotated[bool, typer.Option("--inside", hidden=True)] = False,
    ) -> None:
        """Start real Kafka and Redis, run a county's year through the live service, print the figures; on a terminal
        the console stays up until Ctrl-C."""
        from monitor.parts.command import interruptible, run_beside

        if not inside:
            command = [sys.executable, "-m", "monitor", "demo", "--inside", "--data", str(data)]
            print("Starting Kafka and Redis (the first time they are downloaded) …", flush=True)
            with interruptible():
                raise typer.Exit(run_beside(command, None, postgres=False))

        from rich.console import Console

        from monitor.demo.run import run
        from monitor.settings import load

        with interruptible():
            run(load(), data, Console(), staying=sys.stdin.isatty() and sys.stdout.isatty())
