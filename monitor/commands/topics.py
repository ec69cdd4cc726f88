"""`monitor topics`: make the topics."""

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def topics() -> None:
        """Create the topics that do not exist yet; those that exist are left as they are."""
        from monitor.settings import load
        from streams.topics import TOPICS, create_missing

        created = create_missing(load().kafka)
        for name in created:
            print(f"created {name}")
        print(f"{len(TOPICS)} topics, {len(created)} of them new")
