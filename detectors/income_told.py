"""What was said about a person's incomes: from when on a level counts as known to have changed, and what is news."""

from detectors.household_state import PersonSeries, Told
from detectors.population import WAGES

RISES = frozenset({"income-jump", "income-drift", "second-source"})
"""Of one rise the first of them to speak counts."""
SHIFTS = ("income-jump", "income-drop")
_SILENT = 6


def resets(person: PersonSeries, feed: str) -> tuple[int, ...]:
    """Periods from which a level counts as known to have changed, because it was told."""
    if not person.told:
        return ()
    return tuple(
        told.onset if told.source in SHIFTS else told.confirmed
        for told in person.told
        if told.feed == feed or (told.feed in WAGES and feed in WAGES)
    )


def is_news(person: PersonSeries, new: Told) -> bool:
    """Nothing of the kind was said within six months, or the level has changed again since."""
    family = RISES if new.source in RISES else frozenset({new.source})
    for told in person.told:
        if told.source not in family:
            continue
        again = new.source in SHIFTS and new.onset > told.confirmed
        if new.onset <= told.confirmed or (new.month - told.month < _SILENT and not again):
            return False
    return True
