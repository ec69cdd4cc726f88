"""The settings and where each came from, with passwords masked; the secret file; the configuration."""

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from detectors.yaml_file import Faults
from monitor.configuration import load_configuration
from monitor.doctor.finding import Finding, fault, note, ok
from monitor.settings import Settings, credential_folders
from streams.errors import UnusableError
from streams.secrets import Keys, ring_path

_SHOWN_FAULTS = 5
_URLS = ("redis", "database")


def check_settings(settings: Settings) -> Iterator[Finding]:
    """Each setting with its value and origin."""
    for name in sorted(Settings.model_fields):
        value = str(getattr(settings, name))
        shown = masked(value) if name in _URLS else value
        yield ok("settings", f"MONITOR_{name.upper()} = {shown} ({_origin(name)})")


def masked(url: str) -> str:
    """A URL without its password."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    user = parts.username or ""
    return urlunsplit(parts._replace(netloc=f"{user}:…@{parts.netloc.rpartition('@')[2]}"))


def _origin(name: str) -> str:
    if os.environ.get(f"MONITOR_{name.upper()}"):
        return "environment"
    for folder in credential_folders():
        if (folder / f"monitor_{name}").is_file():
            return f"file {folder / f'monitor_{name}'}"
    return "default"


def check_secret(path: Path) -> Iterator[Finding]:
    """The secret file can be read, and by nobody who should not."""
    try:
        keys = Keys.from_file(path)
    except UnusableError as error:
        yield fault("secret", str(error), "restore it from your copy; another file means other pseudonyms and ids")
        return
    mode = path.stat().st_mode & 0o777
    if mode & 0o077 and path.parent not in credential_folders():
        yield note("secret", f"{path} has mode {mode:o}: others can read it", f"chmod 600 {path}")
    else:
        yield ok("secret", f"{path} can be read; keep a copy elsewhere")
    ring = f"{len(keys.sealing_keys)} sealing keys, {keys.sealing_keys[-1]} seals"
    yield ok("secret", ring if ring_path(path).exists() else f"no ring beside it; {keys.sealing_keys[-1]} seals")


def check_configuration(folder: Path) -> Iterator[Finding]:
    """Rules, detectors and standards have no fault."""
    faults = Faults()
    try:
        configuration = load_configuration(folder, faults)
    except UnusableError as error:
        yield fault("configuration", str(error), "set MONITOR_CONFIG to a folder like configs/")
        return
    for one in sorted(faults)[:_SHOWN_FAULTS]:
        yield fault("configuration", str(one), "mend it; `monitor check` lists all faults")
    if not faults:
        counted = f"{len(configuration.rules.rules)} rules, {len(configuration.detectors)} detectors"
        yield ok("configuration", f"{folder}: {counted}, no fault")
