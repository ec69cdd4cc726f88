"""`monitor labels`: officers' verdicts as labels for the analysts' tools."""

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def labels(out: Annotated[Path, typer.Option(help="The CSV file to write.")]) -> None:
        """Write the alerts that officers found true as labels.csv; false ones and data errors beside it."""
        from monitor.console.labels import write_labels
        from monitor.console.shell import opened

        with opened() as (session, _, _):
            true, other = write_labels(session, out)
        typer.echo(f"{out}: {true} true; {out.with_suffix('.refuted.csv')}: {other} false or by data error")
