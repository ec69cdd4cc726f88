"""`monitor console`: the verification centre's console."""

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def console() -> None:
        """Serve the console at MONITOR_HOST and MONITOR_CONSOLE_PORT until SIGTERM."""
        from monitor.console.serve import serve
        from monitor.settings import load

        serve(load())
