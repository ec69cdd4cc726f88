"""A folder of results that appears all at once, or not at all."""

import errno
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from streams.errors import UnusableError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def results(folder: Path, *, events: Path) -> Iterator[Path]:
    """A scratch folder beside `folder`; what it holds becomes the folder's when the block ends without an error.

    What has the same name is replaced, the rest of the folder stays. Names that begin with a dot are no results.
    Raises UnusableError where the folder cannot be written or is that of the `events`, before any work is done, and
    where the disk is full.
    """
    try:
        if folder.resolve() == events.resolve():
            raise UnusableError(f"--out {folder}: holds the departments' files, results have no place among them")
        nearest = _nearest(folder)
        if not nearest.is_dir():
            raise UnusableError(f"--out {folder}: {nearest} is a file; give a folder")
        scratch = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=nearest))
    except OSError as error:
        raise _unwritable(folder, error) from error
    try:
        yield scratch
        _publish(scratch, folder)
    except OSError as error:
        if error.errno in _FULL or _lies_in(error, scratch):
            raise _unwritable(folder, error) from error
        raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _nearest(folder: Path) -> Path:
    """The folder itself, or what there is of its path: writing there shows that results can be written."""
    return next(place for place in (folder, *folder.absolute().parents) if place.exists())


def _publish(scratch: Path, folder: Path) -> None:
    for path in scratch.glob(".*"):
        shutil.rmtree(path)
    if folder.is_dir():
        for path in sorted(scratch.iterdir()):
            if path.is_dir():
                shutil.rmtree(folder / path.name, ignore_errors=True)
            path.replace(folder / path.name)
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch.chmod(0o755)
    scratch.rename(folder)


def _lies_in(error: OSError, folder: Path) -> bool:
    names = (error.filename, error.filename2)
    return any(isinstance(name, str | Path) and Path(name).is_relative_to(folder) for name in names)


def _unwritable(folder: Path, error: OSError) -> UnusableError:
    return UnusableError(f"--out {folder}: cannot be written ({error.strerror}); choose another folder")
