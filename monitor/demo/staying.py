"""After the figures, on a terminal: the console over what the demo found, until Ctrl-C."""

import signal
import socket
import time

from rich.console import Console

from alert_sinks.database import open_database
from alert_sinks.routing import load_routing
from monitor.console.accounts import make_account
from monitor.demo.beside import beside
from monitor.parts.command import Interrupted
from monitor.parts.server import free_port
from monitor.settings import Settings
from streams.errors import UnusableError

OFFICER, SUPERVISOR = "officer", "supervisor"
"""The demo's people; their names are their roles. The supervisor is the second person whom some outcomes need."""


def stay(settings: Settings, console: Console) -> None:
    """Keep the console up until Ctrl-C. Raises UnusableError where it cannot start or ends by itself."""
    passwords = make_people(settings)
    port = open_port(settings.host, settings.console_port)
    with beside("console", "MONITOR_CONSOLE_PORT", port) as process:
        console.print(
            f"Console: http://{settings.host}:{port}/  sign in as [b]{OFFICER}[/b], password "
            f"[b]{passwords[OFFICER]}[/b] ({SUPERVISOR}: [b]{passwords[SUPERVISOR]}[/b]). Ctrl-C ends the demo.",
            soft_wrap=True,
            highlight=False,
        )
        try:
            process.wait()
        except Interrupted as asked:
            if asked.code == 128 + signal.SIGINT:
                return
            raise
        raise UnusableError("console: ended by itself; its last words stand above")


def make_people(settings: Settings) -> dict[str, str]:
    """Accounts of the first centre in the demo's own database; their passwords, which nobody has to change first."""
    routing = load_routing(settings.config / "centres.yaml")
    centre = next(iter(routing.centres))
    database = open_database(settings.database)
    try:
        with database.writing() as session:
            now = time.time_ns() // 1000
            return {
                role: make_account(session, routing, role, role, centre, "", now, one_time=False)
                for role in (OFFICER, SUPERVISOR)
            }
    finally:
        database.close()


def open_port(host: str, wanted: int) -> int:
    """The wanted port, or a free one where it is taken."""
    try:
        with socket.create_server((host, wanted)):
            return wanted
    except OSError:
        return free_port()
