"""Failures to sign in are counted by name and address, also for names that no account has."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "guesses",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("rests_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source", name="pk_guesses"),
    )
    op.create_index("guesses_by_time", "guesses", ["last_at"], unique=False)
    for column in ("failures", "locked_until"):
        op.drop_column("accounts", column)
