"""`monitor roster load`: publish a roster."""

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    roster = typer.Typer(help="The roster: who receives what.", no_args_is_help=True)
    app.add_typer(roster, name="roster")

    @roster.callback()
    def _group() -> None:
        """The roster: who receives what."""

    @roster.command()
    def load(
        path: Annotated[Path, typer.Argument(metavar="F", help="Households: .jsonl, .csv, .xlsx or .parquet.")],
        complete: Annotated[bool, typer.Option(help="Households absent from the file have left.")] = False,
    ) -> None:
        """Check a roster and publish what is new in it. Never removes: a household stays until a line ends it."""
        import asyncio
        from datetime import UTC, datetime

        from monitor import roster_loading, settings
        from streams.moments import day_of, instant
        from streams.publishing import Publisher
        from streams.secrets import Keys
        from streams.topics import ROSTER

        given = settings.load()
        keys = Keys.from_file(given.secret_file)
        publisher = Publisher.to(given.kafka, [ROSTER])
        today = day_of(instant(datetime.now(UTC)))

        with roster_loading.checked(
            path, keys, today, lambda fault: typer.echo(f"monitor: {path}: {fault}", err=True)
        ) as draft:
            lines, absent = roster_loading.known(given.kafka, draft, keys)
            new, same = asyncio.run(roster_loading.publish(publisher, draft.lines(), lines))
            print(f"{len(draft.households)} households: {new} lines published, {same} known already")
            if draft.faulty:
                print(f"{len(draft.faulty)} households left out because of {draft.faults} faults")
            if draft.without_consent:
                print(f"{draft.without_consent} households are without consent today: their changes will not be read")
            if complete and draft.faulty:
                print("no household was ended: those left out cannot be told from absent ones")
            elif complete:
                print(f"{len(absent)} households are absent from the file and end with it")
                ending = roster_loading.endings(absent, draft.as_of)
                asyncio.run(roster_loading.publish(publisher, iter(ending), lines))
            if draft.faulty:
                raise typer.Exit(1)
