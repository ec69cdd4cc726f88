"""`monitor parts`: embedded Kafka, Redis and, if wanted, PostgreSQL around a command."""

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def parts(
        command: Annotated[list[str], typer.Argument(help="What to run, after --.", metavar="COMMAND")],
        postgres: Annotated[bool, typer.Option("--postgres", help="PostgreSQL too, in place of SQLite.")] = False,
        data: Annotated[Path | None, typer.Option("--data", help="Keep the parts' data here.")] = None,
    ) -> None:
        """Start embedded Kafka and Redis on free ports, run COMMAND with settings that point at them, stop them."""
        from monitor.parts.command import interruptible, run_beside

        with interruptible():
            status = run_beside(command, data, postgres=postgres)
        raise typer.Exit(status)
