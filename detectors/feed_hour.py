"""One hour of one cell: is it silent, a burst, or on another scale?"""

import math
from collections.abc import Mapping
from typing import Any

import msgspec

from detectors.burst import burst_score, is_burst
from detectors.calibration import Window
from detectors.cells import CellCounts
from detectors.doubts import Doubt
from detectors.feed_names import division_name, feed_name
from detectors.rhythm import Rhythm
from detectors.settings import Detector
from detectors.shift import Hour, Judged, Level, began, judge, latest, measure, shown
from detectors.signals import Signal
from detectors.silence import Gap, evidence
from detectors.wording import filled, money, percent, probability
from streams.moments import HOUR, day_of, iso

WARM_UP_HOURS = 182 * 24
"""Six months."""
BACKLOG_HOURS = 24
_QUANTITIES = ("values", "matches", "refusals")
_CALLED = {
    "values": ("数值", "values"),
    "matches": ("匹配比例", "share matched"),
    "refusals": ("拒收比例", "share refused"),
}
_RESOLVED = 12
_ACCEPTED = 30 * 24
_QUIET = 24
_REAL_GAP = 2.0
"""From this evidence on a silence is a gap that leaves something to be delivered, and not the cell's quiet hours."""
_STILL_OWED = 0.5
"""What remains of it an hour later: who waits long no longer waits for that."""
_LEAST_LEARNED = 5
_EXPECTED_LEAST = 0.02


class CellState(msgspec.Struct, array_like=True):
    """What is known of a cell."""

    first: int
    rhythm: Rhythm = msgspec.field(default_factory=Rhythm)
    gap: Gap = msgspec.field(default_factory=Gap)
    bursts: Window = msgspec.field(default_factory=Window)
    burst_told: int = 0
    backlog_until: int = 0
    levels: dict[str, Level] = msgspec.field(default_factory=dict)
    hours: list[Hour] = msgspec.field(default_factory=list)
    shifted: dict[str, int] = msgspec.field(default_factory=dict)
    """By quantity the hour in which its shift became evident."""
    calm: int = 0
    day: int = 0
    owed: float = 0.0
    """What a silence, however short, left to be delivered late."""


