"""`monitor keys`: the sealing keys, added and put to use. Pseudonyms and ids hang on none of them."""

import typer


def register(app: typer.Typer) -> None:
    """Add the commands."""
    keys = typer.Typer(no_args_is_help=True, help="The sealing keys beside the secret file.")
    app.add_typer(keys, name="keys")
    keys.command()(show)
    keys.command()(add)
    keys.command()(reseal)


def show() -> None:
    """The ids of the sealing keys, oldest first; a sealed text begins with the id of its key."""
    from monitor.settings import load
    from streams.secrets import Keys

    *former, newest = Keys.from_file(load().secret_file).sealing_keys
    for key_id in former:
        typer.echo(f"{key_id}  opens")
    typer.echo(f"{newest}  opens and seals")


def add() -> None:
    """Add a sealing key. New texts are sealed with it, old ones still open; pseudonyms and ids stay as they are."""
    from monitor.settings import load
    from streams.secrets import Keys, add_sealing_key, ring_path

    path = load().secret_file
    Keys.from_file(path)
    add_sealing_key(path)
    typer.echo(
        f"added to {ring_path(path)}; copy it to every machine and beside your copy of the secret file, then restart "
        "workers and console, then run `monitor keys reseal`"
    )


def reseal() -> None:
    """Seal roster and records anew with the newest key, while workers run; may be repeated."""
    import asyncio

    from redis.exceptions import RedisError

    from monitor.resealing import Resealed
    from monitor.resealing import reseal as run
    from monitor.settings import load
    from streams.errors import UnusableError
    from streams.publishing import Publisher, PublishError
    from streams.redis_store import open_redis, said
    from streams.secrets import Keys
    from streams.topics import ROSTER

    settings = load()
    keys = Keys.from_file(settings.secret_file)

    async def with_parts() -> Resealed:
        publisher = Publisher.to(settings.kafka, [ROSTER])
        client = await open_redis(settings.redis)
        try:
            return await run(settings.kafka, client, publisher, keys)
        except PublishError as error:
            raise UnusableError(f"{ROSTER}: the broker did not take all lines ({error}); run it again") from error
        except (RedisError, OSError) as error:
            raise UnusableError(f"MONITOR_REDIS: {said(error)}; run it again") from error
        finally:
            publisher.close()
            await client.aclose()

    done = asyncio.run(with_parts())
    typer.echo(
        f"sealed anew: {done.lines} roster lines, records of {done.households} households, {done.events} events; "
        "messages about households keep their former seals for 26 months, dead letters for 14 days"
    )
