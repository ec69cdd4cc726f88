"""Programs of Debian's packages for tests: those of the machine, or unpacked into the cache folder, without root."""

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from monitor.parts.jars import cache_folder

_CHROMIUM = "chromium-headless-shell"
_FONTS = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>/usr/share/fonts</dir><dir>{fonts}</dir><cachedir>{cache}</cachedir>
<match target="pattern"><edit name="family" mode="append_last" binding="strong">
<string>WenQuanYi Micro Hei</string></edit></match></fontconfig>
"""


@dataclass(frozen=True)
class Program:
    """Where a program is, and what it needs in its environment beside the usual."""

    path: Path
    environment: dict[str, str]


@cache
def prometheus_binary(name: str) -> Path:
    """The path of `prometheus` or `promtool`. Raises RuntimeError where neither way leads to it."""
    installed = shutil.which(name)
    # It is linked statically: nothing but the package itself is needed.
    return Path(installed) if installed else unpacked("prometheus", needs=False) / "usr" / "bin" / name


@cache
def systemd_analyze() -> Program:
    """systemd's own check of units. Raises RuntimeError where neither way leads to it."""
    installed = shutil.which("systemd-analyze")
    if installed:
        return Program(Path(installed), dict(os.environ))
    root = unpacked("systemd")
    return Program(root / "usr" / "bin" / "systemd-analyze", {**os.environ, **_libraries(root)})


@cache
def chromium() -> Program:
    """Chromium with fonts for Chinese. Raises RuntimeError where neither way leads to it."""
    installed = shutil.which("chromium") or shutil.which(_CHROMIUM)
    if installed:
        return Program(Path(installed), dict(os.environ))
    # The same browser without windows is half as large, and needs a hundred libraries less.
    root = unpacked(_CHROMIUM, "fonts-wqy-microhei")
    fonts = root / "fonts.conf"
    fonts.write_text(_FONTS.format(fonts=root / "usr" / "share" / "fonts", cache=root / "font-cache"))
    found = {**_libraries(root), "FONTCONFIG_FILE": str(fonts)}
    # Not what lies in usr/bin: that is a script with paths of its own.
    return Program(root / "usr" / "lib" / "chromium" / _CHROMIUM, {**os.environ, **found})


def _libraries(root: Path) -> dict[str, str]:
    folders = ("usr/lib/*-linux-gnu", "lib/*-linux-gnu")
    # Libraries that only their own package looks for, by a path from the machine's root.
    folders += ("usr/lib/*-linux-gnu/systemd", "lib/systemd", "usr/lib/*-linux-gnu/pulseaudio")
    return {"LD_LIBRARY_PATH": ":".join(str(path) for folder in folders for path in root.glob(folder))}


def unpacked(*packages: str, needs: bool = True) -> Path:
    """The folder into which packages were unpacked, with all that they need and this machine lacks if `needs`."""
    wanted = cache_folder() / f"debian-{packages[0]}"
    wanted.parent.mkdir(parents=True, exist_ok=True)
    with (wanted.parent / "download.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not wanted.is_dir():
            with tempfile.TemporaryDirectory(prefix="download-", dir=wanted.parent) as aside:
                _download(Path(aside), packages, needs).rename(wanted)
    return wanted


def _download(aside: Path, packages: Sequence[str], needs: bool) -> Path:
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        raise RuntimeError(f"neither {packages[0]} nor Debian's apt-get is here; install {packages[0]}")
    # Lists and cache of our own, so that no root is needed.
    options = ["-o", f"Dir::State::Lists={aside}/lists", "-o", f"Dir::Cache={aside}/cache", "-o", "Debug::NoLocking=1"]
    archives = aside / "cache" / "archives"
    for folder in (aside / "lists" / "partial", archives / "partial"):
        folder.mkdir(parents=True)
    _apt(aside, [*options, "update"])
    if needs:
        _apt(aside, [*options, "--yes", "--no-install-recommends", "--download-only", "install", *packages])
    else:
        _apt(archives, [*options, "download", *packages])
    found = sorted(archives.glob("*.deb"))
    if not found:
        raise RuntimeError(f"Debian's package {packages[0]} cannot be downloaded; install it")
    for package in found:
        subprocess.run(["dpkg-deb", "-x", package, aside / "unpacked"], check=True)
    return aside / "unpacked"


def _apt(folder: Path, words: Sequence[str]) -> None:
    # An update in which one of several sources failed may do; whether it does is seen by what was downloaded.
    subprocess.run(["apt-get", *words], cwd=folder, capture_output=True, check=False)
