"""The rules' engine over contract-form dicts, with plain numbers in place of pseudonyms: what stands in the end."""

from collections.abc import Iterable, Mapping
from typing import Any

from detectors.alerts import Alert
from monitor.assessment import Assessor, Keyring
from monitor.configuration import SHIPPED, load_configuration
from monitor.household import HouseholdState
from streams.changes import Change
from streams.enrolment import Enrolled, notes
from streams.messages import Matched
from tests import plain

RULES = load_configuration(SHIPPED).rules
ASSESSOR = Assessor(
    RULES, Keyring(lambda *parts: "/".join(parts), lambda change: {"id_number": change.person, "name": change.sealed})
)


def enrol(households: Iterable[Mapping[str, Any]]) -> dict[str, HouseholdState]:
    """Every household's state with its lines known."""
    roster: dict[str, list[Enrolled]] = {}
    for version, household in enumerate(households):
        line = plain.line(household)
        roster.setdefault(line.household_id, []).append(Enrolled(version, line))
    states = {household_id: ASSESSOR.load(None) for household_id in roster}
    for note in notes(roster):
        ASSESSOR.assess(states[note.household_id], note, 0)
    return states


def tell(states: Mapping[str, HouseholdState], change: Change) -> list[Alert]:
    """Let every household learn of a change; those whom it does not concern find nothing in it."""
    return [
        revision
        for household_id, state in states.items()
        for revision in ASSESSOR.assess(state, Matched(household_id=household_id, change=change), 0)
    ]


def standing(states: Mapping[str, HouseholdState]) -> dict[str, Alert]:
    """The alerts that are raised, by id."""
    return {
        alert_id: said.content for state in states.values() for alert_id, said in state.published.items() if said.raised
    }
