"""`monitor tune`: what a source's parameters could be."""

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def tune(
        roster: Annotated[Path, typer.Option(help="Households: .jsonl, .csv, .xlsx or .parquet.")],
        events: Annotated[Path, typer.Option(help="The folder of the departments' files.")],
        labels: Annotated[Path, typer.Option(help="What should be found.")],
        source: Annotated[str, typer.Option(help="The rule or detector whose parameters are swept.")],
        out: Annotated[Path, typer.Option(help="The folder for tune.json, tune.html and the tuned config.")],
        budget: Annotated[
            float | None, typer.Option(min=0.0, help="Alerts per 1,000 household-months; the present ones unless said.")
        ] = None,
        config: Annotated[Path | None, typer.Option(help="The configuration; MONITOR_CONFIG unless said.")] = None,
        settings: Annotated[int, typer.Option(min=2, max=2000, help="How many settings are tried at most.")] = 40,
    ) -> None:
        """Sweep a source's parameters under a workload budget: learn on the first part of time, judge on the last."""
        from monitor.progress import watched
        from monitor.replaying.results import results
        from monitor.replaying.study import Study
        from monitor.reporting.tune_page import PAGE, write_page
        from monitor.tuning.tuning import Question
        from monitor.tuning.tuning import tune as make

        study = Study(roster=roster, events=events, labels=labels, config=config)
        with results(out, events=events) as folder, watched() as told:
            tuned = make(Question(study=study, source=source, budget=budget, most=settings), folder, told)
            write_page(folder / PAGE, tuned)
        for name, tried in (("present", tuned.present), ("chosen", tuned.chosen)):
            values = ", ".join(f"{parameter} {value:g}" for parameter, value in tried.setting.items())
            recall = "–" if tried.judged.recall is None else f"{tried.judged.recall:.1%}"
            print(f"{name}: {values}; in the last part recall {recall}, {tried.judged.workload:.3f} alerts per 1,000")
        for warning in tuned.warnings:
            typer.echo(f"monitor: {warning.en}", err=True)
        for line in tuned.refused:
            typer.echo(f"monitor: household left out: {line}", err=True)
        if tuned.refused:
            raise typer.Exit(1)
