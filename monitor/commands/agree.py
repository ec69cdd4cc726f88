"""`monitor agree`: do live and a replay leave the same alerts?"""

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def agree(
        replayed: Annotated[Path, typer.Argument(help="alerts.jsonl of a replay of the same roster and changes.")],
        out: Annotated[Path | None, typer.Option(help="Write the differences here, as JSON Lines.")] = None,
    ) -> None:
        """Compare the standing alerts of rules in alerts.v1 with a replay's. Status 1 where they differ."""
        import asyncio

        import msgspec

        from monitor.agreeing import compare_with
        from monitor.settings import load

        found = asyncio.run(compare_with(replayed, load()))
        lines = [msgspec.json.encode(one).decode() for one in found]
        if out is not None:
            out.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        else:
            for line in lines:
                typer.echo(line)
        typer.echo(f"{len(found)} difference(s)" if found else "live and replay agree", err=True)
        raise typer.Exit(1 if found else 0)
