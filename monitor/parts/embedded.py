"""The parts as one: started in one folder, stopped together; what they listen on as `MONITOR_*` settings."""

import fcntl
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from monitor.parts.kafka import Kafka
from monitor.parts.postgres import Postgres
from monitor.parts.valkey import Valkey
from streams.errors import UnusableError


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Running parts. `database` is PostgreSQL's URL or that of an SQLite file in the same folder."""

    kafka: str
    redis: str
    database: str

    def environment(self) -> dict[str, str]:
        """The settings that point at them."""
        return {"MONITOR_KAFKA": self.kafka, "MONITOR_REDIS": self.redis, "MONITOR_DATABASE": self.database}


@contextmanager
def running(data: Path | None, *, postgres: bool) -> Iterator[Parts]:
    """Start the parts and stop them at the end. Without `data` they live in a folder that goes with them.

    Raises UnusableError where one cannot start, or the folder is in use.
    """
    with ExitStack() as open_things:
        folder = _folder(data, open_things)
        keep = data is not None
        kafka = Kafka(_private(folder / "kafka"))
        open_things.callback(kafka.stop)
        valkey = Valkey(_private(folder / "valkey"), keep=keep)
        open_things.callback(valkey.stop)
        database = f"sqlite:///{folder / 'monitor.db'}"
        if postgres:
            server = Postgres(folder / "postgres", keep=keep)
            open_things.callback(server.stop)
            server.wait()
            database = server.url
        valkey.wait()
        kafka.wait()
        yield Parts(kafka=kafka.bootstrap, redis=valkey.url, database=database)


def _folder(data: Path | None, open_things: ExitStack) -> Path:
    if data is None:
        return Path(open_things.enter_context(tempfile.TemporaryDirectory(prefix="monitor-parts-")))
    try:
        data.mkdir(parents=True, exist_ok=True)
        # The kernel lets go of this lock with the process, however that ends.
        lock = open_things.enter_context((data / ".in-use").open("w"))
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise UnusableError(
            f"--data {data}: in use by another `monitor parts`; end it or give another folder"
        ) from error
    except OSError as error:
        raise UnusableError(f"--data {data}: {error.strerror}; give a folder that can be written") from error
    return data.resolve()


def _private(folder: Path) -> Path:
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder
