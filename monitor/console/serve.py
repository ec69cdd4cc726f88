"""Opens what the console stands on and serves it."""

import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import sqlalchemy as sa
import uvicorn

from alert_sinks.database import Database, open_database
from alert_sinks.routing import Routing, load_routing
from alert_sinks.work_orders import Desk
from monitor.settings import Settings
from streams.errors import UnusableError
from streams.secrets import Keys

from .accounts import make_account
from .app import build
from .provider import Provider, load_provider
from .roster import line_finder, unsealer
from .tables import Account
from .titles import source_titles
from .visit import Console

_SECONDS_TO_END = 5
_PROVIDER_SECONDS = 10.0


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or Ctrl-C. Raises UnusableError for what a person can put right."""
    routing = load_routing(settings.config / "centres.yaml")
    named = load_provider(settings.config / "provider.yaml")
    keys = Keys.from_file(settings.secret_file)
    listening = _listen(settings.host, settings.console_port)
    database = open_database(settings.database)
    asking = httpx.Client(timeout=_PROVIDER_SECONDS)
    try:
        _first_administrator(database, routing)
        console = Console(
            desk=Desk(database, routing),
            find_line=line_finder(settings.redis, _now),
            unseal=unsealer(keys),
            clock=_now,
            titles=source_titles(settings.config),
            provider=Provider(named, asking, _now) if named is not None else None,
        )
        config = uvicorn.Config(
            build(console), log_level="warning", timeout_graceful_shutdown=_SECONDS_TO_END, server_header=False
        )
        print(f"console at http://{settings.host}:{settings.console_port}/", file=sys.stderr, flush=True)
        _Server(config).run(sockets=[listening])
    finally:
        listening.close()
        asking.close()
        database.close()


class _Server(uvicorn.Server):
    """Ends on SIGTERM and Ctrl-C with status 0; uvicorn's own would raise the signal once more at the end."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.handle_exit)
        yield


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), backlog=128)
    except OSError as error:
        raise UnusableError(
            f"console {host}:{port}: {error.strerror}; set MONITOR_HOST or MONITOR_CONSOLE_PORT to what is free"
        ) from error


def _first_administrator(database: Database, routing: Routing) -> None:
    """Where nobody has an account, make an administrator and print the one-time password, this once."""
    with database.writing() as session:
        if session.scalar(sa.select(sa.func.count()).select_from(Account)):
            return
        password = make_account(session, routing, "admin", "admin", None, "", _now())
    print(f"first start: sign in as admin with the one-time password {password}", file=sys.stderr, flush=True)


def _now() -> int:
    return time.time_ns() // 1000
