"""How many vehicles or homes a household holds when a record counts (rules.md, fact 8).

The count is the greater of what stands by the records and *declared + begun since `as_of` − ended since `as_of`*.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

from detectors.rules.history import FOREVER, History, Period, Reading, begins_fact
from streams.changes import Change


@dataclass(frozen=True)
class Holdings:
    """One kind of thing: in which feed, what names it, which of them count, and what the household declared.

    Those count whose `sort` is one of `counted`.
    """

    feed: str
    name: str
    sort: str
    counted: tuple[str, ...]
    declared: Callable[[Period], int]

    def counts(self, change: Change) -> bool:
        """The record is about a thing that counts."""
        return change.text(self.sort) in self.counted


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
    held = _held(history, holdings, period)
    thing = reading.change.text(holdings.name)
    own = next((s for s in held.by_thing.get(thing, ()) if s.begin <= reading.at < s.end), None)
    if own is None:
        return 0
    at = max(own.begin, period.start)
    read = [s for s in held.spans if s.read_from <= at]
    if own.begin < period.start:
        return sum(1 for s in read if s.place <= own.place and at < s.end)
    before = [s for s in read if s.begin <= own.begin]
    standing = sum(1 for s in before if at < s.end)
    begun = sum(1 for s in before if period.start <= s.begin)
    ended = sum(1 for s in before if period.start <= s.end <= at)
    ended += bisect_right(held.unrecorded_ends, at)
    return max(standing, holdings.declared(period) + begun - ended)


class _Held(NamedTuple):
    """What a line's members hold: spans by beginning and by thing, and when things without a beginning ended."""

    spans: list[Span]
    by_thing: dict[str, list[Span]]
    unrecorded_ends: list[int]


def _held(history: History, holdings: Holdings, period: Period) -> _Held:
    """Worked out once for all records of a household's history as it stands."""
    name = holdings.feed, holdings.counted, period.start
    held = history.derived.get(name)
    if not isinstance(held, _Held):
        held = _Held(_spans(history, holdings, period), defaultdict(list), _unrecorded_ends(history, holdings, period))
        for span in held.spans:
            held.by_thing[span.thing].append(span)
        history.derived[name] = held
    return held


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


def _unrecorded_ends(history: History, holdings: Holdings, period: Period) -> list[int]:
    """When things that no record shows to have begun, so declared ones, were given away since `as_of`; in order."""
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
    return sorted(
        end for thing, end in ends.items() if begins.get(thing, FOREVER) >= end and (thing, end) not in never_stood
    )
