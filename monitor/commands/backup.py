"""`monitor backup` and `monitor restore`: the database of orders, evidence, accounts and audit."""

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the commands."""

    @app.command()
    def backup(file: Annotated[Path, typer.Argument(help="Where to write it, e.g. orders.jsonl.gz.")]) -> None:
        """Write orders, evidence, accounts and audit log to one file, as of one moment, while the service runs."""
        from alert_sinks.database import open_database
        from monitor.backups import back_up
        from monitor.settings import load

        database = open_database(load().database, migrate=False)
        try:
            counts = back_up(database, file)
        finally:
            database.close()
        typer.echo(f"{file}: {sum(counts.values())} rows of {len(counts)} tables")

    @app.command()
    def restore(file: Annotated[Path, typer.Argument(help="What `monitor backup` wrote.")]) -> None:
        """Fill an empty database from a backup, also an earlier version's, also into another kind of database."""
        from alert_sinks.database import open_database
        from monitor.backups import restore as fill
        from monitor.settings import load

        database = open_database(load().database, migrate=False)
        try:
            counts = fill(database, file)
        finally:
            database.close()
        typer.echo(f"{sum(counts.values())} rows of {len(counts)} tables restored; check with `monitor audit verify`")
