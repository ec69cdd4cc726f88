"""`monitor orders`: the work orders as JSON Lines."""

from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def orders(
        state: Annotated[
            str | None, typer.Option("--state", help="Only those: new, assigned, verifying, notified or closed.")
        ] = None,
    ) -> None:
        """Print work orders, one JSON object a line, in the order in which they were opened."""
        import sys

        import msgspec

        from alert_sinks.database import open_database
        from alert_sinks.work_orders.listing import list_orders
        from alert_sinks.work_orders.steps import STATES
        from monitor.settings import load
        from streams.errors import UnusableError

        if state is not None and state not in STATES:
            raise UnusableError(f"--state {state}: no such state; it is one of {', '.join(STATES)}")
        database = open_database(load().database)
        encode = msgspec.json.Encoder().encode
        with database.reading() as session:
            for order in list_orders(session, state):
                sys.stdout.buffer.write(encode(order) + b"\n")
        sys.stdout.buffer.flush()
        database.close()
