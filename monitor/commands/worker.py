"""`monitor worker`: the live service's worker."""

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def worker() -> None:
        """Screen, enrol, assess and dispatch until SIGTERM."""
        import asyncio
        import os
        import sys

        from monitor.logs import configure
        from monitor.settings import load
        from monitor.worker.service import serve
        from streams.errors import UnusableError

        settings = load()
        configure(settings.log)
        status = 0
        try:
            asyncio.new_event_loop().run_until_complete(serve(settings))
        except UnusableError as error:
            print(f"monitor: {error}", file=sys.stderr)
            status = 2
        sys.stdout.flush()
        sys.stderr.flush()
        # A thread may still wait for a broker that is away; what is done is committed, so nothing waits for it.
        os._exit(status)
