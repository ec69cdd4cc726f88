"""The tables of work orders. Instants are microseconds UTC; a severity is its place in `SEVERITIES`, 0 the first."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from alert_sinks.database import Base
from detectors.alerts import SEVERITIES, Severity

ORDER_PREFIX = "WO-"
NEVER = 0
FOREVER = (1 << 63) - 1
Serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def order_name(number: int) -> str:
    """The name outside of the order with this number."""
    return f"{ORDER_PREFIX}{number:07d}"


class Words(sa.TypeDecorator[tuple[str, ...]]):
    """A sorted set of words in one column, between commas, so that ``LIKE '%,word,%'`` finds one."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Iterable[str] | None, dialect: sa.Dialect) -> str:
        words = sorted(set(value or ()))
        return f",{','.join(words)}," if words else ""

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> tuple[str, ...]:
        return tuple(value.strip(",").split(",")) if value else ()


class Household(Base):
    """A household that ever had an alert. Its row is what a transaction locks before it reads the orders."""

    __tablename__ = "households"

    household_id: Mapped[str] = mapped_column(sa.Text, primary_key=True)


class WorkOrder(Base):
    """What a verification centre follows up about one household (工单).

    `severity`, `due_at`, `directions`, `programs`, `sources` and `quiet_until` follow from the alerts that stand.
    `counted_from` is the latest opening, `round` its number: what was notified, answered or proposed holds for one
    round only. `version` grows by one with every event. Until `quiet_until` nothing in the order calls for action.
    """

    __tablename__ = "work_orders"
    __table_args__ = (
        sa.Index(
            "one_open_order_per_household",
            "household_id",
            unique=True,
            sqlite_where=sa.text("state <> 'closed'"),
            postgresql_where=sa.text("state <> 'closed'"),
        ),
        sa.Index(
            "inbox",
            "centre",
            "severity",
            "due_at",
            "id",
            # So that the counts above the list are read from the index alone.
            "quiet_until",
            "state",
            "assignee",
            sqlite_where=sa.text("state <> 'closed'"),
            postgresql_where=sa.text("state <> 'closed'"),
        ),
        sa.Index("orders_of_household", "household_id"),
        sa.Index("orders_by_closing", "closed_at"),
        sa.Index("orders_by_state", "state"),
    )

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    household_id: Mapped[str] = mapped_column(sa.Text, sa.ForeignKey("households.household_id"))
    region: Mapped[str] = mapped_column(sa.Text)
    centre: Mapped[str] = mapped_column(sa.Text)
    state: Mapped[str] = mapped_column(sa.Text)
    outcome: Mapped[str | None] = mapped_column(sa.Text)
    severity: Mapped[int] = mapped_column(sa.SmallInteger)
    opened_at: Mapped[int] = mapped_column(sa.BigInteger)
    counted_from: Mapped[int] = mapped_column(sa.BigInteger)
    due_at: Mapped[int] = mapped_column(sa.BigInteger)
    closed_at: Mapped[int | None] = mapped_column(sa.BigInteger)
    first_step_at: Mapped[int | None] = mapped_column(sa.BigInteger)
    round: Mapped[int] = mapped_column(sa.Integer, default=1)
    version: Mapped[int] = mapped_column(sa.Integer, default=0)
    assignee: Mapped[str | None] = mapped_column(sa.Text)
    directions: Mapped[tuple[str, ...]] = mapped_column(Words, default=())
    programs: Mapped[tuple[str, ...]] = mapped_column(Words, default=())
    sources: Mapped[tuple[str, ...]] = mapped_column(Words, default=())
    standing: Mapped[int] = mapped_column(sa.Integer, default=0)
    quiet_until: Mapped[int] = mapped_column(sa.BigInteger, default=NEVER)
    notified_at: Mapped[int | None] = mapped_column(sa.BigInteger)
    notified_how: Mapped[str | None] = mapped_column(sa.Text)
    answered_at: Mapped[int | None] = mapped_column(sa.BigInteger)
    proposal: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))

    @property
    def order_id(self) -> str:
        """The order's name outside."""
        return order_name(self.id)

    @property
    def urgency(self) -> Severity:
        return SEVERITIES[self.severity]

    @property
    def is_open(self) -> bool:
        return self.state != "closed"


