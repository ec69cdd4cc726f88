"""Simulated feeds by the hour, with bursts, outages and shifts, and how well the watch sees them."""

import math
import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import NamedTuple

from detectors.cells import REGISTERS, CellCounts
from detectors.feed_watch import FeedWatch
from detectors.settings import Detector
from detectors.signals import Signal
from streams.moments import HOUR, date_of, day_of, month_start

BEGIN = month_start(2023 * 12) // HOUR
REGIONS = ("420525", "420529", "420502")
SPRING = {(2023, 1): range(21, 28), (2024, 2): range(10, 18)}
KINDS = ("feed-burst", "feed-silence", "feed-shift")


class Flow(NamedTuple):
    """How a feed comes: `rhythm` by hour of day and weekday, records an hour when it is busy, spread of its values."""

    feed: str
    rhythm: str
    rate: float
    center: float
    spread: float


FLOWS = (
    Flow("medical", "always", 40, 5.0, 1.2),
    Flow("social-insurance", "month", 60, 8.3, 0.4),
    Flow("vehicles", "office", 15, 11.0, 0.7),
    Flow("taxes", "batch", 400, 8.4, 0.6),
    Flow("household-register", "office", 8, 0.0, 0.0),
    Flow("deaths", "office", 3, 0.0, 0.0),
)


class Episode(NamedTuple):
    feed: str
    region: str
    kind: str
    begin: int
    hours: int
    factor: float


@dataclass
class Feeds:
    """Counts in the order of time, and what was done to them."""

    counts: list[CellCounts]
    episodes: list[Episode]
    weeks: float
    cells: int


@dataclass
class FeedQuality:
    """Found episodes and their delays in hours; false episodes."""

    truths: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    delays: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    false: Counter[str] = field(default_factory=Counter)
    cell_weeks: float = 0.0

    def add(self, other: "FeedQuality") -> None:
        """Take another run's figures in."""
        self.truths += other.truths
        self.found += other.found
        self.false += other.false
        self.cell_weeks += other.cell_weeks
        for kind, delays in other.delays.items():
            self.delays[kind] += delays


def _usual(flow: Flow, hour: int) -> float:
    at = hour + 8
    date = date_of(day_of(hour * HOUR))
    clock, weekday, day = at % 24, date.weekday(), date.day
    holiday = day in SPRING.get((date.year, date.month), ()) or (date.month == 10 and day <= 7)
    if flow.rhythm == "always":
        wave = 0.15 + 0.85 * max(0.0, math.sin((clock - 6) / 16 * math.pi)) if 6 <= clock <= 22 else 0.1
        return flow.rate * wave * (0.6 if weekday >= 5 or holiday else 1.0)
    if weekday >= 5 or holiday:
        return 0.0
    if flow.rhythm == "batch":
        return flow.rate if clock == 2 else 0.0
    office = 1.0 if 9 <= clock <= 17 and clock != 12 else 0.0
    if flow.rhythm == "month":
        return flow.rate * office * (1.0 if day <= 15 else 0.15)
    return flow.rate * office


def _sketch(rng: random.Random, records: int) -> bytes:
    registers = bytearray(REGISTERS)
    for _ in range(records):
        draw = rng.getrandbits(64)
        rank = 57 - max(1, (draw >> 8).bit_length())
        place = draw & (REGISTERS - 1)
        registers[place] = max(registers[place], rank)
    return bytes(registers)


def _plan(rng: random.Random, weeks: int) -> list[Episode]:
    episodes = []
    for flow in FLOWS:
        for region in REGIONS:
            week = 27 + rng.randrange(3)
            while week < weeks - 2:
                kind = rng.choice(KINDS)
                if not flow.center and kind == "feed-shift":
                    kind = "feed-silence"
                begin = BEGIN + week * 168 + rng.randrange(24, 100)
                while _usual(flow, begin) < flow.rate * 0.5:
                    begin += 1
                hours, factor = {
                    "feed-burst": (rng.randrange(2, 8), rng.uniform(6, 20)),
                    "feed-silence": (rng.randrange(24, 96), 0.0),
                    "feed-shift": (rng.randrange(48, 200), rng.choice((100.0, 0.01, 0.1, 12.0))),
                }[kind]
                episodes.append(Episode(flow.feed, region, kind, begin, hours, factor))
                week += rng.randrange(4, 7)
    return episodes


