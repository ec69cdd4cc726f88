"""Runs the detectors over a simulated county as assessment would, and compares what they say with the truths."""

import time
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path

from detectors.household_state import HouseholdSeries
from detectors.online import Online
from detectors.population import Population
from detectors.progress import CellProgress, Progress
from detectors.settings import load_detectors
from detectors.signals import Signal
from streams.changes import Change
from streams.ledger import Applied, alters, key_of
from streams.moments import add_months, day_end, day_of, day_start, month_of, month_start
from streams.roster import Line
from tests.bench.detectors.county import County, Truth

CONFIGS = Path(__file__).parents[3] / "configs" / "detectors"
RISES = ("income-jump", "income-drift", "second-source")


class Known:
    """A household's ledger and line, as the assessor would show them."""

    def __init__(self, lines: tuple[Line, ...]) -> None:
        self._lines = lines
        self._starts = [day_start(line.as_of) for line in lines]
        self.county = lines[0].county
        self._deaths: dict[str, int] = {}
        self._records: dict[str, Change] = {}
        self._retracted: set[str] = set()

    def line(self, at: int) -> Line | None:
        place = bisect_right(self._starts, at)
        return self._lines[place - 1] if place else None

    def records(self) -> Iterable[Change]:
        return self._records.values()

    def apply(self, change: Change) -> Applied | None:
        """Take a change in; None if it says nothing that was not known."""
        key = key_of(change)
        standing = self._records.get(key)
        known = alters(change, standing, key in self._retracted, lambda _: {})
        if change.op == "retract":
            self._retracted.add(key)
            self._records.pop(key, None)
            return Applied(standing, None) if known else None
        if not known:
            return None
        self._records[key] = change
        if change.feed == "deaths":
            self._deaths[change.person] = change.occurred_at
        return Applied(standing, change)

    def died(self, person: str) -> int | None:
        return self._deaths.get(person)


@dataclass
class Outcome:
    """What a run said, and what it cost."""

    signals: list[tuple[int, Signal]]
    seconds: float
    changes: int
    states: dict[str, HouseholdSeries]
    populations: dict[str, Population] = field(default_factory=dict)


class _Reached:
    """How far the feeds of each county have come, told day by day as the workers tell it."""

    def __init__(self) -> None:
        self._cells: defaultdict[tuple[str, str], CellProgress] = defaultdict(CellProgress)
        self._told: dict[tuple[str, str], int] = {}

    def note(self, county: str, feed: str, day: int, mark: int) -> None:
        self._cells[county, feed].note(day, mark)

    def news(self) -> Iterable[Progress]:
        for place, cell in sorted(self._cells.items(), key=itemgetter(0)):
            day = cell.reached()
            if day is not None and day != self._told.get(place):
                self._told[place] = day
                county, feed = place
                yield Progress(county=county, days={feed: day})


def run(county: County, online: Online | None = None) -> Outcome:
    """All arrivals through the detectors, progress included."""
    online = online or Online(load_detectors(CONFIGS))
    known = {household: Known(lines) for household, lines in county.lines.items()}
    states = {household: HouseholdSeries() for household in county.lines}
    populations: defaultdict[str, Population] = defaultdict(Population)
    reached = _Reached()
    said: list[tuple[int, Signal]] = []
    spent, changes = 0.0, 0
    day, doubts = 0, list(county.doubts)
    for at, household, change in county.arrivals:
        home = known[household]
        while doubts and doubts[0][0] <= at:
            since, doubt = doubts.pop(0)
            population = populations[doubt.cell]
            for name in population.doubts.take(doubt):
                said += [(since, s) for s in online.doubted(population, states[name], known[name], name)]
        code = home.county
        if day_of(at) != day:
            day = day_of(at)
            for progress in reached.news():
                population = populations[progress.county]
                for name in online.due(population, progress):
                    moment = day_end(min(population.progress.values()))
                    said += [(at, s) for s in online.progressed(population, states[name], known[name], name, moment)]
        reached.note(change.region[:6], change.feed, day, hash(change.event_id))
        applied = home.apply(change)
        if applied is None:
            continue
        begun = time.thread_time()
        said += [(at, s) for s in online.step(populations[code], states[household], home, household, applied)]
        spent += time.thread_time() - begun
        changes += 1
    return Outcome(said, spent, changes, states, dict(populations))


@dataclass
class Quality:
    """Found and missed truths by kind and size, false alarms by detector."""

    truths: Counter[tuple[str, str]] = field(default_factory=Counter)
    found: Counter[tuple[str, str]] = field(default_factory=Counter)
    delays: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    false: Counter[str] = field(default_factory=Counter)
    household_months: int = 0
    missed: list[Truth] = field(default_factory=list)
    wrong: list[Signal] = field(default_factory=list)

    def recall(self, kind: str, sizes: Iterable[str] = ("plain", "medium")) -> float:
        """The share of the truths of these sizes that were found."""
        truths = sum(self.truths[kind, size] for size in sizes)
        return sum(self.found[kind, size] for size in sizes) / truths if truths else float("nan")

    def false_rate(self, source: str = "") -> float:
        """False alarms per 1,000 household-months, of one detector or all."""
        count = self.false[source] if source else sum(self.false.values())
        return 1000 * count / self.household_months

    def add(self, other: "Quality") -> None:
        """Take another run's figures in."""
        self.truths += other.truths
        self.found += other.found
        self.false += other.false
        self.household_months += other.household_months
        for kind, delays in other.delays.items():
            self.delays[kind] += delays


def _window(truth: Truth) -> tuple[int, int]:
    begin = month_start(truth.month)
    months = 8 if truth.kind == "income-drift" else 4
    return begin, add_months(begin, months)


def standing(outcome: Outcome) -> Iterator[tuple[int, Signal]]:
    """Alerts that were never retracted, or only after more than seven days, with when they were raised."""
    raised: dict[tuple[str, str, str, str], tuple[int, Signal]] = {}
    for at, signal in outcome.signals:
        key = (signal.source, signal.household_id, signal.person, signal.about)
        if signal.status == "raised":
            raised.setdefault(key, (at, signal))
        elif key in raised and at - raised[key][0] <= 7 * 86_400_000_000:
            del raised[key]
    yield from raised.values()


def judge(county: County, outcome: Outcome) -> Quality:
    """As the contract counts: within the onset and three months (drift eight); other rises count for a rise."""
    quality = Quality(household_months=county.households * county.months)
    by_home: defaultdict[str, list[tuple[int, Signal]]] = defaultdict(list)
    for at, signal in standing(outcome):
        by_home[signal.household_id].append((at, signal))
    explained: set[int] = set()
    for truth in county.truths:
        quality.truths[truth.kind, truth.size] += 1
        begin, end = _window(truth)
        accepted = RISES if truth.kind in RISES else (truth.kind,)
        hits = [
            at
            for at, signal in by_home[truth.household_id]
            if signal.source in accepted and signal.person == truth.person and begin <= signal.occurred_at < end
        ]
        if hits:
            quality.found[truth.kind, truth.size] += 1
            quality.delays[truth.kind].append((min(hits) - begin) / 86_400_000_000)
        else:
            quality.missed.append(truth)
        explained.update(
            id(signal) for _, signal in by_home[truth.household_id] if begin <= signal.occurred_at < add_months(end, 4)
        )
    for signals in by_home.values():
        for _, signal in signals:
            if id(signal) not in explained:
                quality.false[signal.source] += 1
                quality.wrong.append(signal)
    return quality


def first_month(county: County) -> int:
    """The month of the first arrival."""
    return month_of(county.arrivals[0][0])