class StoredAlert(Base):
    """An alert's latest revision, the order that holds it, and what people said about it.

    `order_id` is null for a feed's alert and for one that is only watched (shadow). `supported_at` is when the latest
    of the changes that support it occurred. `answer` is what was done about a call for help; `verdict` is an officer's
    word on whether the alert was right.
    """

    __tablename__ = "alerts"
    __table_args__ = (
        sa.Index("alerts_of_order", "order_id"),
        sa.Index("alerts_of_household", "household_id"),
        sa.Index("alerts_by_source", "source", "received_at"),
    )

    alert_id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    order_id: Mapped[int | None] = mapped_column(Serial, sa.ForeignKey("work_orders.id"))
    household_id: Mapped[str | None] = mapped_column(sa.Text)
    revision: Mapped[int] = mapped_column(sa.Integer)
    status: Mapped[str] = mapped_column(sa.Text)
    source: Mapped[str] = mapped_column(sa.Text)
    direction: Mapped[str] = mapped_column(sa.Text)
    severity: Mapped[int] = mapped_column(sa.SmallInteger)
    region: Mapped[str] = mapped_column(sa.Text)
    programs: Mapped[tuple[str, ...]] = mapped_column(Words)
    feeds: Mapped[tuple[str, ...]] = mapped_column(Words)
    occurred_at: Mapped[int] = mapped_column(sa.BigInteger)
    supported_at: Mapped[int] = mapped_column(sa.BigInteger)
    due_at: Mapped[int] = mapped_column(sa.BigInteger)
    days_to_act: Mapped[int] = mapped_column(sa.Integer)
    received_at: Mapped[int] = mapped_column(sa.BigInteger)
    changed_at: Mapped[int] = mapped_column(sa.BigInteger)
    shadow: Mapped[bool] = mapped_column(sa.Boolean)
    only_member: Mapped[bool] = mapped_column(sa.Boolean)
    feed_doubtful: Mapped[bool] = mapped_column(sa.Boolean)
    inhibited: Mapped[bool] = mapped_column(sa.Boolean, default=False)
    content: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)
    answer: Mapped[str | None] = mapped_column(sa.Text)
    answer_program: Mapped[str | None] = mapped_column(sa.Text)
    answer_note: Mapped[str | None] = mapped_column(sa.Text)
    verdict: Mapped[str | None] = mapped_column(sa.Text)
    verdict_by: Mapped[str | None] = mapped_column(sa.Text)
    verdict_at: Mapped[int | None] = mapped_column(sa.BigInteger)

    @property
    def stands(self) -> bool:
        return self.status == "raised"

    @property
    def urgency(self) -> Severity:
        return SEVERITIES[self.severity]


class AlertRevision(Base):
    """Every revision of an alert as it came; the key makes a repeated message one revision."""

    __tablename__ = "alert_revisions"

    alert_id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    revision: Mapped[int] = mapped_column(sa.Integer, primary_key=True)
    received_at: Mapped[int] = mapped_column(sa.BigInteger)
    content: Mapped[bytes] = mapped_column(sa.LargeBinary)


class OrderEvent(Base):
    """One thing that happened to an order. Rows are only ever added; the database refuses to change or remove one."""

    __tablename__ = "order_events"
    __table_args__ = (sa.UniqueConstraint("order_id", "version"), sa.Index("events_by_time", "at"))

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    order_id: Mapped[int] = mapped_column(Serial, sa.ForeignKey("work_orders.id"))
    version: Mapped[int] = mapped_column(sa.Integer)
    at: Mapped[int] = mapped_column(sa.BigInteger)
    actor: Mapped[str] = mapped_column(sa.Text)
    kind: Mapped[str] = mapped_column(sa.Text)
    note: Mapped[str] = mapped_column(sa.Text, default="")
    data: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)


class Evidence(Base):
    """What an officer holds in hand: a document, a statement, a record of a visit. `checked_round`: when it was last
    checked by a person, as a round of its order."""

    __tablename__ = "evidence"
    __table_args__ = (sa.Index("evidence_of_order", "order_id"),)

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    order_id: Mapped[int] = mapped_column(Serial, sa.ForeignKey("work_orders.id"))
    kind: Mapped[str] = mapped_column(sa.Text)
    source: Mapped[str] = mapped_column(sa.Text)
    text: Mapped[str] = mapped_column(sa.Text)
    file_name: Mapped[str | None] = mapped_column(sa.Text)
    file_type: Mapped[str | None] = mapped_column(sa.Text)
    file_size: Mapped[int | None] = mapped_column(sa.Integer)
    added_at: Mapped[int] = mapped_column(sa.BigInteger)
    added_by: Mapped[str] = mapped_column(sa.Text)
    checked_at: Mapped[int | None] = mapped_column(sa.BigInteger)
    checked_by: Mapped[str | None] = mapped_column(sa.Text)
    checked_round: Mapped[int | None] = mapped_column(sa.Integer)


class EvidenceFile(Base):
    """The bytes of an attached file, apart from its description so that lists stay light."""

    __tablename__ = "evidence_files"

    evidence_id: Mapped[int] = mapped_column(Serial, sa.ForeignKey("evidence.id"), primary_key=True)
    content: Mapped[bytes] = mapped_column(sa.LargeBinary)


class Suppression(Base):
    """Known and accepted until the end of a day: what one source says about one household needs no action so long."""

    __tablename__ = "suppressions"
    __table_args__ = (sa.Index("suppressions_of_household", "household_id"),)

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    household_id: Mapped[str] = mapped_column(sa.Text, sa.ForeignKey("households.household_id"))
    source: Mapped[str] = mapped_column(sa.Text)
    until: Mapped[int] = mapped_column(sa.BigInteger)
    reason: Mapped[str] = mapped_column(sa.Text)
    made_at: Mapped[int] = mapped_column(sa.BigInteger)
    made_by: Mapped[str] = mapped_column(sa.Text)
    lifted_at: Mapped[int | None] = mapped_column(sa.BigInteger)
    lifted_by: Mapped[str | None] = mapped_column(sa.Text)
