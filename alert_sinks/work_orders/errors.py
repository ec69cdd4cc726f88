"""Why a step cannot be taken. Each reason is a word, so that a screen can say it in the officer's language."""

from collections.abc import Sequence


class StepError(Exception):
    """The step is not possible as things stand; `reasons` holds every cause."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(", ".join(reasons))
        self.reasons: Sequence[str] = reasons


class ConflictError(Exception):
    """Somebody, or a new alert, has changed the order since it was looked at."""

    def __init__(self, seen: int, current: int) -> None:
        super().__init__(f"the order is at version {current}, not {seen}")
        self.seen = seen
        self.current = current


class UnknownOrderError(Exception):
    """There is no such order."""
