"""`monitor keys add`: another sealing key, for what is sealed from now on."""

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    keys = typer.Typer(no_args_is_help=True, help="The sealing keys beside the secret file.")
    app.add_typer(keys, name="keys")

    @keys.callback()
    def _group() -> None:
        """Keeps `add` a command of its own while it is the only one."""

    @keys.command()
    def add() -> None:
        """Add a sealing key. New texts are sealed with it, old ones still open; pseudonyms and ids stay as they are."""
        from monitor.settings import load
        from streams.secrets import Keys, add_sealing_key, ring_path

        path = load().secret_file
        Keys.from_file(path)
        add_sealing_key(path)
        typer.echo(f"added to {ring_path(path)}; copy it beside your copy of the secret file, then restart the workers")
