"""Signing in with a password: throttled, and told to the audit log."""

from sqlalchemy.orm import Session

from alert_sinks.database import Database

from . import audit, throttle
from .accounts import begin, fitting_hash
from .tables import Account

_NOBODY = "?"
"""Who tried, in the audit log, where no account has the name: it may be a password in the wrong field."""


def sign_in(database: Database, name: str, password: str, address: str, now: int) -> str | None:
    """Check a password and give a new sign-in's token; None if it is wrong. Raises RestingError after many failures.

    The password is looked at between two transactions: that takes long on purpose, and nobody should wait for it.
    """
    with database.writing() as session:
        throttle.count_failure(session, name, address, now)
    with database.reading() as session:
        found = fitting_hash(session, name, password)
    with database.writing() as session:
        token = begin(session, name, found, now) if found is not None else None
        if token is not None:
            throttle.forgive(session, name, address)
        action = "signed_in" if token is not None else "sign_in_failed"
        audit.write(session, now, _actor(session, name), action, "", {"from": address})
    return token


def _actor(session: Session, name: str) -> str:
    return name if session.get(Account, name) is not None else _NOBODY
