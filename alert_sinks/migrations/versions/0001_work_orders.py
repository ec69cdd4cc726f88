"""Work orders, their alerts and events."""

import sqlalchemy as sa
from alembic import op

from alert_sinks.migrations.only_added import only_ever_added

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _alert_revisions()
    _households()
    _suppressions()
    _work_orders()
    _alerts()
    _evidence()
    _order_events()
    _evidence_files()


def _alert_revisions() -> None:
    op.create_table(
        "alert_revisions",
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("alert_id", "revision", name="pk_alert_revisions"),
    )
    only_ever_added("alert_revisions")


def _households() -> None:
    op.create_table(
        "households",
        sa.Column("household_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("household_id", name="pk_households"),
    )


def _suppressions() -> None:
    op.create_table(
        "suppressions",
        sa.Column("id", _SERIAL, nullable=False),
        sa.Column("household_id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("lifted_at", sa.BigInteger(), nullable=True),
        sa.Column("lifted_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["household_id"], ["households.household_id"], name="fk_suppressions_household_id"),
        sa.PrimaryKeyConstraint("id", name="pk_suppressions"),
    )
    op.create_index("suppressions_of_household", "suppressions", ["household_id"], unique=False)


def _work_orders() -> None:
    op.create_table(
        "work_orders",
        sa.Column("id", _SERIAL, nullable=False),
        sa.Column("household_id", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("centre", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("severity", sa.SmallInteger(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("counted_from", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("first_step_at", sa.BigInteger(), nullable=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("assignee", sa.Text(), nullable=True),
        sa.Column("directions", sa.Text(), nullable=False),
        sa.Column("programs", sa.Text(), nullable=False),
        sa.Column("sources", sa.Text(), nullable=False),
        sa.Column("standing", sa.Integer(), nullable=False),
        sa.Column("quiet_until", sa.BigInteger(), nullable=False),
        sa.Column("notified_at", sa.BigInteger(), nullable=True),
        sa.Column("notified_how", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("proposal", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["household_id"], ["households.household_id"], name="fk_work_orders_household_id"),
        sa.PrimaryKeyConstraint("id", name="pk_work_orders"),
    )
    op.create_index(
        "inbox",
        "work_orders",
        ["centre", "severity", "due_at", "id", "quiet_until", "state", "assignee"],
        unique=False,
        sqlite_where=sa.text("state <> 'closed'"),
        postgresql_where=sa.text("state <> 'closed'"),
    )
    op.create_index(
        "one_open_order_per_household",
        "work_orders",
        ["household_id"],
        unique=True,
        sqlite_where=sa.text("state <> 'closed'"),
        postgresql_where=sa.text("state <> 'closed'"),
    )
    op.create_index("orders_by_closing", "work_orders", ["closed_at"], unique=False)
    op.create_index("orders_by_state", "work_orders", ["state"], unique=False)
    op.create_index("orders_of_household", "work_orders", ["household_id"], unique=False)


def _alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("order_id", _SERIAL, nullable=True),
        sa.Column("household_id", sa.Text(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("severity", sa.SmallInteger(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("programs", sa.Text(), nullable=False),
        sa.Column("feeds", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("supported_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("days_to_act", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("shadow", sa.Boolean(), nullable=False),
        sa.Column("only_member", sa.Boolean(), nullable=False),
        sa.Column("feed_doubtful", sa.Boolean(), nullable=False),
        sa.Column("inhibited", sa.Boolean(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answer_program", sa.Text(), nullable=True),
        sa.Column("answer_note", sa.Text(), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("verdict_by", sa.Text(), nullable=True),
        sa.Column("verdict_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["work_orders.id"], name="fk_alerts_order_id"),
        sa.PrimaryKeyConstraint("alert_id", name="pk_alerts"),
    )
    op.create_index("alerts_by_source", "alerts", ["source", "received_at"], unique=False)
    op.create_index("alerts_of_household", "alerts", ["household_id"], unique=False)
    op.create_index("alerts_of_order", "alerts", ["order_id"], unique=False)


def _evidence() -> None:
    op.create_table(
        "evidence",
        sa.Column("id", _SERIAL, nullable=False),
        sa.Column("order_id", _SERIAL, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=True),
        sa.Column("file_type", sa.Text(), nullable=True),
        sa.Column("file_size", sa.Integer(), nullable=True),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("checked_at", sa.BigInteger(), nullable=True),
        sa.Column("checked_by", sa.Text(), nullable=True),
        sa.Column("checked_round", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["work_orders.id"], name="fk_evidence_order_id"),
        sa.PrimaryKeyConstraint("id", name="pk_evidence"),
    )
    op.create_index("evidence_of_order", "evidence", ["order_id"], unique=False)


def _order_events() -> None:
    op.create_table(
        "order_events",
        sa.Column("id", _SERIAL, nullable=False),
        sa.Column("order_id", _SERIAL, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["work_orders.id"], name="fk_order_events_order_id"),
        sa.PrimaryKeyConstraint("id", name="pk_order_events"),
        sa.UniqueConstraint("order_id", "version", name="uq_order_events_order_id"),
    )
    op.create_index("events_by_time", "order_events", ["at"], unique=False)
    only_ever_added("order_events")


def _evidence_files() -> None:
    op.create_table(
        "evidence_files",
        sa.Column("evidence_id", _SERIAL, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name="fk_evidence_files_evidence_id"),
        sa.PrimaryKeyConstraint("evidence_id", name="pk_evidence_files"),
    )
