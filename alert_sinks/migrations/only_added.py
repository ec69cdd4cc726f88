"""Lets the database itself refuse to change or remove rows."""

from alembic import op

_SQLITE = """
CREATE TRIGGER {table}_{action}_refused BEFORE {action} ON {table}
BEGIN SELECT RAISE(ABORT, 'rows of {table} are only ever added'); END
"""
_POSTGRESQL = """
CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'rows of {table} are only ever added'; END $$;
CREATE TRIGGER {table}_refused BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse();
"""


def only_ever_added(table: str) -> None:
    """Let the database itself refuse to change or remove rows."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_POSTGRESQL.format(table=table))
        return
    for action in ("UPDATE", "DELETE"):
        op.execute(_SQLITE.format(table=table, action=action))
