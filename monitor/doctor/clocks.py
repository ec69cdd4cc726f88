"""Clocks: what is in the future, late or overdue is judged by them."""

from monitor.doctor.finding import Finding, note, ok
from streams.moments import SECOND

_MOST_SECONDS = 2.0


def check_clock(part: str, theirs: int, ours: int) -> Finding:
    """How far a part's clock is from ours; both are instants."""
    apart = (theirs - ours) / SECOND
    if abs(apart) > _MOST_SECONDS:
        return note("clock", f"{part} is {apart:+.1f} s from this machine", "let both follow one time server")
    return ok("clock", f"{part} agrees with this machine")
