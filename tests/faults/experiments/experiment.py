"""What an experiment is."""

from collections.abc import Callable
from typing import NamedTuple

from tests.faults.load import Load
from tests.faults.run import Run


class Experiment(NamedTuple):
    """`says` is for the table; `strike` lets the load begin, breaks something, and mends it."""

    says: str
    strike: Callable[[Run], None]
    load: Load = Load()
    must_be_caught: bool = False
    """A self-test: the judge must find faults."""
