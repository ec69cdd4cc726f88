"""`monitor replay`: the live pipeline over files."""

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def replay(
        roster: Annotated[Path, typer.Option(help="Households: .jsonl, .csv, .xlsx or .parquet.")],
        events: Annotated[Path, typer.Option(help="The folder of the departments' files, <feed>.csv and the like.")],
        out: Annotated[Path, typer.Option(help="The folder for the results; they appear all at once.")],
        labels: Annotated[Path | None, typer.Option(help="What should be found; adds an evaluation.")] = None,
        config: Annotated[Path | None, typer.Option(help="The configuration; MONITOR_CONFIG unless said.")] = None,
        capacity: Annotated[
            int | None, typer.Option(min=1, help="Orders that a centre can work on in a week; drawn in the report.")
        ] = None,
    ) -> None:
        """Say what the rules and detectors would have said: alerts.jsonl, rejects.jsonl, summary.json, report.html."""
        from monitor.progress import watched
        from monitor.replaying.results import results
        from monitor.replaying.study import Study, carry_out

        study = Study(roster=roster, events=events, labels=labels, config=config, capacity=capacity)
        with results(out, events=events) as folder, watched() as told:
            done = carry_out(study, folder, told)
        print(done.headline(out))
        for line in done.refused:
            typer.echo(f"monitor: household left out: {line}", err=True)
        if done.refused:
            raise typer.Exit(1)
