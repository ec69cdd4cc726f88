"""What the shell's commands stand on: one transaction on the configured database."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from alert_sinks.centres import CurrentRouting
from alert_sinks.database import open_database
from alert_sinks.routing import Routing, load_routing
from monitor.settings import load

ACTOR = "(shell)"
"""Who did it, in the audit log, when it was done from the shell; no account can have this name."""


@contextmanager
def opened() -> Iterator[tuple[Session, Routing, int]]:
    """A transaction, the centres, and the present instant."""
    settings = load()
    filed = load_routing(settings.config / "centres.yaml")
    database = open_database(settings.database)
    try:
        with database.writing() as session:
            yield session, CurrentRouting(filed).of(session), time.time_ns() // 1000
    finally:
        database.close()
