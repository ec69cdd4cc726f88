"""`monitor ingest`: publish departments' files."""

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def ingest(
        paths: Annotated[list[Path], typer.Argument(metavar="F…", help="Files, or folders of files.")],
        feed: Annotated[str | None, typer.Option(help="The feed, where it is not the file's name.")] = None,
    ) -> None:
        """Publish every row of departments' files that can be read as a record; the worker does the refusing."""
        import asyncio

        from rich.console import Console

        from monitor.publishing_files import FilePublisher
        from monitor.settings import load
        from streams.feed_files import FeedFile, find_feed_files

        files = find_feed_files(paths, feed)
        console = Console(stderr=True)

        async def publish() -> int:
            left_out = 0
            with console.status("publishing") as status:

                def progress(file: FeedFile, rows: int) -> None:
                    status.update(f"{file.path.name}: {rows:,} rows published")

                publisher = FilePublisher.to(
                    load().kafka, files, progress, lambda line: typer.echo(f"monitor: {line}", err=True)
                )
                for file in files:
                    done = await publisher.publish(file)
                    left_out += done.unreadable
                    print(f"{file.path}: {done.rows} rows of {file.feed} published, {done.unreadable} left out")
            return left_out

        if asyncio.run(publish()):
            raise typer.Exit(1)
