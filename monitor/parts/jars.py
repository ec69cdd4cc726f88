"""Kafka's jars: resolved once by jgo's own resolver, then kept in the user's cache folder."""

import fcntl
import os
import shutil
import tempfile
from pathlib import Path

from streams.errors import UnusableError

KAFKA = "4.1.1"
_COORDINATES = (
    f"org.apache.kafka:kafka_2.13:{KAFKA}",
    # jgo would otherwise take an older kafka-clients, and the broker dies with NoSuchMethodError.
    f"org.apache.kafka:kafka-clients:{KAFKA}",
    "org.apache.logging.log4j:log4j-slf4j-impl:2.24.3",
)


def cache_folder() -> Path:
    """Where downloads are kept between runs."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "safety-net-monitor"


def kafka_jars() -> Path:
    """The folder that holds Kafka's jars, downloaded if need be. Raises UnusableError without a registry.

    They come into a folder aside and move into place whole, so that an interrupted download leaves nothing broken.
    """
    wanted = cache_folder() / f"kafka-{KAFKA}"
    if wanted.is_dir():
        return wanted
    wanted.parent.mkdir(parents=True, exist_ok=True)
    with (wanted.parent / "download.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not wanted.is_dir():
            with tempfile.TemporaryDirectory(prefix="download-", dir=wanted.parent) as aside:
                _download(Path(aside)).rename(wanted)
    return wanted


def _download(aside: Path) -> Path:
    from jgo.maven import MavenContext
    from requests import RequestException

    maven = MavenContext(repo_cache=aside / "repository", timeout=60)
    jars = aside / "jars"
    jars.mkdir()
    try:
        wanted = [maven.create_dependency(coordinate) for coordinate in _COORDINATES]
        given, drawn_in = maven.resolver.resolve(wanted)
        runtime = [one for one in drawn_in if one.scope in {"compile", "runtime"}]
        for dependency in (*given, *runtime):
            path = dependency.artifact.resolve()
            shutil.move(path, jars / path.name)
    except (OSError, RuntimeError, RequestException) as error:
        said = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise UnusableError(
            f"Kafka's jars cannot be downloaded: {said}; check the connection to the Maven registry, "
            "or set MONITOR_KAFKA to a broker of your own"
        ) from error
    return jars
