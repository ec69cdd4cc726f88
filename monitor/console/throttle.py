"""Who guesses passwords has to wait: failures are counted by the name that was typed and by the address it came from.

They are counted in the database, so that all consoles know of them, and for names that nobody has as for the others:
the answers tell nothing about which names there are. A try counts as a failure until it turns out to be none, so that
many at once are not free. Names are kept as hashes, for people type passwords there.
"""

import hashlib
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from streams.moments import DAY, SECOND

from .tables import Guesses

MOST_KEPT = 10_000
"""Names and addresses that are remembered; the one whose last failure is the longest ago is forgotten first."""
_FORGOTTEN_AFTER = 1 * DAY
_LONGEST_REST = 15 * 60 * SECOND


class RestingError(Exception):
    """No password is looked at for so many seconds."""

    def __init__(self, seconds: int) -> None:
        super().__init__()
        self.seconds = seconds


@dataclass(frozen=True)
class Limit:
    """`free` failures, then a rest that doubles with each further one; one is forgiven after each `forgiven_every`."""

    free: int
    forgiven_every: int

    def left(self, guesses: Guesses, now: int) -> int:
        """The failures that are not forgiven yet."""
        return max(0, guesses.failures - (now - guesses.last_at) // self.forgiven_every)

    def rest(self, failures: int) -> int:
        """How long no further try is looked at."""
        extra = failures - self.free
        return min(_LONGEST_REST, 30 * SECOND * 2 ** min(extra, 10)) if extra >= 0 else 0


OF_A_NAME = Limit(free=5, forgiven_every=_LONGEST_REST)
OF_AN_ADDRESS = Limit(free=50, forgiven_every=60 * SECOND)
"""A whole office may come from one address, each of its people with a wrong password of their own."""


def count_failure(session: Session, name: str, address: str, now: int) -> None:
    """Count a try before its password is looked at. Raises RestingError where it may not be made."""
    limits = {_of_name(name): OF_A_NAME, _of_address(address): OF_AN_ADDRESS}
    counted = _locked(session, limits, now)
    rests_until = max(guesses.rests_until for guesses in counted)
    if rests_until > now:
        raise RestingError(-(-(rests_until - now) // SECOND))
    for guesses in counted:
        limit = limits[guesses.source]
        guesses.failures = limit.left(guesses, now) + 1
        guesses.last_at = now
        guesses.rests_until = now + limit.rest(guesses.failures)
    session.flush()
    _forget_oldest(session, now)


def forgive(session: Session, name: str, address: str) -> None:
    """The try that was counted last was none: the name begins anew, the address has one failure less."""
    forgive_name(session, name)
    held = sa.update(Guesses).where(Guesses.source == _of_address(address), Guesses.failures > 0)
    session.execute(held.values(failures=Guesses.failures - 1, rests_until=0))


def forgive_name(session: Session, name: str) -> None:
    """The name begins anew."""
    session.execute(sa.delete(Guesses).where(Guesses.source == _of_name(name)))


def _locked(session: Session, limits: dict[str, Limit], now: int) -> list[Guesses]:
    """The counts of a name and an address, made where there are none, until the transaction's end for this one only."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    fresh = [{"source": source, "failures": 0, "last_at": now, "rests_until": 0} for source in sorted(limits)]
    session.execute(insert(Guesses).values(fresh).on_conflict_do_nothing())
    wanted = sa.select(Guesses).where(Guesses.source.in_(limits)).order_by(Guesses.source)
    return list(session.scalars(wanted.with_for_update()))


def _forget_oldest(session: Session, now: int) -> None:
    beyond = sa.select(Guesses.last_at).order_by(Guesses.last_at.desc()).offset(MOST_KEPT).limit(1)
    oldest = max(now - _FORGOTTEN_AFTER, session.scalar(beyond) or 0)
    gone = sa.select(Guesses.source).where(Guesses.last_at <= oldest).with_for_update(skip_locked=True)
    session.execute(sa.delete(Guesses).where(Guesses.source.in_(gone)))


def _of_name(name: str) -> str:
    return f"name {hashlib.sha256(name.encode()).hexdigest()}"


def _of_address(address: str) -> str:
    """An address; of IPv6 the network of 64 bits, for whoever has one address there has them all."""
    try:
        found = ip_address(address)
    except ValueError:
        return f"from {address[:64]}"
    if isinstance(found, IPv6Address):
        found = found.ipv4_mapped or ip_network((int(found), 64), strict=False).network_address
    return f"from {found}"
