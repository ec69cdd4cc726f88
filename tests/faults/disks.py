"""A disk that is soon full: a small file system in memory, which only root may mount."""

import os
import subprocess
from contextlib import ExitStack, suppress
from pathlib import Path


class NotRootError(Exception):
    """The experiment needs root."""


def small_disk(folder: Path, megabytes: int, open_things: ExitStack) -> Path:
    """Mount an empty file system of so many megabytes on a new folder, until `open_things` are closed."""
    if os.geteuid() != 0:
        raise NotRootError
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "tmpfs", folder], check=True)
    open_things.callback(subprocess.run, ["umount", "--lazy", str(folder)], check=False)
    return folder


def fill(ballast: Path) -> None:
    """Write a file until nothing more fits beside it."""
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(65536))
    with ballast.open("ab", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"x")
