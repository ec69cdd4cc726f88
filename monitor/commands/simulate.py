"""`monitor simulate`: a synthetic county to try everything on."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer


def simulate(
    households: Annotated[int, typer.Option(help="How many households.")],
    days: Annotated[int, typer.Option(help="How many days.")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")],
    out: Annotated[Path, typer.Option(help="The folder to write; it appears when everything is in it.")],
    start: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The first day; default: so that the time is past.")
    ] = None,
    profile: Annotated[str, typer.Option(help="How the county is made; see docs/simulation.md.")] = "county",
    counties: Annotated[int, typer.Option(help="How many counties share the households.")] = 1,
) -> None:
    """Make a synthetic county: households.jsonl, events/<feed>.csv, labels.csv (what must be found)."""
    from monitor.progress import watched
    from monitor.simulation import PROFILES
    from monitor.simulation import simulate as make
    from streams.errors import UnusableError

    if profile not in PROFILES:
        raise UnusableError(f"--profile {profile}: unknown; there are {', '.join(PROFILES)}")
    with watched() as told:
        made = make(
            PROFILES[profile],
            households,
            days,
            seed,
            out,
            start=start.date() if start else None,
            counties=counties,
            told=lambda stage, done: told(stage, round(1000 * done), 1000),
        )
    print(
        f"{out}: {made.households:,} households with {made.persons:,} people, {made.records:,} records, "
        f"{made.matched:,} of them about people on the roster, {made.labels:,} labels"
    )


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(simulate)
