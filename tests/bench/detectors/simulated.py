"""Counties of `monitor simulate` for the bench: made, screened, in the order of reporting, with their labels."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from msgspec.structs import replace as replace_struct

from detectors.doubts import Doubt
from monitor.configuration import Configuration, load_configuration
from monitor.evaluation import Evaluation, evaluate
from monitor.labels import Truth, read_labels
from monitor.replaying.course import messages
from monitor.replaying.inputs import gather
from monitor.replaying.register import Said
from monitor.replaying.run import screen_inputs
from monitor.simulation.county import simulate
from monitor.simulation.profile import PROFILES
from streams.enrolment import in_force
from streams.moments import DAY, HOUR, day_end, day_start
from streams.secrets import Keys
from tests.bench.detectors.county import County
from tests.bench.detectors.run import Outcome

KINDS = ("income-jump", "income-drop", "income-drift", "second-source", "medical-surge", "household-outlier")
_STRANGERS = 0.2
_CLOCK = day_start(21_550)


@dataclass
class Made:
    """A county, its labels about households, and how many household-months it lasts."""

    county: County
    labels: list[Truth]
    household_months: float


def made(profile: str, seed: int, folder: Path, *, households: int = 2000, days: int = 730) -> Made:
    """Simulate a county with few strangers, for what is measured here concerns nobody but the roster."""
    simulate(replace(PROFILES[profile], strangers_per_match=_STRANGERS), households, days, seed, folder)
    configuration: Configuration = load_configuration(Path(__file__).parents[3] / "configs")
    keys = Keys(b"bench of detectors, no secret....")
    inputs = gather(folder / "households.jsonl", folder / "events", configuration, keys, _CLOCK).inputs
    scratch = folder / "screened"
    scratch.mkdir()
    screened = screen_inputs(inputs, scratch, lambda stage, done, total: None)
    arrivals = [
        (at, message.household_id, message.change) for message, at in messages(keys, screened, lambda done: None)
    ]
    lines = {name: tuple(enrolled.line for enrolled in in_force(given)) for name, given in inputs.roster.items()}
    labels = read_labels(folder / "labels.csv", keys, _kinds(configuration), lines)
    since, until = arrivals[0][0], arrivals[-1][0]
    months = sum(
        max(0, until - max(since, day_start(given[0].as_of))) / DAY / (365.25 / 12) for given in lines.values()
    )
    county = County(lines, {}, arrivals, [], len(lines), days // 30, _doubts(labels))
    return Made(county, [truth for truth in labels if truth.kind in KINDS], months)


def _doubts(labels: Iterable[Truth]) -> list[tuple[int, Doubt]]:
    """What the watch over the feeds would say of amounts on another scale, three hours after they began.

    The watch itself needs the records of strangers; `feeds.py` measures it.
    """
    found: list[tuple[int, Doubt]] = []
    for label in labels:
        if label.kind == "feed-shift" and label.until is not None:
            doubt, end = Doubt(label.feed, label.region[:6], label.begins), day_end(label.until)
            found += [(label.begins + 3 * HOUR, doubt), (end, replace_struct(doubt, until=end))]
    return sorted(found, key=lambda pair: pair[0])


def _kinds(configuration: Configuration) -> set[str]:
    return {*configuration.detectors, *(rule.id for rule in configuration.rules.rules)}


def judged(made_: Made, outcome: Outcome, sizes: Iterable[str] = ("plain", "medium", "faint")) -> Evaluation:
    """By the contract's rules of counting. Labels of other sizes still explain alerts, but need not be found."""
    wanted = set(sizes)
    found = evaluate(made_.labels, _said(outcome), made_.household_months)
    missed = {truth.line for truth in found.missed}
    for name, kind in found.kinds.items():
        own = [truth for truth in made_.labels if truth.kind == name and truth.size in wanted]
        kind.truths = len(own)
        kind.found = sum(truth.line not in missed for truth in own)
    return found


def _said(outcome: Outcome) -> list[Said]:
    """Each alert as its signals left it."""
    found: dict[str, Said] = {}
    for at, signal in outcome.signals:
        key = "/".join((signal.source, signal.household_id, signal.person, signal.about))
        if signal.status == "retracted":
            if key in found:
                found[key].retracted_at = at
        elif key in found:
            found[key].retracted_at, found[key].raised_at = None, at
        else:
            found[key] = Said(
                alert_id=key,
                source=signal.source,
                source_kind="detector",
                direction=signal.direction,
                severity=signal.severity,
                household_id=signal.household_id,
                person=signal.person,
                region=signal.region,
                feeds=signal.feeds,
                shadow=signal.shadow,
                occurred_at=signal.occurred_at,
                due_at=0,
                first_at=at,
                raised_at=at,
            )
    return list(found.values())
