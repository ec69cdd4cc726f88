"""The `monitor` command: its sub-commands, and what a person sees when one of them fails."""

import errno
import importlib
import os
import sys
from typing import NoReturn

import typer

from streams.errors import UnusableError

COMMANDS: tuple[str, ...] = (
    "parts",
    "topics",
    "doctor",
    "keys",
    "worker",
    "rebuild",
    "roster",
    "ingest",
    "check",
    "orders",
    "backup",
    "agree",
    "demo",
    "simulate",
    "replay",
    "explain",
    "compare",
    "tune",
    "console",
    "users",
    "audit",
    "labels",
    "report",
)
"""Modules of `monitor.commands`; each has a `register(app)`."""
_FULL = (errno.ENOSPC, errno.EDQUOT)
_INTERRUPTED = 130


def build() -> typer.Typer:
    """The command line with all its commands."""
    app = typer.Typer(
        name="monitor",
        help="Safety-Net Monitor (民生底线监测)",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    for name in COMMANDS:
        importlib.import_module(f"monitor.commands.{name}").register(app)
    return app


def main() -> None:
    """Run the command line; what a person can put right ends with one line and status 2, never with a traceback."""
    try:
        build()()
    except SystemExit as ended:
        if ended.code == _INTERRUPTED:
            _leave_at_once()
        raise
    except UnusableError as error:
        print(f"monitor: {error}", file=sys.stderr)
        sys.exit(2)
    except OSError as error:
        if error.errno not in _FULL:
            raise
        print(f"monitor: {error.strerror}; make room, also where temporary files go (TMPDIR)", file=sys.stderr)
        sys.exit(2)
    except MemoryError as error:
        print(f"monitor: {error or 'not enough memory'}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("monitor: stopped", file=sys.stderr)
        _leave_at_once()


def _leave_at_once() -> NoReturn:
    """End without taking a county's worth of objects apart first: who pressed Ctrl-C waits."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(_INTERRUPTED)
