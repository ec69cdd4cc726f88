"""`monitor users`: the console's accounts, from the shell."""

from typing import Annotated

import typer

Name = Annotated[str, typer.Argument(help="The user's name.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    users = typer.Typer(no_args_is_help=True, help="The console's accounts.")
    app.add_typer(users, name="users")
    users.command("list")(show)
    for command in (add, reset, disable, token):
        users.command()(command)


def show() -> None:
    """List accounts: name, role, centre, state."""
    import sqlalchemy as sa

    from monitor.console.shell import opened
    from monitor.console.tables import Account

    with opened() as (session, _, _):
        for account in session.scalars(sa.select(Account).order_by(Account.name)):
            state = "disabled" if account.disabled else "one-time password" if account.one_time else "active"
            typer.echo("\t".join((account.name, account.role, account.centre or "-", state)))


def add(
    name: Name,
    role: Annotated[str, typer.Option(help="officer, supervisor, analyst, ops, auditor or admin")],
    centre: Annotated[str | None, typer.Option(help="For officers and supervisors: a centre's id.")] = None,
    shown_name: Annotated[str, typer.Option("--name", help="The name that pages show.")] = "",
) -> None:
    """Make an account and print its one-time password."""
    from monitor.console import user_changes
    from monitor.console.shell import ACTOR, opened

    with opened() as (session, routing, now):
        password = user_changes.add(session, routing, name, role, centre, shown_name, now, by=ACTOR)
    typer.echo(password)


def reset(name: Name) -> None:
    """Give a user a new one-time password, and print it."""
    from monitor.console import user_changes
    from monitor.console.shell import ACTOR, opened

    with opened() as (session, _, now):
        password = user_changes.reset(session, name, now, by=ACTOR)
    typer.echo(password)


def disable(name: Name, enable: Annotated[bool, typer.Option("--undo", help="Let the user in again.")] = False) -> None:
    """Lock a user out."""
    from monitor.console import user_changes
    from monitor.console.shell import ACTOR, opened

    change = user_changes.enable if enable else user_changes.disable
    with opened() as (session, _, now):
        change(session, name, now, by=ACTOR)


def token(
    name: Name,
    scope: Annotated[
        list[str],
        typer.Option(
            help="orders:read, orders:write, figures:read, feeds:read, audit:read, users:read, users:write, "
            "centres:read, centres:write; repeat."
        ),
    ],
    label: Annotated[str, typer.Option(help="What it is for.")] = "",
    days: Annotated[int, typer.Option(min=1, max=366, help="How long it lasts.")] = 90,
) -> None:
    """Make a token for the JSON interface, with a user's powers, and print it."""
    from monitor.console import audit
    from monitor.console.accounts import make_token
    from monitor.console.shell import ACTOR, opened
    from streams.moments import DAY

    with opened() as (session, _, now):
        made = make_token(session, name, label, tuple(scope), now + days * DAY, now)
        audit.write(session, now, ACTOR, "token_made", name, {"scopes": scope, "label": label})
    typer.echo(made)
