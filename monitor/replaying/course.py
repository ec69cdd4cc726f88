"""The course of a replay: all that happens, in the order of time."""

import heapq
from collections.abc import Callable, Iterator, Mapping, Sequence

from detectors.cells import CellCounts
from monitor.replaying.pulse import pulse
from monitor.replaying.runs import merged, repeated
from monitor.replaying.screened import Screened
from streams.changes import Change
from streams.concealing import reveal
from streams.messages import Matched, Reached
from streams.screening import EventMemory, Origin, deliveries, event_key
from streams.secrets import Keys

_REPLAYED = Origin("", 0)
_TELL_EVERY = 200

Happening = Matched | Reached | CellCounts


def messages(keys: Keys, screened: Sequence[Screened], told: Callable[[int], None]) -> Iterator[tuple[Matched, int]]:
    """What the households learn, in the order of reporting, each with the instant of its report.

    `told` hears how many matches have been taken.
    """

    def plain(change: Change) -> Mapping[str, str]:
        return reveal(change, keys)

    several = repeated(path for done in screened for path in done.fingerprints)
    memory = EventMemory(plain)
    count = 0
    for waiting in merged([run for done in screened for run in done.runs]):
        count += 1 if waiting.homes else 0
        if count % _TELL_EVERY == 0:
            told(count)
        match = waiting.match()
        held = memory.hold(event_key(match.change, keys), match) if waiting.event in several else None
        for message, _ in deliveries(match, held, lambda record: _REPLAYED, plain)[0]:
            yield message, waiting.reported_at
    told(count)


def course(
    changes: Iterator[tuple[Matched, int]], screened: Sequence[Screened], *, feeds: bool
) -> Iterator[tuple[int, Happening]]:
    """Changes, then how far the feeds had come, then what they had brought, each with its instant.

    Without `feeds`, the changes alone.
    """
    told = ((at, 0, message) for message, at in changes)
    beaten = ((at, 1, message) for at, message in pulse([done.pulse for done in screened] if feeds else []))
    for at, _, message in heapq.merge(told, beaten, key=lambda known: known[:2]):
        yield at, message
