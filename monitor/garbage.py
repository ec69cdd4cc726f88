"""What processes that make thousands of objects for a moment do about memory that nothing needs any more."""

import ctypes
import gc

_YOUNG, _MIDDLE, _OLD = 200_000, 20, 100
_give_back_pages = getattr(ctypes.CDLL(None), "malloc_trim", None)


def collect_rarely() -> None:
    """Leave what there is by now alone for good, and look for reference cycles in the rest only now and then.

    With Python's default a fifth of a worker's time, and a quarter of a replay's, goes into looking for them.
    """
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)


def give_back() -> None:
    """Give pages that nothing uses back to the system; nothing happens where the C library is not glibc.

    It keeps the holes between what lives longer: within an hour of small batches a worker grew by 14 MB of them.
    """
    if _give_back_pages is not None:
        _give_back_pages(0)
