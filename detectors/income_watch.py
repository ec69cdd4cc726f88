"""Watches a person's incomes: jump, drop and drift, each judged among its peers and told once."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from detectors import looks
from detectors.calibration import LEAST_SCORES, Window
from detectors.context import Context
from detectors.drift import Drift, drift
from detectors.household_state import PersonSeries, Told
from detectors.income import FOREIGN, SHORTEST, Shift, shift_at, step_of
from detectors.income_series import INCOMES, Update
from detectors.income_told import is_news, resets
from detectors.income_words import tell_drift, tell_shift
from detectors.peers import Movement
from detectors.second_source import second_source
from detectors.second_source_watch import FEEDS, SecondSourceWatch
from detectors.series import Series, Values
from detectors.settings import Detector

_BANDS = (0.03, 0.08, 0.2)
"""Peers by steadiness: how far apart the fifths of their past are."""


class Income(msgspec.Struct):
    """A person's series of one feed after a record changed it, as it is judged."""

    name: str
    person: PersonSeries
    feed: str
    series: Series
    period: int
    """The one whose value is new."""
    appended: bool
    """It is later than all others: it was not judged before, and so is learned."""
    raw: Values
    values: Values
    """The raw ones less the peers' movement."""
    moved: Movement
    resets: tuple[int, ...]


class _Way(NamedTuple):
    """jump or drop in one feed, and the names of the windows of its peers: all, those as steady, those of a month."""

    detector: Detector
    sign: int
    everybody: str
    alike: tuple[str, ...]
    season: str


class IncomeWatch:
    """Judges the four income series of persons."""

    def __init__(self, detectors: Mapping[str, Detector]) -> None:
        self._detectors = detectors
        self._second = SecondSourceWatch(detectors["second-source"]) if "second-source" in detectors else None
        self._ways = {feed: _ways(detectors, feed) for feed in INCOMES}

    def judge(self, context: Context, name: str, person: PersonSeries, feed: str, new: Update) -> None:
        """After a record changed a series: what is no longer supported is taken back, what is new is told."""
        appended, series, period = new.appended, new.series, new.period
        if not appended:
            self._verify(context, name, person)
        if series is None or period is None:
            return
        moved = context.population.moved(feed)
        # A period that was appended has one payer, and so no second.
        if self._second is not None and feed in FEEDS and (not appended or context.look is not None):
            self._second.judge(context, name, person, feed, series, period)
        values = moved.without(new.values)
        income = Income(name, person, feed, series, period, appended, new.values, values, moved, resets(person, feed))
        self._shift(context, income)
        if appended:
            self._drift(context, income)
            _teach(context, income)

    def _shift(self, context: Context, income: Income) -> None:
        """Jump and drop: the period with its neighbours against the past before them."""
        shift = _shift_of(income)
        ways = self._ways[income.feed]
        if shift is None:
            if context.look is not None:
                known = len(income.raw.periods) - 1
                for way in ways:
                    context.look(
                        looks.unknown(way.detector, income.name, income.feed, income.period, income.series.first, known)
                    )
            return
        band = bisect_right(_BANDS, shift.spread)
        for way in ways:
            self._judge(context, income, shift, way, band)

    def _judge(self, context: Context, income: Income, shift: Shift, way: _Way, band: int) -> None:
        population, detector, learn = context.population, way.detector, income.appended
        limits = detector.parameters
        change, score = way.sign * shift.change, way.sign * shift.score
        alike, everybody = population.window(way.alike[band]), population.window(way.everybody)
        window = alike if alike.total >= LEAST_SCORES else everybody
        budget = population.budget(detector.id)
        budget.evaluations += learn
        if context.look is not None:
            _show_shift(context, income, shift, way, window)
        notable = change >= limits.least_change and score >= limits.deviations
        if notable and window.total < LEAST_SCORES:
            _unknown(context, detector)
        elif notable:
            p_value = window.p_value(score, FOREIGN)
            peers = population.season(way.season, shift.onset)
            if not peers.usual(score, limits.peers_share) and p_value <= budget.threshold(detector.budget):
                told = Told(detector.id, shift.onset, shift.confirmed, context.month, income.feed)
                if is_news(income.person, told):
                    income.person.told.append(told)
                    tell_shift(context, detector, income.name, told, shift, income.values, window, p_value)
                return
        if learn and (not notable or shift.periods == SHORTEST):  # one shift is seen several times, learned once
            alike.learn_one(score)
            everybody.learn_one(score)

    def _drift(self, context: Context, income: Income) -> None:
        detector = self._detectors.get("income-drift")
        if detector is None:
            return
        limits, population = detector.parameters, context.population
        values = _settled(income)
        found = drift(values, income.resets, income.series.first, int(limits.least_periods), limits.steady_share)
        window = population.window(f"{detector.id}/{income.feed}")
        budget = population.budget(detector.id)
        budget.evaluations += 1
        alone = found is not None and _rises_alone(income.raw, found.onset, found.rise)
        if context.look is not None:
            _show_drift(context, income, values, found, alone, detector, window)
        if found is None or not alone or found.rise < limits.least_rise or found.score < limits.errors:
            # only these: a line that rises month after month would teach the peers that lines rise
            window.learn_one(found.score if found is not None else 0.0)
            return
        p_value = window.p_value(found.score)
        if window.total < LEAST_SCORES:
            _unknown(context, detector)
        elif p_value <= budget.threshold(detector.budget):
            told = Told(detector.id, found.onset, found.confirmed, context.month, income.feed)
            if is_news(income.person, told):
                income.person.told.append(told)
                tell_drift(context, detector, income.name, told, found, values, p_value)

    def _verify(self, context: Context, name: str, person: PersonSeries) -> None:
        """Take back what the series no longer show. Half of each limit is enough to stay, so that nothing flickers."""
        for told in [told for told in person.told if told.feed in INCOMES]:
            detector = self._detectors.get(told.source)
            if detector is not None and not _supported(context, person, told, detector):
                person.told.remove(told)
                context.retract(detector, name, told)


