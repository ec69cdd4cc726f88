"""Watches a person's incomes: jump, drop, drift and second source, each judged among its peers and told once."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping

from msgspec.structs import replace

from detectors import looks
from detectors.calibration import LEAST_SCORES
from detectors.context import Context
from detectors.drift import drift
from detectors.household_state import PersonSeries, Told
from detectors.income import FOREIGN, SHORTEST, Shift, shift_at, step_of
from detectors.income_series import Update
from detectors.income_words import tell_drift, tell_second, tell_shift
from detectors.population import WAGES
from detectors.second_source import second_source
from detectors.series import Series, Values, amount_of
from detectors.settings import Detector

RISES = frozenset({"income-jump", "income-drift", "second-source"})
_SILENT = 6
_BANDS = (0.03, 0.08, 0.2)
"""Peers by steadiness: how far apart the fifths of their past are."""


class IncomeWatch:
    """Judges the four income series of persons."""

    def __init__(self, detectors: Mapping[str, Detector]) -> None:
        self.jump = detectors.get("income-jump")
        self.drop = detectors.get("income-drop")
        self.drift = detectors.get("income-drift")
        self.second = detectors.get("second-source")

    def judge(self, context: Context, name: str, person: PersonSeries, feed: str, new: Update) -> None:
        """After a record changed a series: what is no longer supported is taken back, what is new is told."""
        if not new.appended:
            self._verify(context, name, person)
        series = new.series
        if series is None or new.period is None:
            return
        moved = context.population.moved(feed)
        raw = new.values
        values = moved.without(raw)
        if self.second is not None and feed in ("social-insurance", "housing-fund"):
            self._second(context, name, person, feed, series, new.period, new.appended)
        resets = _resets(person, feed)
        shift = shift_at(values, new.period, resets, moved.spread, series.first)
        if shift is not None:
            if shift.change:
                shift = _also_alone(shift, raw, new.period, resets, moved.spread, series.first)
            self._shift(context, name, person, feed, shift, values, new.appended)
        elif context.look is not None:
            for detector in (self.jump, self.drop):
                if detector is not None:
                    before = len(raw.periods) - 1
                    context.look(looks.unknown(detector, name, feed, new.period, series.first, before))
        if new.appended:
            if self.drift is not None:
                self._drift(context, name, person, feed, values, raw, resets, series.first)
            step = step_of(values, resets, moved.spread, series.first)
            if step is not None:
                season = context.population.season
                season(f"{feed}/rise", new.period).learn_one(step)
                season(f"{feed}/fall", new.period).learn_one(-step)
            if len(raw.periods) > 1 and raw.periods[-2] == new.period - 1:
                moved.learn_one(new.period, raw.levels[-1] - raw.levels[-2])

    def _shift(
        self, context: Context, name: str, person: PersonSeries, feed: str, shift: Shift, values: Values, learn: bool
    ) -> None:
        band = bisect_right(_BANDS, shift.spread)
        for detector, sign, way in ((self.jump, 1, "rise"), (self.drop, -1, "fall")):
            if detector is None:
                continue
            limits = detector.parameters
            change, score = sign * shift.change, sign * shift.score
            alike = context.population.window(f"{detector.id}/{feed}/{band}")
            everybody = context.population.window(f"{detector.id}/{feed}")
            window = alike if alike.total >= LEAST_SCORES else everybody
            budget = context.population.budget(detector.id)
            budget.evaluations += learn
            if context.look is not None:
                seasons = context.population.seasons.get(f"{feed}/{way}", {})
                is_news = _news(person, Told(detector.id, shift.onset, shift.confirmed, context.month, feed))
                threshold = budget.threshold(detector.budget)
                compared = window, seasons.get(shift.onset)
                offset = context.population.moved(feed).offset(shift.confirmed)
                shown = replace(shift, expected=shift.expected + offset, came=shift.came + offset)
                context.look(looks.at_shift(detector, name, feed, shown, (change, score), compared, threshold, is_news))
            notable = change >= limits.least_change and score >= limits.deviations
            if notable and window.total < LEAST_SCORES:
                _unknown(context, detector)
            elif notable:
                p_value = window.p_value(score, FOREIGN)
                peers = context.population.season(f"{feed}/{way}", shift.onset)
                if not peers.usual(score, limits.peers_share) and p_value <= budget.threshold(detector.budget):
                    told = Told(detector.id, shift.onset, shift.confirmed, context.month, feed)
                    if _news(person, told):
                        person.told.append(told)
                        tell_shift(context, detector, name, told, shift, values, window, p_value)
                    continue
            if learn and (not notable or shift.periods == SHORTEST):  # one shift is seen several times, learned once
                alike.learn_one(score)
                everybody.learn_one(score)

    def _drift(
        self,
        context: Context,
        name: str,
        person: PersonSeries,
        feed: str,
        values: Values,
        raw: Values,
        resets: tuple[int, ...],
        first: int,
    ) -> None:
        detector = self.drift
        if detector is None:
            return
        limits = detector.parameters
        moved = context.population.moved(feed)
        latest = values.periods[-1]
        if 3 * moved.peers(latest) < moved.peers(latest - 1):
            # What everybody's step into this period is shows only when more have come.
            values = Values(values.periods[:-1], values.levels[:-1])
        found = drift(values, resets, first, int(limits.least_periods), limits.steady_share)
        window = context.population.window(f"{detector.id}/{feed}")
        budget = context.population.budget(detector.id)
        budget.evaluations += 1
        score = found.score if found is not None else 0.0
        alone = found is not None and _rises_alone(raw, found.onset, found.rise)
        rises = found is not None and found.rise >= limits.least_rise and alone
        if context.look is not None:
            is_news = found is None or _news(
                person, Told(detector.id, found.onset, found.confirmed, context.month, feed)
            )
            threshold = budget.threshold(detector.budget)
            context.look(
                looks.at_drift(detector, name, feed, values.periods[-1], found, alone, window, threshold, is_news)
            )
        if found is not None and rises and score >= limits.errors:
            p_value = window.p_value(score)
            if window.total < LEAST_SCORES:
                _unknown(context, detector)
            elif p_value <= budget.threshold(detector.budget):
                told = Told(detector.id, found.onset, found.confirmed, context.month, feed)
                if _news(person, told):
                    person.told.append(told)
                    tell_drift(context, detector, name, told, found, values, p_value)
        else:  # a line that rises month after month would teach the peers that lines rise
            window.learn_one(score)

    def _second(
        self, context: Context, name: str, person: PersonSeries, feed: str, series: Series, period: int, alone: bool
    ) -> None:
        """`alone` means that the period has one payer, and so no second."""
        detector = self.second
        if detector is None or (alone and context.look is None):
            return
        cells = series.unpack()
        found = second_source(cells, series.first_seen(), series.first, period)
        if found is None:
            if context.look is not None:
                context.look(looks.at_second(detector, name, feed, period, cells, None))
            return
        since = series.first_seen()[found.payer]
        if any(told.source == detector.id and since <= told.confirmed for told in person.told):
            return
        both = cells[found.confirmed]
        amounts = {index: amount_of(level) for index, level in both.items()}
        if context.look is not None:
            share = amounts[found.payer] / max(1, *amounts.values())
            context.look(looks.at_second(detector, name, feed, found.confirmed, cells, share))
        if amounts[found.payer] < detector.parameters.least_share * max(amounts.values()):
            return
        told = Told(detector.id, found.onset, found.confirmed, context.month, feed)
        if not _news(person, told):
            return
        person.told.append(told)
        budget = context.population.budget(detector.id)
        budget.evaluations += 1  # each one told; they are rare enough to be compared with all household-months
        p_value = budget.evaluations / (2 + sum(context.population.household_months.values()))
        tell_second(context, detector, name, told, found, cells, p_value)

    def _verify(self, context: Context, name: str, person: PersonSeries) -> None:
        """Take back what the series no longer show. Half of each limit is enough to stay, so that nothing flickers."""
        for told in list(person.told):
            detector = {"income-jump": self.jump, "income-drop": self.drop}.get(told.source)
            if told.source == "income-drift":
                detector = self.drift
            elif told.source == "second-source":
                detector = self.second
            if detector is None or not told.feed or _supported(context, person, told, detector):
                continue
            person.told.remove(told)
            context.retract(detector, name, told)


def _rises_alone(raw: Values, onset: int, rise: float) -> bool:
    """The person's own values rise as well, without the peers' movement."""
    levels = raw.levels[bisect_left(raw.periods, onset) :]
    return levels[-1] - levels[0] >= rise / 2


def _also_alone(
    shift: Shift, raw: Values, period: int, resets: tuple[int, ...], peers_scale: float, first: int
) -> Shift:
    """The shift, as far as the person's own values show it without the peers' movement, too.

    The latest period's movement may not be known yet, or be that of a feed on another scale.
    """
    alone = shift_at(raw, period, resets, peers_scale, first)
    if alone is None or alone.change * shift.change <= 0:
        return replace(shift, change=0.0, score=0.0)
    return shift if abs(shift.score) <= abs(alone.score) else replace(shift, change=alone.change, score=alone.score)


def _supported(context: Context, person: PersonSeries, told: Told, detector: Detector) -> bool:
    series = person.incomes.get(told.feed)
    if series is None:
        return False
    cells = series.unpack()
    if series.cut and told.onset < min(cells) + 4:
        return True  # too much of its past has gone out of the window to say
    if told.source == "second-source":
        found = second_source(cells, series.first_seen(), series.first, told.confirmed)
        return found is not None
    moved = context.population.moved(told.feed)
    values = moved.without(series.values())
    limits = detector.parameters
    resets = tuple(at for at in _resets(person, told.feed) if at < told.onset)
    if told.source == "income-drift":
        until = bisect_right(values.periods, told.confirmed)
        line = drift(
            Values(values.periods[:until], values.levels[:until]),
            resets,
            series.first,
            int(limits.least_periods),
            limits.steady_share / 2,
        )
        return line is not None and line.rise >= limits.least_rise / 2
    shift = shift_at(values, told.confirmed, resets, moved.spread, series.first)
    sign = 1 if told.source == "income-jump" else -1
    return shift is not None and sign * shift.change >= limits.least_change / 2


def _resets(person: PersonSeries, feed: str) -> tuple[int, ...]:
    """Periods from which a level counts as known to have changed, because it was told."""
    return tuple(
        told.onset if told.source in ("income-jump", "income-drop") else told.confirmed
        for told in person.told
        if told.feed == feed or (told.feed in WAGES and feed in WAGES)
    )


def _news(person: PersonSeries, new: Told) -> bool:
    """Nothing of the kind was said within six months, or the level has changed again since."""
    family = RISES if new.source in RISES else frozenset({new.source})
    for told in person.told:
        if told.source not in family:
            continue
        again = new.source in ("income-jump", "income-drop") and new.onset > told.confirmed
        if new.onset <= told.confirmed or (new.month - told.month < _SILENT and not again):
            return False
    return True


def _unknown(context: Context, detector: Detector) -> None:
    counts = context.population.unknown
    counts[detector.id] = counts.get(detector.id, 0) + 1
