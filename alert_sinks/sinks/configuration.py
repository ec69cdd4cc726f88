"""`sinks.yaml`: where alerts go beside the work orders."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from alert_sinks.routing import DIRECTIONS
from detectors.alerts import SEVERITIES, Alert
from detectors.yaml_file import Faults, Node, load

from .delivery import Retrying
from .file import JsonLinesFile
from .redis_stream import RedisStream
from .sink import Sink
from .webhook import Webhook

KINDS = ("webhook", "redis-stream", "file")
_LEAST_SECRET_BYTES = 16


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which alerts a sink gets; an empty tuple wants all."""

    directions: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    shadow: bool = False

    def __call__(self, alert: Alert) -> bool:
        return (
            (not self.directions or alert.direction in self.directions)
            and (not self.severities or alert.severity in self.severities)
            and (self.shadow or alert.shadow is not True)
        )


@dataclass(frozen=True, kw_only=True)
class SinkSettings:
    """One sink as configured. `target` is a URL, or the file's path; `stream` and `most_entries` are a stream's."""

    name: str
    kind: str
    target: str
    wanted: Wanted
    retrying: Retrying
    secret: bytes = b""
    timeout_seconds: float = 10.0
    stream: str = ""
    most_entries: int = 0

    def open(self, now: Callable[[], int]) -> Sink:
        """The sink itself; nothing is connected before the first batch."""
        if self.kind == "webhook":
            client = httpx.AsyncClient(timeout=self.timeout_seconds, follow_redirects=False)
            return Webhook(self.name, self.target, self.secret, now=now, client=client)
        if self.kind == "file":
            return JsonLinesFile(self.name, Path(self.target))
        # Retrying is done in one place, and a command that timed out may have been carried out.
        client_ = Redis.from_url(self.target, socket_timeout=self.timeout_seconds, retry=Retry(NoBackoff(), 0))
        return RedisStream(self.name, client_, self.stream, self.most_entries)


def load_sinks(path: Path, redis_url: str, faults: Faults | None = None) -> Sequence[SinkSettings]:
    """Read `sinks.yaml`; no such file, no sinks. Paths in it are relative to its folder.

    Raises FaultyError with all faults, or collects them where `faults` is given.
    """
    if not path.exists():
        return ()
    collected = Faults() if faults is None else faults
    top = load(path, collected, name=path.name)
    sinks: list[SinkSettings] = []
    for node in top.children("sinks"):
        settings = _sink(node, path.parent, redis_url)
        if settings.name in {sink.name for sink in sinks}:
            node.fault(f"sink {settings.name} stands here again")
        sinks.append(settings)
    top.done()
    if faults is None:
        collected.check()
    return tuple(sinks)


def _sink(node: Node, folder: Path, redis_url: str) -> SinkSettings:
    name = node.text("name")
    if name and not name.replace("-", "").isalnum():
        node.fault("name must be of letters, digits and hyphens")
    kind = node.word("kind", KINDS)
    wanted = Wanted(
        directions=_words(node, "directions", DIRECTIONS),
        severities=_words(node, "severities", SEVERITIES),
        shadow=node.flag("shadow", False),
    )
    retrying = _retrying(node)
    timeout = node.number("timeout_seconds", 10.0, least=0.1, most=300)
    target, secret, stream, most = "", b"", "", 0
    if kind == "webhook":
        target = _url(node, ("https", "http"))
        secret = _secret(node, folder)
    elif kind == "file":
        target = str(folder / node.text("path"))
    else:
        target = _url(node, ("redis", "rediss", "unix"), redis_url)
        stream = node.text("stream")
        most = node.integer("most_entries", 0)
    node.done()
    return SinkSettings(
        name=name,
        kind=kind,
        target=target,
        wanted=wanted,
        retrying=retrying,
        secret=secret,
        timeout_seconds=timeout,
        stream=stream,
        most_entries=most,
    )


def _retrying(node: Node) -> Retrying:
    child = node.child("retry", required=False)
    if child is None:
        return Retrying()
    usual = Retrying()
    read = Retrying(
        first_seconds=child.number("first_seconds", usual.first_seconds, least=0.01, most=3600),
        most_seconds=child.number("most_seconds", usual.most_seconds, least=0.01, most=3600),
        failures_to_open=child.integer("failures_to_open", usual.failures_to_open, least=1),
        open_seconds=child.number("open_seconds", usual.open_seconds, least=0.01, most=86400),
    )
    child.done()
    return read


def _words(node: Node, key: str, known: Sequence[str]) -> tuple[str, ...]:
    words = node.texts(key, ())
    for word in words:
        if word not in known:
            node.fault(f"{key} must be of {', '.join(known)}")
    return words


def _url(node: Node, schemes: Sequence[str], default: str | None = None) -> str:
    url = node.text("url", default)
    parts = urlsplit(url)
    if url and (parts.scheme not in schemes or not (parts.netloc or parts.path)):
        node.fault(f"url must begin with {' or '.join(scheme + '://' for scheme in schemes)}")
    return url


def _secret(node: Node, folder: Path) -> bytes:
    """The shared secret, from a file of its own so that none stands in the configuration."""
    name = node.text("secret_file")
    if not name:
        return b""
    try:
        secret = (folder / name).read_bytes().strip()
    except OSError as error:
        node.fault(f"secret_file cannot be read: {error.strerror}")
        return b""
    if len(secret) < _LEAST_SECRET_BYTES:
        node.fault(f"secret_file must hold at least {_LEAST_SECRET_BYTES} bytes")
    return secret
