"""This machine: versions, free disk, a worker that answers."""

import platform
import shutil
import urllib.error
import urllib.request
from collections.abc import Iterator
from importlib.metadata import version

from monitor.doctor.database import sqlite_file
from monitor.doctor.finding import Finding, fault, note, ok
from monitor.settings import Settings

_LIBRARIES = ("faust-streaming", "aiokafka", "confluent-kafka", "redis", "river", "sqlalchemy")
_LEAST_BYTES, _LEAST_SHARE = 1 << 30, 0.05


def check_versions() -> Iterator[Finding]:
    """What runs here."""
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    yield ok("versions", f"monitor {version('safety-net-monitor')}, Python {platform.python_version()}, {libraries}")


def check_disk(settings: Settings) -> Iterator[Finding]:
    """Room where this process writes: the folder of an SQLite file."""
    file = sqlite_file(settings.database)
    if file is None:
        yield ok("disk", "nothing is kept on this machine; look at those of Kafka, Redis and the database")
        return
    folder = file.parent.resolve()
    try:
        usage = shutil.disk_usage(folder)
    except OSError as error:
        yield fault("disk", f"{folder}: {error.strerror}", "make the folder, or correct MONITOR_DATABASE")
        return
    said = f"{folder}: {usage.free / 1e9:.1f} GB free"
    if usage.free < max(_LEAST_BYTES, _LEAST_SHARE * usage.total):
        yield fault("disk", said, "make room: a full disk stops the database, Kafka and Redis")
    else:
        yield ok("disk", said)


def check_worker(settings: Settings) -> Iterator[Finding]:
    """The worker of this machine, if one runs at the settings' port."""
    url = f"http://{settings.host}:{settings.metrics_port}/readyz"
    try:
        with urllib.request.urlopen(url, timeout=3):
            yield ok("worker", f"{url} says ready")
    except urllib.error.HTTPError as error:
        said = "; ".join(error.read().decode(errors="replace").split("\n")).strip("; ")
        yield fault("worker", f"{url}: {said}", "what it names is explained above or in its log")
    except OSError:
        yield note("worker", f"nobody answers at {url}", "start `monitor worker`, unless it runs elsewhere")
