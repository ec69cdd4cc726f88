"""Watches for wages that stopped: keeps the due list, looks when the county's feeds have come far enough."""

from detectors import looks
from detectors.calibration import common
from detectors.context import Context
from detectors.feed_names import series_name
from detectors.household_state import PersonSeries, Told
from detectors.income_series import Reading, paid_periods
from detectors.income_words import records
from detectors.population import WAGES, Population
from detectors.progress import Progress
from detectors.series import Values, amount_of
from detectors.settings import Detector
from detectors.stop import MISSING, Stop, stop, third_missing
from detectors.wording import money, month, probability, words
from streams.changes import Change
from streams.moments import day_of, day_start, month_start

_LEAST_PEERS = 20


def due(population: Population, progress: Progress) -> list[str]:
    """Take note of the county's progress; the households to look at now, sorted."""
    for feed, day in progress.days.items():
        if feed in WAGES:
            population.progress[feed] = max(day, population.progress.get(feed, day))
    known = population.known_until()
    if known is None:
        return []
    ready = [period for period in population.due if period <= known]
    found: set[str] = set()
    for period in ready:
        found.update(population.due.pop(period))
    return sorted(found)


class StopWatch:
    """The half of income-drop that no record reports."""

    def __init__(self, detector: Detector) -> None:
        self.detector = detector

    def record(self, context: Context, name: str, person: PersonSeries, change: Change, reading: Reading) -> None:
        """After a wage record: when to look next, and whether it fills a gap that was told as a stop."""
        population, period = context.population, reading.period
        if change.op == "upsert" and reading.level is not None:
            population.learn_lag(change.feed, period, change.reported_at)
            if period > person.last_paid:
                if period - person.last_paid <= MISSING:
                    population.went_on[person.last_paid] = population.went_on.get(person.last_paid, 0) + 1
                population.paid[period] = population.paid.get(period, 0) + 1
                person.last_paid = period
                population.schedule(period + MISSING, context.household_id)
        for told in [told for told in person.told if told.source == self.detector.id and not told.feed]:
            if told.onset <= period <= told.confirmed:
                person.told.remove(told)
                context.retract(self.detector, name, told)

    def undone(self, context: Context, person: PersonSeries) -> None:
        """After a record was taken away: pay may have ended earlier than was thought."""
        person.last_paid = max(paid_periods(person), default=0)
        known = context.population.known_until()
        if person.last_paid and known is not None:
            context.population.schedule(max(person.last_paid + MISSING, known + 1), context.household_id)

    def look(self, context: Context, name: str, person: PersonSeries) -> None:
        """Has the person's pay stopped, as far as the county's feeds have come?"""
        paid = paid_periods(person)
        known = context.population.known_until()
        if not paid or known is None or not self._feeds_come(context, person):
            return
        missing = third_missing(paid, max(paid))
        if missing and missing[-1] > known:
            context.population.schedule(missing[-1], context.household_id)
            return
        first = min(series.first for feed in WAGES if (series := person.incomes.get(feed)) is not None)
        found = stop(paid, person.stopped, first)
        if context.look is not None:
            self._show(context, name, person, known, found)
        if found is not None and self._watched(context, name, found):
            self._judge(context, name, person, found)

    def _feeds_come(self, context: Context, person: PersonSeries) -> bool:
        """How far each wage feed with a series of the person has come is known; one too small to tell may be silent."""
        return all(feed in context.population.progress for feed in WAGES if feed in person.incomes)

    def _news(self, person: PersonSeries, last: int) -> bool:
        """After a drop or a stop only pay that came back since can stop anew. `last` is the last paid period."""
        return all(former.source != self.detector.id or former.confirmed < last for former in person.told)

    def _peers(self, population: Population, last: int) -> tuple[int, int]:
        """Persons paid in this period, and how many of them, the own one too, had no wage for three periods."""
        everybody = population.paid.get(last, 0)
        return everybody, max(1, everybody - population.went_on.get(last, 0))

    def _show(self, context: Context, name: str, person: PersonSeries, known: int, found: Stop | None) -> None:
        if context.look is None:
            return
        peers = self._peers(context.population, found.last) if found is not None else (0, 0)
        is_news = found is None or self._news(person, found.last)
        context.look(looks.at_stop(self.detector, name, known, found, peers, is_news))

    def _watched(self, context: Context, name: str, found: Stop) -> bool:
        """The person is a living co-resident member of an active household that consents."""
        at = month_start(found.known + 1) - 1
        line, died = context.view.line(at), context.view.died(name)
        if line is None or not line.active or (died is not None and died <= at):
            return False
        if line.consent_until is None or day_of(at) > line.consent_until:
            return False
        return any(member.person == name and member.co_resident for member in line.members)

    def _judge(self, context: Context, name: str, person: PersonSeries, found: Stop) -> None:
        population, detector = context.population, self.detector
        limits = detector.parameters
        everybody, stopped = self._peers(population, found.last)
        if everybody < _LEAST_PEERS:
            population.unknown[detector.id] = population.unknown.get(detector.id, 0) + 1
            return
        told = Told(detector.id, found.missing[0], found.known, context.month)
        if common(stopped - 1, everybody - 1, limits.stopping_share) or found.p_own > limits.absence:
            return
        if not self._news(person, found.last):
            return
        person.told.append(told)
        self._tell(context, name, person, told, found, (everybody, stopped))

    def _tell(
        self, context: Context, name: str, person: PersonSeries, told: Told, found: Stop, peers: tuple[int, int]
    ) -> None:
        everybody, stopped = peers
        p_value = max(found.p_own, 1 / (1 + everybody)) * min(1.0, stopped / everybody)
        support = records(context, name, WAGES, found.last, found.last)
        if not support:
            return
        feed = support[0].feed
        values = person.incomes[feed].values() if feed in person.incomes else Values([], [])
        amounts = [amount_of(level) for level in values.levels]
        last = amounts[-1] if amounts else 0
        places = words(
            feed,
            expected=money(last),
            came="0",
            onset=month(told.onset),
            confirmed=month(told.confirmed),
            peers=str(everybody),
            periods=str(MISSING),
            p_value=probability(p_value),
        )
        places["zh"]["came"], places["en"]["came"] = "无记录", "no record"
        called = series_name(feed)
        evidence = {
            "series": feed,
            "series_name": [called.zh, called.en],
            "expected": last,
            "came": 0,
            "missing": [month(at) for at in found.missing],
            "peers": everybody,
            "peers_stopped": stopped,
            "chart": [[month(at), amount] for at, amount in zip(values.periods, amounts, strict=True)][-12:],
        }
        at = day_start(day_of(month_start(found.known + 1)) - 1)
        context.raise_(self.detector, name, told, support, places, evidence, occurred_at=at, p_value=p_value)
