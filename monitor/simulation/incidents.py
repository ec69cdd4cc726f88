"""What befalls a whole feed of a county: bursts, silences, shifts of scale, and a delivery sent twice (a near miss)."""

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random
from typing import Literal

from monitor.simulation.almanac import DAY, Span, is_workday
from monitor.simulation.feeds import FEEDS
from monitor.simulation.model import SIZES, Label, Size
from monitor.simulation.profile import Profile
from streams.moments import date_of

Kind = Literal["feed-burst", "feed-silence", "feed-shift", "resend"]
_WARM_UP = 190  # days: no alarm in the first six months of a feed
_WATCHED = {  # feeds that come often enough, in a county of this many households, for the incident to be visible
    "medical": 200,
    "social-insurance": 250,
    "taxes": 600,
    "housing-fund": 600,
    "pensions": 900,
    "vehicles": 1500,
    "household-register": 1500,
}
_FACTORS = {"faint": 3.0, "medium": 10.0, "plain": 100.0}
_REFUSED = {"faint": 0.08, "medium": 0.3, "plain": 0.9}
_MULTIPLES = {"faint": 3.0, "medium": 6.0, "plain": 15.0}
_BURST_HOURS = {"faint": 3, "medium": 4, "plain": 5}
_SILENT_DAYS = {"faint": 1.0, "medium": 2.0, "plain": 4.0}


@dataclass(frozen=True, slots=True)
class Incident:
    """One cell from `since` to `until` (moments in seconds)."""

    kind: Kind
    feed: str
    county: str
    since: int
    until: int
    size: Size
    refusals: bool = False
    """Of a shift: the source sends identity numbers that are refused, instead of amounts of another scale."""


class Incidents:
    """All of a county's, planned before anything else, so that members' and strangers' records suffer alike."""

    def __init__(self, planned: Iterable[Incident]) -> None:
        self.all = tuple(planned)
        self._by_cell: dict[tuple[str, str], list[Incident]] = {}
        for incident in self.all:
            self._by_cell.setdefault((incident.feed, incident.county), []).append(incident)

    def of(self, feed: str, county: str) -> list[Incident]:
        """A cell's incidents."""
        return self._by_cell.get((feed, county), [])

    def during(self, feed: str, county: str, first: int, last: int) -> bool:
        """Something befalls the cell between two moments."""
        return any(incident.since <= last and incident.until > first for incident in self.of(feed, county))

    def at(self, kind: Kind, feed: str, county: str, moment: int) -> Incident | None:
        """The incident of that kind that is on."""
        for incident in self.of(feed, county):
            if incident.kind == kind and incident.since <= moment < incident.until:
                return incident
        return None

    def delivered(self, feed: str, county: str, reported: int) -> int:
        """When a record gets through: what is held by a silence comes within the six hours after it."""
        silence = self.at("feed-silence", feed, county, reported)
        return reported if silence is None else silence.until + 60 + reported * 7919 % (6 * 3600)

    def factor(self, feed: str, county: str, reported: int) -> float:
        """By what the amounts are multiplied."""
        shift = self.at("feed-shift", feed, county, reported)
        return 1.0 if shift is None or shift.refusals else _FACTORS[shift.size]

    def spoils(self, feed: str, county: str, reported: int, draw: float) -> bool:
        """The record's identity number is sent in a form that must be refused; `draw` is 0 to 1."""
        shift = self.at("feed-shift", feed, county, reported)
        return shift is not None and shift.refusals and draw < _REFUSED[shift.size]

    def resent(self, feed: str, county: str, reported: int, draw: float) -> int:
        """When the source sends the right values of what it sent in a shift."""
        shift = self.at("feed-shift", feed, county, reported)
        return reported if shift is None else shift.until + DAY // 3 + int(draw * 3 * DAY)

    def repeated(self, feed: str, county: str, reported: int) -> int | None:
        """When the same delivery comes once more, unchanged."""
        return reported + 2 * DAY if self.at("resend", feed, county, reported) else None

    def multiple(self, incident: Incident) -> float:
        """How many times the usual number of records a burst brings."""
        return _MULTIPLES[incident.size]

    def labels(self) -> tuple[list[Label], list[Label]]:
        """What the detectors of feeds must find, and what they must not."""
        found: list[Label] = []
        near: list[Label] = []
        for incident in self.all:
            label = Label(
                household_id="",
                kind="feed-burst" if incident.kind == "resend" else incident.kind,
                direction="data",
                since=incident.since // DAY,
                until=(incident.until - 1) // DAY,
                feed=incident.feed,
                region=incident.county,
                size=incident.size,
                since_at=incident.since,
                until_at=incident.until,
            )
            (near if incident.kind == "resend" else found).append(label)
        return found, near


def plan(seed: int, span: Span, counties: list[str], households: int, profile: Profile) -> Incidents:
    """Spread the incidents over the time after the warm-up; those of one feed lie more than 12 days apart."""
    planned: list[Incident] = []
    for county in counties:
        rng = Random(f"incidents {seed} {county}")
        share = households / len(counties)
        feeds = [feed for feed, least in _WATCHED.items() if share >= least]
        free = (span.days - _WARM_UP - 15) * DAY
        kinds: list[Kind] = ["feed-burst", "feed-silence", "feed-shift", "resend"]
        number = int(profile.incidents_per_year * len(kinds) * free / (365 * DAY))
        if not feeds or number < 1:
            continue
        last: dict[str, int] = {}
        for n in range(number):
            kind = kinds[n % len(kinds)]
            day = span.first + _WARM_UP + int(n * (span.days - _WARM_UP - 15) / number) + rng.randint(0, 3)
            while not is_workday(day):
                day += 1
            able = [feed for feed in feeds if _able(kind, feed, day) and day - last.get(feed, 0) > 12]
            if able:
                feed = rng.choice(able)
                last[feed] = day
                planned.append(_incident(kind, feed, county, day, rng, SIZES[n // len(kinds) % 3]))
    return Incidents(planned)


def _incident(kind: Kind, feed: str, county: str, day: int, rng: Random, size: Size) -> Incident:
    morning = day * DAY + rng.randint(8, 10) * 3600
    if kind == "feed-burst":
        return Incident(kind, feed, county, morning, morning + _BURST_HOURS[size] * 3600, size)
    if kind == "feed-silence":
        length = _SILENT_DAYS[size] * DAY
        return Incident(kind, feed, county, morning, morning + int(length), size)
    start = day * DAY
    if kind == "feed-shift":
        return Incident(kind, feed, county, start, start + 3 * DAY, size, refusals=rng.random() < 0.3)
    return Incident(kind, feed, county, start, start + DAY, size)


def _able(kind: Kind, feed: str, day: int) -> bool:
    """It would be seen: a feed of the month's pay is busy only in the middle of the month; a scale needs amounts."""
    busy = not FEEDS[feed].monthly or 5 <= date_of(day).day <= 15
    return busy and (kind != "feed-shift" or bool(FEEDS[feed].amounts))
