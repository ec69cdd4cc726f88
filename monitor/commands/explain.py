"""`monitor explain`: why it fired, why it did not."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def explain(
        roster: Annotated[Path, typer.Option(help="Households: .jsonl, .csv, .xlsx or .parquet.")],
        events: Annotated[Path, typer.Option(help="The folder of the departments' files.")],
        household: Annotated[str, typer.Option(help="The household's id.")],
        source: Annotated[str | None, typer.Option(help="One rule or detector, with all values.")] = None,
        as_of: Annotated[
            datetime | None, typer.Option(formats=["%Y-%m-%d"], help="As it was known at the end of this day.")
        ] = None,
        config: Annotated[Path | None, typer.Option(help="The configuration; MONITOR_CONFIG unless said.")] = None,
        as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    ) -> None:
        """Show a household's facts, and what each part of a rule's condition made of them."""
        import msgspec
        from rich.console import Console

        from monitor.explaining.explanation import explain as make
        from monitor.explaining.terminal import show
        from monitor.progress import watched
        from monitor.replaying.study import Study, read_inputs
        from streams.moments import day_number

        with watched() as told:
            given = read_inputs(Study(roster=roster, events=events, config=config))
            made = make(given.inputs, household, source, day_number(as_of.date()) if as_of else None, told)
        if as_json:
            typer.echo(msgspec.json.format(msgspec.json.encode(made), indent=2).decode())
        else:
            show(made, Console(), in_full=source is not None)
