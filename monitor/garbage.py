"""Python's search for reference cycles, made rare: processes here make thousands of objects that live for a moment.

With the default a fifth of a worker's time, and a quarter of a replay's, goes into looking for cycles among them.
"""

import gc

_YOUNG, _MIDDLE, _OLD = 200_000, 20, 100


def collect_rarely() -> None:
    """Leave what there is by now alone for good, and look through the rest only now and then."""
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)
