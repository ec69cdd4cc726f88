"""What came in each feed on each day, by division (what was counted before names none); centres as administrators made
them."""

import sqlalchemy as sa
from alembic import op

from alert_sinks.migrations.only_added import only_ever_added

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _feed_days()
    op.create_table(
        "routings",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("version", name="pk_routings"),
    )
    only_ever_added("routings")


def _feed_days() -> None:
    op.execute("CREATE TABLE feed_days_before AS SELECT * FROM feed_days")
    op.drop_table("feed_days")
    op.create_table(
        "feed_days",
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("records", sa.BigInteger(), nullable=False),
        sa.Column("newest", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("feed", "division", "day", "reason", name="pk_feed_days"),
    )
    op.execute(
        "INSERT INTO feed_days (feed, division, day, reason, records, newest) "
        "SELECT feed, '', day, reason, records, newest FROM feed_days_before"
    )
    op.drop_table("feed_days_before")
