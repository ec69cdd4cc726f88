"""`monitor doctor`: what is reachable, what is not, and what to do."""

from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def doctor(
        as_json: Annotated[
            bool, typer.Option("--json", help="One JSON object a line: part, level, said, advice.")
        ] = False,
    ) -> None:
        """Look at settings, Kafka, Redis, database and machine; say what is wrong and what to do. Status 1 if so."""
        import msgspec

        from monitor.doctor.run import examine
        from monitor.settings import load

        marks = {"ok": "ok   ", "note": "note ", "fault": "FAULT"}
        faults = 0
        for finding in examine(load()):
            faults += finding.level == "fault"
            if as_json:
                typer.echo(msgspec.json.encode(finding).decode())
                continue
            typer.echo(f"{marks[finding.level]} {finding.part:<13} {finding.said}")
            if finding.advice:
                typer.echo(f"{'':<20}-> {finding.advice}")
        if not as_json:
            typer.echo(f"{faults} fault(s)" if faults else "no fault")
        raise typer.Exit(1 if faults else 0)
