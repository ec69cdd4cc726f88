"""`monitor rebuild`: fill a Redis that lost everything from what Kafka keeps."""

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def rebuild() -> None:
        """Rebuild Redis from the topics, once it has lost everything; workers wait for it and then go on."""
        import asyncio

        from monitor.logs import configure
        from monitor.settings import load
        from monitor.worker.rebuild import rebuild as run

        settings = load()
        configure(settings.log)
        done = asyncio.run(run(settings))
        typer.echo(
            f"read {done.roster} roster records and {done.messages} messages; "
            f"{done.households} households stand as before, {done.published} revisions said something new"
        )
