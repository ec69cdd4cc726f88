"""The console's own tables: accounts, sign-ins, tokens, the audit log, and steps that were sent twice."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from alert_sinks.database import Base
from alert_sinks.work_orders.tables import Words


class Account(Base):
    """A person who may sign in. `centre` is null for roles that belong to no centre.

    `one_time`: the password was given by somebody else and must be changed at the first sign-in.
    """

    __tablename__ = "accounts"

    name: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    shown_name: Mapped[str] = mapped_column(sa.Text)
    role: Mapped[str] = mapped_column(sa.Text)
    centre: Mapped[str | None] = mapped_column(sa.Text)
    password_hash: Mapped[str] = mapped_column(sa.Text)
    one_time: Mapped[bool] = mapped_column(sa.Boolean)
    disabled: Mapped[bool] = mapped_column(sa.Boolean, default=False)
    made_at: Mapped[int] = mapped_column(sa.BigInteger)


class Guesses(Base):
    """Failures to sign in under one name, or from one address: how many, and until when no further try is looked at."""

    __tablename__ = "guesses"
    __table_args__ = (sa.Index("guesses_by_time", "last_at"),)

    source: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    failures: Mapped[int] = mapped_column(sa.Integer)
    last_at: Mapped[int] = mapped_column(sa.BigInteger)
    rests_until: Mapped[int] = mapped_column(sa.BigInteger)


class SignIn(Base):
    """A browser that is signed in; the cookie's token is kept as a hash only."""

    __tablename__ = "sign_ins"

    token_hash: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    account: Mapped[str] = mapped_column(sa.Text, sa.ForeignKey("accounts.name"))
    form_token: Mapped[str] = mapped_column(sa.Text)
    begun_at: Mapped[int] = mapped_column(sa.BigInteger)
    seen_at: Mapped[int] = mapped_column(sa.BigInteger)


class ApiToken(Base):
    """A token for programs, with the powers of its account narrowed to its scopes."""

    __tablename__ = "api_tokens"

    token_hash: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    label: Mapped[str] = mapped_column(sa.Text)
    account: Mapped[str] = mapped_column(sa.Text, sa.ForeignKey("accounts.name"))
    scopes: Mapped[tuple[str, ...]] = mapped_column(Words)
    made_at: Mapped[int] = mapped_column(sa.BigInteger)
    expires_at: Mapped[int] = mapped_column(sa.BigInteger)


class AuditEntry(Base):
    """Who looked at what, or did what. Each entry carries the hash of the one before it; the log only grows."""

    __tablename__ = "audit_log"
    __table_args__ = (sa.Index("audit_by_time", "at"),)

    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[int] = mapped_column(sa.BigInteger)
    actor: Mapped[str] = mapped_column(sa.Text)
    action: Mapped[str] = mapped_column(sa.Text)
    object: Mapped[str] = mapped_column(sa.Text)
    detail: Mapped[str] = mapped_column(sa.Text)
    previous: Mapped[str] = mapped_column(sa.Text)
    hash: Mapped[str] = mapped_column(sa.Text)


class DoneStep(Base):
    """What was answered to a step sent with an Idempotency-Key, so that the same step sent again is done once."""

    __tablename__ = "done_steps"

    account: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    key: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    fingerprint: Mapped[str] = mapped_column(sa.Text)
    status: Mapped[int] = mapped_column(sa.Integer)
    answer: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[int] = mapped_column(sa.BigInteger)
