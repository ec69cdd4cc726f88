"""`monitor audit verify`: has the audit log been tampered with?"""

from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    group = typer.Typer(no_args_is_help=True, help="The console's audit log.")
    app.add_typer(group, name="audit")

    @group.callback()
    def _group() -> None:
        """Keeps `verify` a command of its own while it is the only one."""

    @group.command()
    def verify(
        head: Annotated[
            str, typer.Option(help="A hash that an earlier run printed; it must still be in the log.")
        ] = "",
    ) -> None:
        """Follow the chain of hashes. Status 1 where an entry was changed, removed or inserted."""
        import sqlalchemy as sa

        from monitor.console.audit import verify as follow
        from monitor.console.shell import opened
        from monitor.console.tables import AuditEntry

        with opened() as (session, _, _):
            found = follow(session)
            kept = not head or session.scalar(sa.select(AuditEntry.id).where(AuditEntry.hash == head)) is not None
        if found.broken_at is not None:
            typer.echo(f"audit log: entry {found.broken_at} is missing or not as it was written", err=True)
            raise typer.Exit(1)
        if not kept:
            typer.echo("audit log: the given hash is not in it any more; entries at its end are missing", err=True)
            raise typer.Exit(1)
        typer.echo(f"{found.entries} entries, unbroken; head {found.head}")
