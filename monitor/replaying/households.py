"""The households of a replay: enrolled from the whole roster, then told of one change after the other."""

from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from detectors.alerts import Alert
from detectors.doubts import Doubt, Doubts
from detectors.population import Population
from monitor.assessment import Assessor
from monitor.household import HouseholdState
from streams.enrolment import Enrolled, in_force, notes
from streams.messages import Matched, Reached, RosterNote
from streams.moments import DAY, day_start
from streams.screening import Home

DAYS_PER_MONTH = 365.25 / 12


class Households:
    """All households' states, in memory: their number is the roster's, whatever the number of events."""

    def __init__(self, assessor: Assessor, roster: Mapping[str, Sequence[Enrolled]]) -> None:
        self._assessor = assessor
        self._roster = roster
        self._states: dict[str, HouseholdState] = {}
        self._populations: dict[str, Population] = {}
        self._doubts = Doubts()

    def __len__(self) -> int:
        return len(self._roster)

    def __contains__(self, household_id: object) -> bool:
        return household_id in self._roster

    def __iter__(self) -> Iterator[str]:
        return iter(self._roster)

    def state(self, household_id: str) -> HouseholdState:
        """What is known about a household; KeyError for one that is not on the roster."""
        return self._states[household_id]

    def enrol(self) -> Iterator[list[Alert]]:
        """Tell every household its lines and what others hold; for each note the alerts that the roster alone raises.

        The roster is known from the start, so such an alert counts as detected on the day that it is about.
        """
        for note in notes(self._roster):
            at = day_start(note.line.as_of) if note.line is not None else 0
            yield [replace(alert, detected_at=alert.occurred_at) for alert in self.note(note, at)]

    def note(self, message: RosterNote, at: int) -> list[Alert]:
        """Tell a household its line or what others hold, and give what is to be said because of it."""
        state = self._states.get(message.household_id)
        if state is None:
            state = self._states[message.household_id] = self._assessor.load(None)
        return self._assessor.assess(state, message, at, None, self._doubts)

    def take(self, message: Matched, at: int) -> list[Alert]:
        """Tell a household of a change reported at an instant, and give what is to be said because of it."""
        state = self._states[message.household_id]
        return self._assessor.assess(state, message, at, self._watching(state), self._doubts)

    def progress(self, message: Reached, at: int) -> Iterator[Alert]:
        """Records have come in a county: where a feed has come further, look at the households that waited for it."""
        population = self._population(message.county)
        due = self._assessor.due(population, message)
        for household_id in due.households:
            yield from self._assessor.progressed(self._states[household_id], household_id, population, due.at, at)

    def doubt(self, doubt: Doubt, at: int) -> Iterator[Alert]:
        """A feed came into doubt, or the doubt ended: look at the households of which something was said by it."""
        for household_id in self._doubts.take(doubt):
            state = self._states[household_id]
            yield from self._assessor.doubted(state, household_id, doubt, at, self._watching(state), self._doubts)

    def _watching(self, state: HouseholdState) -> Population | None:
        """The models of the household's county, where there are detectors."""
        return self._population(state.county) if self._assessor.online.detectors else None

    def _population(self, county: str) -> Population:
        return self._populations.setdefault(county, Population(doubts=self._doubts))

    def active_months(self, since: int, until: int) -> float:
        """Household-months within a time: how long each household held a programme, all together."""
        active = 0
        for lines in self._roster.values():
            ordered = [enrolled.line for enrolled in in_force(lines)]
            ends = [*(day_start(line.as_of) for line in ordered[1:]), until]
            for line, end in zip(ordered, ends, strict=True):
                if line.active:
                    active += max(0, min(end, until) - max(day_start(line.as_of), since))
        return active / DAY / DAYS_PER_MONTH


def homes_of(roster: Mapping[str, Sequence[Enrolled]]) -> dict[str, tuple[Home, ...]]:
    """The households of each person whom any line lists."""
    found: dict[str, dict[Home, None]] = {}
    for household_id, lines in roster.items():
        home = Home(household_id, in_force(lines)[0].line.county)
        for enrolled in lines:
            for member in enrolled.line.members:
                found.setdefault(member.person, {})[home] = None
    return {person: tuple(homes) for person, homes in found.items()}
