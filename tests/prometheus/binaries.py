"""Prometheus and promtool: those of the machine, or Debian's package unpacked into the cache folder, without root."""

import fcntl
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from monitor.parts.jars import cache_folder


@cache
def prometheus_binary(name: str) -> Path:
    """The path of `prometheus` or `promtool`. Raises RuntimeError where neither way leads to it."""
    installed = shutil.which(name)
    return Path(installed) if installed else _unpacked() / "usr" / "bin" / name


def _unpacked() -> Path:
    wanted = cache_folder() / "prometheus"
    wanted.parent.mkdir(parents=True, exist_ok=True)
    with (wanted.parent / "download.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not wanted.is_dir():
            with tempfile.TemporaryDirectory(prefix="download-", dir=wanted.parent) as aside:
                _download(Path(aside)).rename(wanted)
    return wanted


def _download(aside: Path) -> Path:
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        raise RuntimeError("neither Prometheus nor Debian's apt-get is here; install Prometheus 2.42 or newer")
    # Lists and cache of our own, so that no root is needed.
    state = ["-o", f"Dir::State::Lists={aside}/lists", "-o", f"Dir::Cache={aside}/cache"]
    for folder in ("lists/partial", "cache/archives/partial"):
        (aside / folder).mkdir(parents=True)
    for command in (["update"], ["download", "prometheus"]):
        done = subprocess.run(
            ["apt-get", *state, "-o", "Debug::NoLocking=1", *command], cwd=aside, capture_output=True, text=True
        )
        packages = list(aside.glob("prometheus_*.deb"))
        if done.returncode and not packages and command[0] == "download":
            raise RuntimeError(f"Debian's package prometheus cannot be downloaded: {done.stderr.strip()[-200:]}")
    subprocess.run(["dpkg-deb", "-x", packages[0], aside / "unpacked"], check=True)
    return aside / "unpacked"