class CellHour:
    """One hour of one cell."""

    def __init__(
        self, feed: str, region: str, hour: int, day: int, state: CellState, counts: CellCounts, activity: float
    ) -> None:
        self.feed = feed
        self.region = region
        self.hour = hour
        self.day = day
        self.state = state
        self.counts = counts
        self.activity = activity
        self.warm = hour - state.first >= WARM_UP_HOURS
        self.expected = state.rhythm.expected(hour, day)
        """How many records the cell's rhythm lets expect."""
        self.odd = False
        """The hour is unlike the cell's rhythm, and not to be learned."""

    def silence(self, detector: Detector) -> list[Signal]:
        state, limits = self.state, detector.parameters
        gap = state.gap
        gap.learn_one(self.expected, self.activity, self.counts.deliveries > 0)
        if self.counts.deliveries:
            if gap.told:
                state.backlog_until = self.hour + BACKLOG_HOURS
            if gap.strength >= _REAL_GAP:
                state.owed += gap.expected
            gap.end()
            return []
        gap.extend(
            self.hour,
            self.expected,
            evidence(self.expected, self.activity, max(gap.missing_share, state.rhythm.emptiness(self.hour))),
        )
        self.odd = gap.told
        awaited = self.expected >= _EXPECTED_LEAST or gap.overdue
        if not self.warm or gap.told or not awaited or not gap.evident(limits.evidence, limits.least_hours):
            return []
        gap.told = self.odd = True
        p_value = 10 ** -min(gap.strength, 30)
        places = {"expected": money(gap.expected), "came": "0"}
        evidence_ = {"hours": gap.hours, "expected": round(gap.expected, 1), "strength": round(gap.strength, 1)}
        return [self._signal(detector, gap.since, places, evidence_, p_value)]

    def burst(self, detector: Detector) -> list[Signal]:
        state, limits = self.state, detector.parameters
        counts = self.counts
        if not counts.deliveries:
            return []
        most = state.rhythm.most(self.hour, self.day)
        distinct = min(counts.distinct(), float(counts.deliveries - counts.refused))
        came = distinct - min(state.owed, max(0.0, distinct - self.expected))
        state.owed = _STILL_OWED * (state.owed - (distinct - came))
        score = burst_score(came, most)
        p_value = state.bursts.p_value(score)
        alarming = (
            self.warm
            and self.hour >= state.backlog_until
            and is_burst(came, most, limits.least_ratio, limits.least_records, limits.deviations)
            and p_value <= detector.budget / (7 * 24)
        )
        if not alarming:
            if self.hour >= state.backlog_until:
                state.bursts.learn_one(score if came - most >= limits.least_records else 0.0)
            return []
        self.odd = True
        again = self.hour - state.burst_told > _QUIET
        state.burst_told = self.hour
        if not again:
            return []
        places = {"expected": money(self.expected), "came": money(distinct)}
        evidence_ = {
            "distinct": round(distinct),
            "expected": round(self.expected, 1),
            "usual_most": round(most, 1),
        }
        return [self._signal(detector, self.hour, places, evidence_, p_value)]

    def shift(self, detector: Detector, doubts: list[Doubt]) -> list[Signal]:
        state, counts, limits = self.state, self.counts, detector.parameters
        if not counts.deliveries:
            return []
        state.hours.append(
            Hour(
                self.hour, counts.values, counts.logs, counts.squares,
                counts.deliveries, counts.matched, counts.refused,
            )
        )  # fmt: skip
        state.hours = latest(state.hours, self.hour, limits.least_records)
        said: list[Signal] = []
        for name in _QUANTITIES:
            level = state.levels.setdefault(name, Level())
            if not self.warm:
                continue
            found = judge(name, level, _since_change(state, name), limits.least_records, limits.least_ratio)
            if found is None:
                continue
            out = abs(found.deviations) >= limits.deviations
            if out and name not in state.shifted:
                said += self._shifted(detector, doubts, name, found)
            elif name in state.shifted and (not out or self.hour - state.shifted[name] > _ACCEPTED):
                self._resolve(name, doubts, out)
                break  # the hours are forgotten; other quantities are judged by those that come
        return said

    def _shifted(self, detector: Detector, doubts: list[Doubt], name: str, found: Judged) -> list[Signal]:
        state = self.state
        begin = began(name, state.hours, found.expected)
        silent = bool(state.shifted)
        state.shifted[name] = self.hour
        self.odd = True
        if name == "values":
            doubts.append(Doubt(self.feed, self.region, begin * HOUR))
        if silent:
            return []
        p_value = math.erfc(min(abs(found.deviations), 38.0) / math.sqrt(2))
        places = {"expected": shown(name, found.expected), "came": shown(name, found.came)}
        places["change"] = percent(math.exp(found.came - found.expected) - 1)
        evidence_ = {
            "quantity": name,
            "expected": shown(name, found.expected),
            "came": shown(name, found.came),
            "deviations": round(found.deviations, 1),
            "records": found.records,
        }
        return [self._signal(detector, begin, places, evidence_, p_value, _CALLED[name])]

    def _resolve(self, name: str, doubts: list[Doubt], accepted: bool) -> None:
        """The quantity is back at its level, or so long away from it that this is its level now."""
        state = self.state
        del state.shifted[name]
        state.hours = []  # they would say the same again
        if accepted:
            state.levels[name] = Level()
        if name == "values":
            for index, doubt in enumerate(doubts):
                if (doubt.feed, doubt.cell) == (self.feed, self.region) and doubt.until is None:
                    doubts[index] = Doubt(doubt.feed, doubt.cell, doubt.since, self.hour * HOUR)

    def learn(self, *, rhythm: bool = True) -> None:
        state = self.state
        today = day_of(self.hour * HOUR)
        if today != state.day:
            state.day = today
            for name in _QUANTITIES:
                found = measure(name, state.hours)
                if found is not None and name not in state.shifted and found[2] >= _LEAST_LEARNED:
                    level, within = found[0], found[1] * (found[2] if name != "values" else 1)
                    state.levels.setdefault(name, Level()).learn_one(level, within, found[2])
        if rhythm and not self.odd and self.hour >= state.backlog_until:
            state.rhythm.learn_one(self.hour, self.day, self.counts.deliveries)

    def _signal(
        self,
        detector: Detector,
        begin: int,
        places: dict[str, str],
        evidence_: Mapping[str, Any],
        p_value: float,
        kinds: tuple[str, str] = ("", ""),
    ) -> Signal:
        at = (self.hour + 1) * HOUR
        feed, region = feed_name(self.feed), division_name(self.region)
        onset = iso(begin * HOUR)[:16].replace("T", " ")
        common = {**places, "onset": onset, "p_value": probability(p_value)}
        said = {
            "zh": {**common, "feed": feed.zh, "region": region.zh, "kinds": kinds[0]},
            "en": {**common, "feed": feed.en, "region": region.en, "kinds": kinds[1]},
        }
        return Signal(
            source=detector.id,
            version=detector.version,
            status="raised",
            about=iso(begin * HOUR),
            direction=detector.direction,
            severity=detector.severity,
            days=detector.days,
            region=self.region,
            feeds=(self.feed,),
            occurred_at=at,
            reported_at=at,
            p_value=p_value,
            shadow=detector.shadow,
            title=detector.title,
            explanation=filled(detector.explanation, said),
            step=detector.step,
            evidence=dict(evidence_),
        )


def _since_change(state: CellState, name: str) -> list[Hour]:
    """The hours to judge: the whole day while it shifts or is calm, the latest half of it when it may have turned."""
    if name not in state.shifted:
        return state.hours
    recent = state.hours[-1].hour - _RESOLVED
    return [past for past in state.hours if past.hour > recent]
