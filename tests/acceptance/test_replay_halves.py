"""Rules and detectors, assessed apart and put together again, say what one assessment says."""

from pathlib import Path

from detectors.alerts import encode
from detectors.doubts import Doubts
from detectors.population import Population
from monitor.configuration import load_configuration
from monitor.feed_alerts import FeedDesk
from monitor.replaying.course import course, messages
from monitor.replaying.given import assessor_of
from monitor.replaying.inputs import gather
from monitor.replaying.parts import Halves
from monitor.replaying.run import screen_inputs
from streams.enrolment import notes
from streams.messages import Matched, Reached
from streams.moments import parse_instant
from streams.secrets import Keys

ROOT = Path(__file__).parents[2]
COUNTY = ROOT / "replay_data"


def test_halves_say_what_the_whole_says(tmp_path: Path) -> None:
    configuration = load_configuration(ROOT / "configs")
    keys = Keys(b"a secret of the tests, thirty-two bytes at least")
    clock = parse_instant("2026-06-01")
    inputs = gather(COUNTY / "households.jsonl", COUNTY / "events", configuration, keys, clock).inputs
    screened = screen_inputs(inputs, tmp_path, lambda stage, done, total: None)
    halves = Halves(inputs, screened, tmp_path, None)
    apart = [(encode(alert), at) for alert, at in halves.run(lambda done: None, apart=False)]

    assessor, populations, doubts = assessor_of(inputs), dict[str, Population](), Doubts()
    states = {household_id: assessor.load(None) for household_id in inputs.roster}
    desk = FeedDesk(configuration.detectors, keys.id)
    for note in notes(inputs.roster):
        assessor.assess(states[note.household_id], note, 0, None, doubts)
    whole = []
    for at, message in course(messages(keys, screened, lambda done: None), screened, feeds=True):
        if isinstance(message, Matched):
            state = states[message.household_id]
            population = populations.setdefault(state.county, Population(doubts=doubts))
            said = assessor.assess(state, message, at, population, doubts)
        elif isinstance(message, Reached):
            population = populations.setdefault(message.county, Population(doubts=doubts))
            due = assessor.due(population, message)
            said = [
                alert
                for household_id in due.households
                for alert in assessor.progressed(states[household_id], household_id, population, due.at, at)
            ]
        else:
            said, changed = desk.take([message], at)
            for doubt in changed:
                for household_id in doubts.take(doubt):
                    state = states[household_id]
                    population = populations[state.county]
                    said += assessor.doubted(state, household_id, doubt, at, population, doubts)
        whole += [(encode(alert), at) for alert in said]
    assert apart[-len(whole) :] == whole
    assert len({alert for alert, _ in whole if b'"source_kind":"detector"' in alert}) > 10
    assert len(whole) > 50
