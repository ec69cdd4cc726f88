"""How many vehicles or homes a household holds when a record counts (rules.md, fact 8).

The count is the greater of what stands by the records and *declared + begun since `as_of` − ended since `as_of`*.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace

from detectors.rules.history import FOREVER, History, Period, Reading, begins_fact
from streams.changes import Change


@dataclass(frozen=True)
class Holdings:
    """One kind of thing: in which feed, what names it, which of them count, and what the household declared."""

    feed: str
    name: str
    counts: Callable[[Change], bool]
    declared: Callable[[Period], int]


@dataclass(frozen=True)
class Span:
    """A thing standing without a break, whoever of the household holds it. `read_from`: first consented moment.

    `first` orders it among things that began at once: when its first record was reported, and that record's event.
    """

    thing: str
    begin: int
    first: tuple[int, str]
    end: int
    read_from: int

    @property
    def place(self) -> tuple[int, tuple[int, str], str]:
        """What began first counts first; at one instant what was reported first."""
        return self.begin, self.first, self.thing


def count(history: History, holdings: Holdings, reading: Reading) -> int:
    """The count that the reading's thing brings about: all that began with it or before.

    An instant is judged as a whole; of what stood before `as_of` what began first counts first (`Span.place`).

    A record of a thing that stands already is counted as of its beginning, or of the line's `as_of` after it.
    """
    period = reading.period
    spans = _spans(history, holdings, period)
    thing = reading.change.text(holdings.name)
    own = next((s for s in spans if s.thing == thing and s.begin <= reading.at < s.end), None)
    if own is None:
        return 0
    at = max(own.begin, period.start)
    read = [s for s in spans if s.read_from <= at]
    if own.begin < period.start:
        return sum(1 for s in read if s.place <= own.place and at < s.end)
    before = [s for s in read if s.begin <= own.begin]
    standing = sum(1 for s in before if at < s.end)
    begun = sum(1 for s in before if period.start <= s.begin)
    ended = sum(1 for s in before if period.start <= s.end <= at)
    ended += _ended_unrecorded(history, holdings, period, at)
    return max(standing, holdings.declared(period) + begun - ended)


def _spans(history: History, holdings: Holdings, period: Period) -> list[Span]:
    """The things that the line's members hold, by beginning."""
    holds: dict[str, list[tuple[int, tuple[int, str], int, int]]] = defaultdict(list)
    for change in history.by_feed.get(holdings.feed, {}).values():
        if not begins_fact(change) or not holdings.counts(change) or period.find(change.person, "member") is None:
            continue
        end = history.end_of(change)
        if end <= change.occurred_at:
            continue
        first = next(history.readings(change, (change.person,), "member"), None)
        if first is not None:
            reported = change.reported_at, change.event_id
            holds[change.text(holdings.name)].append((change.occurred_at, reported, end, first.at))
    spans = []
    for thing, intervals in holds.items():
        current: Span | None = None
        for begin, reported, end, read in sorted(intervals):
            if current is not None and begin <= current.end:
                current = replace(current, end=max(end, current.end), read_from=min(read, current.read_from))
            else:
                if current is not None:
                    spans.append(current)
                current = Span(thing, begin, reported, end, read)
        if current is not None:
            spans.append(current)
    return sorted(spans, key=lambda s: s.place)


def _ended_unrecorded(history: History, holdings: Holdings, period: Period, at: int) -> int:
    """Things that no record shows to have begun, so declared ones, and that were given away since `as_of`."""
    begins: dict[str, int] = {}
    ends: dict[str, int] = {}
    never_stood: set[tuple[str, int]] = set()
    for change in history.by_feed.get(holdings.feed, {}).values():
        if not holdings.counts(change) or period.find(change.person, "member") is None:
            continue
        thing, when = change.text(holdings.name), change.occurred_at
        if not begins_fact(change):
            if when >= period.start:
                ends[thing] = min(when, ends.get(thing, FOREVER))
            continue
        begins[thing] = min(when, begins.get(thing, FOREVER))
        if history.end_of(change) == when:
            never_stood.add((thing, when))
    return sum(
        1
        for thing, end in ends.items()
        if end <= at and begins.get(thing, FOREVER) >= end and (thing, end) not in never_stood
    )
