"""Accounts with passwords (argon2), sign-ins that expire, and tokens for programs."""

import hashlib
import re
import secrets
from dataclasses import dataclass

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from alert_sinks.routing import Routing
from streams.errors import NamedError, UnusableError
from streams.moments import HOUR, SECOND

from . import throttle
from .access import OF_A_CENTRE, ROLES, Viewer
from .tables import Account, ApiToken, SignIn

IDLE = 1 * HOUR
LONGEST = 12 * HOUR
_NOTED_EVERY = 60 * SECOND
LEAST_CHARACTERS = 10
NAME = r"[a-z][a-z0-9._-]{1,31}"
_hasher = PasswordHasher()
_NOBODY = _hasher.hash("nobody has this password")
SCOPES = (
    "orders:read",
    "orders:write",
    "figures:read",
    "feeds:read",
    "audit:read",
    "users:read",
    "users:write",
    "centres:read",
    "centres:write",
)


@dataclass(frozen=True)
class Browser:
    """A signed-in browser: who it is, and the token that its forms carry.

    `unnoted`: it was last noted as seen more than a minute ago.
    """

    viewer: Viewer
    form_token: str
    one_time: bool
    unnoted: bool = False


class WrongPasswordError(Exception):
    """Name and password do not go together."""


def make_account(
    session: Session,
    routing: Routing,
    name: str,
    role: str,
    centre: str | None,
    shown_name: str,
    now: int,
    *,
    one_time: bool = True,
) -> str:
    """Make an account and give its password, to be changed at the first sign-in where it is `one_time`.

    Raises UnusableError.
    """
    if not re.fullmatch(NAME, name):
        raise NamedError("bad_name", f"user {name!r}: a name has 2 to 32 of a-z, 0-9, . _ - and begins with a letter")
    if role not in ROLES:
        raise NamedError("no_role", f"role {role}: no such role; it is one of {', '.join(ROLES)}")
    if (role in OF_A_CENTRE) != (centre is not None) or (centre is not None and centre not in routing.centres):
        known = ", ".join(routing.centres)
        raise NamedError(
            "role_and_centre", f"role {role}: officers and supervisors belong to a centre ({known}), others to none"
        )
    taken = NamedError("user_exists", f"user {name}: exists already")
    if session.get(Account, name) is not None:
        raise taken
    password = _one_time_password()
    session.add(
        Account(
            name=name,
            shown_name=shown_name or name,
            role=role,
            centre=centre,
            password_hash=_hasher.hash(password),
            one_time=one_time,
            made_at=now,
        )
    )
    try:
        session.flush()
    except IntegrityError as error:
        raise taken from error
    return password


def reset_password(session: Session, name: str) -> str:
    """Give an account a new one-time password and sign it out everywhere. Raises UnusableError."""
    account = _known(session, name)
    password = _one_time_password()
    account.password_hash, account.one_time = _hasher.hash(password), True
    throttle.forgive_name(session, name)
    sign_out_everywhere(session, name)
    return password


def set_disabled(session: Session, name: str, disabled: bool) -> None:
    """Lock an account out, or let it in again. Raises UnusableError."""
    _known(session, name).disabled = disabled
    sign_out_everywhere(session, name)


def change_password(session: Session, name: str, old: str, new: str) -> None:
    """Set a password of the person's own choice. Raises WrongPasswordError, and ValueError for one that is too short
    or the same."""
    account = session.get_one(Account, name)
    if not _matches(account.password_hash, old):
        raise WrongPasswordError
    if len(new) < LEAST_CHARACTERS or new == old:
        raise ValueError("too short, or the same as before")
    account.password_hash, account.one_time = _hasher.hash(new), False


def fitting_hash(session: Session, name: str, password: str) -> str | None:
    """The hash that a name's password fits, for `begin`; None if it is wrong, or the account may not sign in.

    It takes as long for a name that nobody has.
    """
    account = session.get(Account, name)
    right = _matches(account.password_hash if account is not None else _NOBODY, password)
    return account.password_hash if account is not None and right and not account.disabled else None


def begin(session: Session, name: str, password_hash: str, now: int) -> str | None:
    """Begin a sign-in with a password that was right, and give its token; None where the account has changed since."""
    account = session.get(Account, name, with_for_update=True)
    if account is None or account.disabled or account.password_hash != password_hash:
        return None
    return _begin(session, name, now)


def sign_in_vouched(session: Session, name: str, now: int) -> str | None:
    """Sign in somebody for whom the identity provider vouches; None where there is no such account, or it is disabled.

    Such a person needs no password here: a one-time password that was never used opens nothing any more.
    """
    account = session.get(Account, name)
    if account is None or account.disabled:
        return None
    if account.one_time:
        account.password_hash, account.one_time = "", False
    return _begin(session, name, now)


def _begin(session: Session, name: str, now: int) -> str:
    token = secrets.token_urlsafe(32)
    session.add(
        SignIn(token_hash=_hash(token), account=name, form_token=secrets.token_urlsafe(24), begun_at=now, seen_at=now)
    )
    return token


def find_browser(session: Session, token: str, now: int) -> Browser | None:
    """The signed-in browser of a cookie; None where it expired or never was."""
    found = session.get(SignIn, _hash(token))
    if found is None or found.seen_at + IDLE < now or found.begun_at + LONGEST < now:
        return None
    account = session.get(Account, found.account)
    if account is None or account.disabled:
        return None
    return Browser(_viewer(account), found.form_token, account.one_time, found.seen_at + _NOTED_EVERY < now)


def note_seen(session: Session, token: str, now: int) -> None:
    """Remember that a browser was seen, from which its idle time counts."""
    session.execute(sa.update(SignIn).where(SignIn.token_hash == _hash(token)).values(seen_at=now))


def sign_out(session: Session, token: str) -> None:
    """End one sign-in."""
    session.execute(sa.delete(SignIn).where(SignIn.token_hash == _hash(token)))


def sign_out_everywhere(session: Session, name: str) -> None:
    """End all sign-ins and tokens of an account."""
    session.execute(sa.delete(SignIn).where(SignIn.account == name))
    session.execute(sa.delete(ApiToken).where(ApiToken.account == name))


def make_token(session: Session, name: str, label: str, scopes: tuple[str, ...], expires_at: int, now: int) -> str:
    """A token for programs. Raises UnusableError for an unknown account or scope."""
    _known(session, name)
    if not scopes or not set(scopes) <= set(SCOPES):
        raise UnusableError(f"scopes: one or more of {', '.join(SCOPES)}")
    token = "snm_" + secrets.token_urlsafe(32)
    session.add(
        ApiToken(token_hash=_hash(token), label=label, account=name, scopes=scopes, made_at=now, expires_at=expires_at)
    )
    return token


def find_token(session: Session, token: str, now: int) -> tuple[Viewer, tuple[str, ...]] | None:
    """Whom a token speaks for, and its scopes; None where it expired or never was."""
    found = session.get(ApiToken, _hash(token))
    account = session.get(Account, found.account) if found is not None else None
    if found is None or account is None or account.disabled or found.expires_at < now:
        return None
    return _viewer(account), found.scopes


def _viewer(account: Account) -> Viewer:
    return Viewer(account.name, account.shown_name, account.role, account.centre)


def _known(session: Session, name: str) -> Account:
    account = session.get(Account, name)
    if account is None:
        raise NamedError("no_user", f"user {name}: there is no such user")
    return account


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def _one_time_password() -> str:
    """Without characters that look alike."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
