"""Watches the bills of persons: keeps monthly sums, teaches the peers, tells a surge once in six months."""

import math

from detectors import looks
from detectors.calibration import LEAST_SCORES, Window
from detectors.context import Context, begun, readable
from detectors.household_state import PersonSeries, Told
from detectors.medical import BANDS, RUNS, Surge, surge
from detectors.population import Population
from detectors.settings import Detector
from detectors.sums import Sums, fen_of
from detectors.wording import money, month, percent, probability, words
from streams.changes import Change
from streams.ledger import Applied
from streams.moments import month_of

_SILENT = 6
_PEERS_SHARE = 0.05
_EPIDEMIC = 2.0
"""In a month in which so many times more peers than usual have bills like this, they are nobody's own."""
_CATCH_UP = 6


class MedicalWatch:
    """medical-surge, with its memory."""

    def __init__(self, detector: Detector) -> None:
        self.detector = detector
        self._names = [[f"{detector.id}/{band}/{run}" for run in RUNS] for band in range(len(BANDS) + 1)]
        self._least_score = math.log(detector.parameters.least_ratio) * 4

    def record(self, context: Context, name: str, person: PersonSeries, applied: Applied) -> None:
        """Take a bill in, or out, and judge the month it belongs to."""
        after = applied.after
        at = month_of(after.occurred_at) if after is not None else 0
        if applied.before is not None:
            self._rebuild(context, name, person)
            self._verify(context, name, person)
        elif after is not None:
            if person.medical is None:
                person.medical = begun(context, after)
            person.medical.add(at, fen_of(after.number("out_of_pocket")))
        if after is not None and person.medical is not None:
            fen = person.medical.unpack()
            self._learn(context, person, person.medical, fen, at)
            if not context.population.doubtful("medical", after.region[:6], after.reported_at):
                self._judge(context, name, person, person.medical, fen, at)

    def _rebuild(self, context: Context, name: str, person: PersonSeries) -> None:
        bills = [c for c in context.view.records() if c.feed == "medical" and c.person == name]
        former = person.medical
        person.medical = None
        for bill in sorted(bills, key=lambda c: c.occurred_at):
            if readable(context.view, bill):
                at = month_of(bill.occurred_at)
                if person.medical is None:
                    person.medical = begun(context, bill)
                    person.medical.learned = former.learned if former else at
                person.medical.add(at, fen_of(bill.number("out_of_pocket")))

    def _learn(self, context: Context, person: PersonSeries, sums: Sums, fen: list[int], at: int) -> None:
        """Teach the peers the months that are over, those without a bill included."""
        if at <= sums.learned:
            return
        told = [told for told in person.told if told.source == self.detector.id]
        budget = context.population.budget(self.detector.id)
        for over in range(max(sums.learned, at - _CATCH_UP), at):
            found = surge(sums, fen, over)
            if found is None or any(t.onset <= over <= t.confirmed + 2 for t in told):
                continue
            budget.evaluations += 1
            for peers, score in zip(self._names[found.band], found.scores, strict=True):
                context.population.window(peers).learn_one(score)
        sums.learned = at

    def _judge(self, context: Context, name: str, person: PersonSeries, sums: Sums, fen: list[int], at: int) -> None:
        found = surge(sums, fen, at)
        limits = self.detector.parameters
        population = context.population
        budget = population.budget(self.detector.id)
        if found is None:
            if context.look is not None:
                context.look(looks.unknown(self.detector, name, "medical", at, sums.first, at - sums.first))
            return
        peers = population.season(self.detector.id, at)
        peers.learn_one(found.scores[0])
        if context.look is not None:
            self._show(context, name, person, found, budget.threshold(self.detector.budget))
        if found.came < limits.least_amount:
            return
        if peers.usual(found.scores[0], self._peers_share(population, found)):
            return  # so many more than in other months have bills like this: an epidemic, or bills that were sent twice
        windows = self._windows(context, found.band)
        for run, score, window in zip(RUNS, found.scores, windows, strict=True):
            if score < self._least_score:
                continue
            if window.total < LEAST_SCORES:
                population.unknown[self.detector.id] = population.unknown.get(self.detector.id, 0) + 1
                continue
            p_value = min(1.0, window.p_value(score) * RUNS[run])
            if p_value <= budget.threshold(self.detector.budget):
                told = Told(self.detector.id, at - run + 1, at, context.month, "medical")
                if self._news(person, at):
                    person.told.append(told)
                    self._tell(context, name, told, found, window.total, p_value, sums)
                return

    def _windows(self, context: Context, band: int) -> list[Window]:
        """What is known of the peers of a band, for each length of run."""
        return [context.population.window(name) for name in self._names[band]]

    def _news(self, person: PersonSeries, at: int) -> bool:
        return not any(t.source == self.detector.id and at - t.confirmed < _SILENT for t in person.told)

    def _peers_share(self, population: Population, found: Surge) -> float:
        """The share of the peers who may have bills like this in one month, by how many have them in other months."""
        others = population.share_in_other_seasons(self.detector.id, found.month, found.scores[0])
        return max(_PEERS_SHARE, _EPIDEMIC * others)

    def _show(self, context: Context, name: str, person: PersonSeries, found: Surge, threshold: float) -> None:
        if context.look is None:
            return
        population, is_news = context.population, self._news(person, found.month)
        season = population.season(self.detector.id, found.month), self._peers_share(population, found)
        for run, window in zip(RUNS, self._windows(context, found.band), strict=True):
            context.look(looks.at_surge(self.detector, name, found, run, window, season, threshold, is_news))

    def _tell(
        self, context: Context, name: str, told: Told, found: Surge, peers: int, p_value: float, sums: Sums
    ) -> None:
        support = [c for c in self._bills(context, name) if told.onset <= month_of(c.occurred_at) <= told.confirmed]
        places = words(
            "medical",
            expected=money(found.expected),
            came=money(found.came),
            onset=month(told.onset),
            confirmed=month(told.confirmed),
            peers=str(peers),
            p_value=probability(p_value),
            change=percent((found.came + 1) / (found.expected + 1) - 1),
            periods=str(told.confirmed - told.onset + 1),
        )
        values = sums.unpack()[-12:]
        last = sums.start + len(sums.unpack()) - 1
        evidence = {
            "series": "medical",
            "expected": round(found.expected),
            "came": round(found.came),
            "peers": peers,
            "score": round(max(found.scores), 2),
            "chart": [[month(last - len(values) + 1 + index), fen // 100] for index, fen in enumerate(values)],
        }
        context.raise_(self.detector, name, told, support, places, evidence, p_value=p_value, resting=("medical",))

    def _bills(self, context: Context, name: str) -> list[Change]:
        return [c for c in context.view.records() if c.feed == "medical" and c.person == name]

    def _verify(self, context: Context, name: str, person: PersonSeries) -> None:
        limits = self.detector.parameters
        for told in [told for told in person.told if told.source == self.detector.id]:
            sums = person.medical
            if sums is not None and told.onset - 3 < sums.start > sums.first:
                continue  # its past has gone out of the window
            found = surge(sums, sums.unpack(), told.confirmed) if sums is not None else None
            run = told.confirmed - told.onset
            stands = found is not None and found.scores[run] >= math.log(limits.least_ratio) * 2
            if not stands or (found is not None and found.came < limits.least_amount / 2):
                person.told.remove(told)
                context.retract(self.detector, name, told)
