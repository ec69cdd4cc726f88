"""The detectors of a household, put together: one message in, what is to be said out.

The host keeps the household's `HouseholdSeries` and the county's `Population`, applies the message to its ledger
first, and calls `step`. Nothing here reads a clock; the same messages in the same order say the same.
"""

from collections.abc import Callable, Mapping

from detectors import looks
from detectors.context import Context, View, readable
from detectors.doubts import Doubt
from detectors.household_state import TOLD_MONTHS, HouseholdSeries, PersonSeries, Told
from detectors.household_watch import HouseholdWatch
from detectors.income_series import INCOMES, Update, read, update
from detectors.income_watch import IncomeWatch
from detectors.looks import Look, Watched
from detectors.medical_watch import MedicalWatch
from detectors.population import WAGES, Population
from detectors.progress import Progress
from detectors.settings import Detector
from detectors.signals import Signal
from detectors.stop_watch import StopWatch, due
from streams.changes import Change
from streams.ledger import Applied
from streams.moments import month_of


class Online:
    """All household detectors that are configured."""

    def __init__(self, detectors: Mapping[str, Detector], watched: Watched | None = None) -> None:
        self.detectors = detectors
        self._watched = watched
        self.incomes = IncomeWatch(detectors)
        self.stops = StopWatch(detectors["income-drop"]) if "income-drop" in detectors else None
        self.medical = MedicalWatch(detectors["medical-surge"]) if "medical-surge" in detectors else None
        self.household = HouseholdWatch(detectors["household-outlier"]) if "household-outlier" in detectors else None

    def step(
        self, population: Population, state: HouseholdSeries, view: View, household_id: str, applied: Applied
    ) -> list[Signal]:
        """A change was applied to the household's ledger: `before` no longer stands, `after` does. Both models learn.

        `view` shows the household after it. Changes that the line in force gives no right to read are passed over.
        """
        change = applied.after or applied.before
        if change is None:
            return []
        before, after = applied
        if before is not None and not readable(view, before):
            before, applied = None, Applied(None, after)
        if after is not None and not readable(view, after):
            after, applied = None, Applied(before, None)
        if before is None and after is None:
            return []
        context = Context(population, state, view, household_id, month_of(change.reported_at))
        if self._watched is not None:
            context.look = self._looker(household_id, change.reported_at)
        if context.month > state.counted:
            state.counted = context.month
            population.count_household(context.month)
            _forget(state, context.month)
        population.note_feed(change.feed, context.month)
        if before is not None and after is not None and before.person != after.person:
            self._change(context, before, Applied(before, None))
            self._change(context, after, Applied(None, after))
        else:
            self._change(context, change, applied)
        if self.household is not None:
            self.household.reported(context, change.reported_at)
        return context.signals

    def due(self, population: Population, progress: Progress) -> list[str]:
        """Take note of a county's progress; the households to call `progressed` for, in this order."""
        return due(population, progress)

    def progressed(
        self, population: Population, state: HouseholdSeries, view: View, household_id: str, at: int
    ) -> list[Signal]:
        """Look at a household that was due. `at` is the moment up to which the county's feeds have come."""
        context = Context(population, state, view, household_id, month_of(at))
        if self._watched is not None:
            context.look = self._looker(household_id, at)
        if self.stops is not None:
            for name in sorted(state.persons):
                self.stops.look(context, name, state.persons[name])
        known = population.known_until()
        if self.household is not None and known is not None:
            self.household.look(context, known)
        return context.signals

    def doubted(self, population: Population, state: HouseholdSeries, view: View, household_id: str) -> list[Signal]:
        """Take back what rests on amounts that are doubtful now: `population.doubts` has changed.

        Amounts reported while a feed is in doubt are kept, but nothing is said because of them.
        """
        context = Context(population, state, view, household_id, 0)
        for name in sorted(state.persons):
            person = state.persons[name]
            for told in [told for told in person.told if told.feed]:
                doubt = self._doubt(context, name, told)
                detector = self.detectors.get(told.source)
                if doubt is not None and detector is not None:
                    person.told.remove(told)
                    context.retract(detector, name, told, doubt)
        if self.household is not None and state.told:
            self.household.doubted(context)
        return context.signals

    def _looker(self, household_id: str, at: int) -> Callable[[Look], None] | None:
        watched = self._watched
        if watched is None or watched.household_id != household_id:
            return None
        hear = watched.hear
        return lambda look: hear(at, look)

    def _doubt(self, context: Context, name: str, told: Told) -> Doubt | None:
        """The doubt about a record that it rests on, if there is one."""
        for change in context.view.records():
            if change.person == name and change.feed == told.feed:
                reading = read(change)
                period = reading.period if reading is not None else month_of(change.occurred_at)
                doubt = context.population.doubts.of(change.feed, change.region[:6], change.reported_at)
                if doubt is not None and told.onset <= period <= told.confirmed:
                    return doubt
        return None

    def _change(self, context: Context, change: Change, applied: Applied) -> None:
        feed, name = change.feed, change.person
        persons = context.state.persons
        if feed in INCOMES:
            person = persons.get(name)
            if person is None:
                person = persons[name] = PersonSeries()
            new = update(context.view, person, change, applied)
            if new is not None:
                self._income(context, name, person, change, applied, new)
            if not person.incomes and not person.stopped and person.medical is None and not person.told:
                del persons[name]
        elif feed == "medical" and self.medical is not None:
            person = persons.get(name)
            if person is None:
                person = persons[name] = PersonSeries()
            self.medical.record(context, name, person, applied)
            if person.medical is None and not person.incomes and not person.told:
                del persons[name]
        if self.household is not None:
            self.household.record(context, applied)
            if applied.before is not None and context.state.told:
                self.household.verify(context)

    def _income(
        self, context: Context, name: str, person: PersonSeries, change: Change, applied: Applied, new: Update
    ) -> None:
        population = context.population
        if not population.doubtful(change.feed, change.region[:6], change.reported_at):
            self.incomes.judge(context, name, person, change.feed, new)
        elif context.look is not None:
            for source in ("income-jump", "income-drop", "income-drift", "second-source"):
                if source in self.detectors:
                    month = month_of(change.occurred_at)
                    context.look(looks.in_doubt(self.detectors[source], name, change.feed, month))
        if self.stops is not None and change.feed in WAGES:
            if applied.before is not None:
                self.stops.undone(context, person)
            if applied.after is not None and new.reading is not None:
                self.stops.record(context, name, person, applied.after, new.reading)


def _forget(state: HouseholdSeries, month: int) -> None:
    """What was said two years ago no longer keeps anybody silent."""
    if state.told:
        state.told = [told for told in state.told if month - told.month < TOLD_MONTHS]
    for person in state.persons.values():
        if person.told:
            person.told = [told for told in person.told if month - told.month < TOLD_MONTHS]