def make(seed: int, weeks: int = 44) -> Feeds:
    """Simulated counts of all cells. About one hour in fifty brings a third more or less, as real feeds do."""
    rng = random.Random(f"feeds/{seed}")
    episodes = _plan(rng, weeks)
    by_cell: defaultdict[tuple[str, str], list[Episode]] = defaultdict(list)
    for episode in episodes:
        by_cell[episode.feed, episode.region].append(episode)
    counts = []
    held: defaultdict[tuple[str, str], int] = defaultdict(int)
    for hour in range(BEGIN, BEGIN + weeks * 168):
        for flow in FLOWS:
            for region in REGIONS:
                cell = _cell(rng, flow, region, hour, by_cell[flow.feed, region], held)
                if cell is not None:
                    counts.append(cell)
    return Feeds(counts, episodes, weeks - 26, len(FLOWS) * len(REGIONS))


def _cell(
    rng: random.Random, flow: Flow, region: str, hour: int, episodes: list[Episode],
    held: defaultdict[tuple[str, str], int],
) -> CellCounts | None:  # fmt: skip
    usual = _usual(flow, hour)
    mean = usual * math.exp(rng.gauss(0, 0.25))
    number = max(0, round(rng.gauss(mean, math.sqrt(mean)))) if mean > 0 else 0
    shift = 1.0
    for episode in episodes:
        if not episode.begin <= hour < episode.begin + episode.hours:
            continue
        if episode.kind == "feed-silence":
            held[flow.feed, region] += number
            return None
        if episode.kind == "feed-burst":
            number = round(max(number, flow.rate / 2) * episode.factor)
        else:
            shift = episode.factor
    number += held.pop((flow.feed, region), 0)
    if not number:
        return None
    cell = CellCounts(flow.feed, region, hour, number, sum(rng.random() < 0.01 for _ in range(min(number, 400))))
    cell.matched = sum(rng.random() < 0.05 for _ in range(min(number, 400)))
    cell.sketch = _sketch(rng, min(number, 8000))
    if flow.center:
        logs = flow.center + math.log(shift) + rng.gauss(0, flow.spread / math.sqrt(number)) + rng.gauss(0, 0.03)
        cell.values, cell.logs = number, number * logs
        cell.squares = number * (logs * logs + flow.spread**2)
    return cell


def run(feeds: Feeds, detectors: dict[str, Detector]) -> list[Signal]:
    """What the watch says."""
    return FeedWatch().take(detectors, feeds.counts)


def judge(feeds: Feeds, said: list[Signal]) -> FeedQuality:
    """Found within the episode and a day (a shift: three); what lies in no episode is false."""
    quality = FeedQuality(cell_weeks=feeds.weeks * feeds.cells)
    explained: set[int] = set()
    for episode in feeds.episodes:
        quality.truths[episode.kind] += 1
        end = episode.begin + episode.hours + (72 if episode.kind == "feed-shift" else 24)
        hits = []
        for signal in said:
            at = signal.occurred_at / HOUR
            if signal.feeds == (episode.feed,) and signal.region == episode.region and episode.begin <= at <= end:
                explained.add(id(signal))
                if signal.source == episode.kind:
                    hits.append(at - episode.begin)
        if hits:
            quality.found[episode.kind] += 1
            quality.delays[episode.kind].append(min(hits))
    for signal in said:
        if id(signal) not in explained:
            quality.false[signal.source] += 1
    return quality
