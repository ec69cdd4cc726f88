"""`monitor console`: the verification centre's console."""

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def console() -> None:
        """Serve the console at MONITOR_HOST and MONITOR_CONSOLE_PORT until SIGTERM."""
        import signal
        import sys

        # From the first moment on, also while the parts below are still being opened.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        from monitor.console.serve import serve
        from monitor.settings import load

        serve(load())
