"""`monitor compare`: what another configuration would change."""

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def compare(
        roster: Annotated[Path, typer.Option(help="Households: .jsonl, .csv, .xlsx or .parquet.")],
        events: Annotated[Path, typer.Option(help="The folder of the departments' files.")],
        against: Annotated[Path, typer.Option(help="Configuration B, the proposed one.")],
        out: Annotated[Path, typer.Option(help="The folder for compare.json and compare.html.")],
        config: Annotated[
            Path | None, typer.Option(help="Configuration A, the present one; MONITOR_CONFIG unless said.")
        ] = None,
        labels: Annotated[Path | None, typer.Option(help="What should be found; adds recall and precision.")] = None,
    ) -> None:
        """Say which alerts configuration B adds, loses and changes against A."""
        from monitor.comparing.comparison import compare as make
        from monitor.progress import watched
        from monitor.replaying.results import results
        from monitor.replaying.study import Study
        from monitor.reporting.compare_page import PAGE, write_page

        study = Study(roster=roster, events=events, labels=labels, config=config)
        with results(out, events=events) as folder, watched() as told:
            comparison, refused = make(study, against, folder, told)
            write_page(folder / PAGE, comparison)
        for source, row in comparison.summary()["sources"].items():
            if row["added"] or row["lost"] or row["changed"]:
                print(f"{source}: {row['added']} added, {row['lost']} lost, {row['changed']} changed")
        print(f"{out}: {len(comparison.found)} differences")
        for line in refused:
            typer.echo(f"monitor: household left out: {line}", err=True)
        if refused:
            raise typer.Exit(1)