def _ways(detectors: Mapping[str, Detector], feed: str) -> tuple[_Way, ...]:
    found = []
    for source, sign, way in (("income-jump", 1, "rise"), ("income-drop", -1, "fall")):
        if source in detectors:
            everybody = f"{source}/{feed}"
            alike = tuple(f"{everybody}/{band}" for band in range(len(_BANDS) + 1))
            found.append(_Way(detectors[source], sign, everybody, alike, f"{feed}/{way}"))
    return tuple(found)


def _shift_of(income: Income) -> Shift | None:
    """The shift that the period shows, as far as the person's own values show it without the peers' movement, too.

    The latest period's movement may not be known yet, or be that of a feed on another scale.
    """
    spread, first = income.moved.spread, income.series.first
    shift = shift_at(income.values, income.period, income.resets, spread, first)
    if shift is None or not shift.change:
        return shift
    alone = shift_at(income.raw, income.period, income.resets, spread, first)
    if alone is None or alone.change * shift.change <= 0:
        return replace(shift, change=0.0, score=0.0)
    return shift if abs(shift.score) <= abs(alone.score) else replace(shift, change=alone.change, score=alone.score)


def _show_shift(context: Context, income: Income, shift: Shift, way: _Way, window: Window) -> None:
    if context.look is None:
        return
    detector, population = way.detector, context.population
    told = Told(detector.id, shift.onset, shift.confirmed, context.month, income.feed)
    compared = window, population.seasons.get(way.season, {}).get(shift.onset)
    offset = income.moved.offset(shift.confirmed)
    shown = replace(shift, expected=shift.expected + offset, came=shift.came + offset)
    moved = way.sign * shift.change, way.sign * shift.score
    threshold, news = population.budget(detector.id).threshold(detector.budget), is_news(income.person, told)
    context.look(looks.at_shift(detector, income.name, income.feed, shown, moved, compared, threshold, news))


def _settled(income: Income) -> Values:
    """The values without the latest while few peers have one: what everybody's step into its period is shows later."""
    values, moved = income.values, income.moved
    if 3 * moved.peers(income.period) < moved.peers(income.period - 1):
        return Values(values.periods[:-1], values.levels[:-1])
    return values


def _show_drift(
    context: Context, income: Income, values: Values, found: Drift | None, alone: bool, detector: Detector,
    window: Window,
) -> None:  # fmt: skip
    if context.look is None:
        return
    news = found is None or is_news(
        income.person, Told(detector.id, found.onset, found.confirmed, context.month, income.feed)
    )
    until = values.periods[-1] if values.periods else income.period
    threshold = context.population.budget(detector.id).threshold(detector.budget)
    context.look(looks.at_drift(detector, income.name, income.feed, until, found, alone, window, threshold, news))


def _rises_alone(raw: Values, onset: int, rise: float) -> bool:
    """The person's own values rise as well, without the peers' movement."""
    levels = raw.levels[bisect_left(raw.periods, onset) :]
    return levels[-1] - levels[0] >= rise / 2


def _teach(context: Context, income: Income) -> None:
    """The peers learn the step into the last period, and all their movement with it."""
    feed, period, raw, moved = income.feed, income.period, income.raw, income.moved
    step = step_of(income.values, income.resets, moved.spread, income.series.first)
    if step is not None:
        context.population.season(f"{feed}/rise", period).learn_one(step)
        context.population.season(f"{feed}/fall", period).learn_one(-step)
    if len(raw.periods) > 1 and raw.periods[-2] == period - 1:
        moved.learn_one(period, raw.levels[-1] - raw.levels[-2])


def _supported(context: Context, person: PersonSeries, told: Told, detector: Detector) -> bool:
    series = person.incomes.get(told.feed)
    if series is None:
        return False
    cells = series.unpack()
    if series.cut and told.onset < min(cells) + 4:
        return True  # too much of its past has gone out of the window to say
    if told.source == "second-source":
        return second_source(cells, series.first_seen(), series.first, told.confirmed) is not None
    moved = context.population.moved(told.feed)
    values = moved.without(series.values())
    limits = detector.parameters
    before = tuple(at for at in resets(person, told.feed) if at < told.onset)
    if told.source == "income-drift":
        until = bisect_right(values.periods, told.confirmed)
        known = Values(values.periods[:until], values.levels[:until])
        line = drift(known, before, series.first, int(limits.least_periods), limits.steady_share / 2)
        return line is not None and line.rise >= limits.least_rise / 2
    shift = shift_at(values, told.confirmed, before, moved.spread, series.first)
    sign = 1 if told.source == "income-jump" else -1
    return shift is not None and sign * shift.change >= limits.least_change / 2


def _unknown(context: Context, detector: Detector) -> None:
    counts = context.population.unknown
    counts[detector.id] = counts.get(detector.id, 0) + 1
