"""Memory that nothing needs goes back to the system."""

import ctypes
import os
import subprocess
import sys

import pytest

_HOLES = """
from pathlib import Path
from monitor.garbage import give_back
pages = lambda: int(Path("/proc/self/statm").read_text().split()[1])
kept = [bytes(2000) for _ in range(40_000)]
del kept[:-1]  # what lives longer stands behind the holes
before = pages()
give_back()
print(before, pages())
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="only glibc keeps holes and gives them back")
def test_pages_between_what_lives_longer_are_given_back() -> None:
    told = subprocess.run([sys.executable, "-c", _HOLES], capture_output=True, text=True, check=True).stdout
    before, after = map(int, told.split())
    assert (before - after) * os.sysconf("SC_PAGE_SIZE") > 40e6
