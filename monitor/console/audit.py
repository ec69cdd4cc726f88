"""The audit log: a chain of hashes, so that a changed, removed or inserted entry is found."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from .cleaning import clean
from .tables import AuditEntry

BEGINNING = "0" * 64
_LOCK = 0x6175646974
_CHUNK = 5000


@dataclass(frozen=True)
class Verified:
    """What verifying found: the entries read, the last one's hash, and the first entry that is not as it was."""

    entries: int
    head: str
    broken_at: int | None


def write(
    session: Session, now: int, actor: str, action: str, about: str, detail: Mapping[str, object] | None = None
) -> None:
    """Add an entry at the end of the chain; the caller commits it together with what it tells of."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    last = session.execute(sa.select(AuditEntry.id, AuditEntry.hash).order_by(AuditEntry.id.desc()).limit(1)).first()
    number, previous = (last[0] + 1, last[1]) if last else (1, BEGINNING)
    entry = AuditEntry(
        id=number,
        at=now,
        actor=actor,
        action=action,
        object=about,
        detail=json.dumps(dict(detail or {}), ensure_ascii=False, sort_keys=True),
        previous=previous,
    )
    entry.hash = _hash(entry)
    session.add(entry)
    session.flush()


def verify(session: Session) -> Verified:
    """Follow the chain from its beginning."""
    expected, previous = 1, BEGINNING
    while True:
        entries = session.scalars(
            sa.select(AuditEntry).where(AuditEntry.id >= expected).order_by(AuditEntry.id).limit(_CHUNK)
        ).all()
        for entry in entries:
            if entry.id != expected or entry.previous != previous or entry.hash != _hash(entry):
                return Verified(expected - 1, previous, expected)
            expected, previous = expected + 1, entry.hash
        if len(entries) < _CHUNK:
            return Verified(expected - 1, previous, None)
        session.expunge_all()


def entries(session: Session, before: int, about: str, limit: int) -> Sequence[AuditEntry]:
    """The newest entries, those older than an entry where `before` names one, and about an order or a person."""
    wanted = sa.select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
    if before > 0:
        wanted = wanted.where(AuditEntry.id < before)
    if about := clean(about):
        wanted = wanted.where(sa.or_(AuditEntry.object == about, AuditEntry.actor == about))
    return session.scalars(wanted).all()


def _hash(entry: AuditEntry) -> str:
    content = [entry.id, entry.at, entry.actor, entry.action, entry.object, entry.detail, entry.previous]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()
