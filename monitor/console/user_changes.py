"""What administrators do with accounts, each with its entry of the audit log: on pages, by programs and from the shell.

All raise NamedError for what cannot be.
"""

from sqlalchemy.orm import Session

from alert_sinks.routing import Routing
from streams.errors import NamedError

from . import audit
from .accounts import make_account, reset_password, set_disabled


def add(
    session: Session, routing: Routing, name: str, role: str, centre: str | None, shown_name: str, now: int, *, by: str
) -> str:
    """Make an account; its one-time password."""
    password = make_account(session, routing, name, role, centre, shown_name, now)
    audit.write(session, now, by, "user_made", name, {"role": role})
    return password


def reset(session: Session, name: str, now: int, *, by: str) -> str:
    """Give an account a new one-time password, and sign it out everywhere; the password."""
    password = reset_password(session, name)
    audit.write(session, now, by, "user_reset", name)
    return password


def disable(session: Session, name: str, now: int, *, by: str) -> None:
    """Lock an account out. One's own cannot be, so that there is always an administrator."""
    if name == by:
        raise NamedError("own_account", f"user {name}: nobody disables the own account")
    set_disabled(session, name, True)
    audit.write(session, now, by, "user_disable", name)


def enable(session: Session, name: str, now: int, *, by: str) -> None:
    """Let an account in again."""
    set_disabled(session, name, False)
    audit.write(session, now, by, "user_enable", name)
