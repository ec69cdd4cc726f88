"""Watches for a second payer beside the first, who is told once."""

from detectors import looks
from detectors.context import Context
from detectors.household_state import PersonSeries, Told
from detectors.income_told import is_news
from detectors.income_words import tell_second
from detectors.second_source import second_source
from detectors.series import Series, amount_of
from detectors.settings import Detector

FEEDS = ("social-insurance", "housing-fund")
"""The feeds whose records name a payer."""


class SecondSourceWatch:
    """second-source, with what it asks of the lesser payer."""

    def __init__(self, detector: Detector) -> None:
        self.detector = detector

    def judge(self, context: Context, name: str, person: PersonSeries, feed: str, series: Series, period: int) -> None:
        """A record of this period changed the series: tell a payer who is new beside another."""
        detector = self.detector
        cells, first_seen = series.unpack(), series.first_seen()
        found = second_source(cells, first_seen, series.first, period)
        if found is None:
            if context.look is not None:
                context.look(looks.at_second(detector, name, feed, period, cells, None))
            return
        since = first_seen[found.payer]
        if any(told.source == detector.id and since <= told.confirmed for told in person.told):
            return
        amounts = {index: amount_of(level) for index, level in cells[found.confirmed].items()}
        if context.look is not None:
            share = amounts[found.payer] / max(1, *amounts.values())
            context.look(looks.at_second(detector, name, feed, found.confirmed, cells, share))
        if amounts[found.payer] < detector.parameters.least_share * max(amounts.values()):
            return
        told = Told(detector.id, found.onset, found.confirmed, context.month, feed)
        if not is_news(person, told):
            return
        person.told.append(told)
        budget = context.population.budget(detector.id)
        budget.evaluations += 1  # each one told; they are rare enough to be compared with all household-months
        p_value = budget.evaluations / (2 + sum(context.population.household_months.values()))
        tell_second(context, detector, name, told, found, cells, p_value)
