"""A replay from beginning to end: screen, assess, put what was said in its order, sum up."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from detectors.alerts import encode
from monitor.replaying.given import Inputs, Told, assessor_of
from monitor.replaying.households import Households, homes_of
from monitor.replaying.parts import Halves
from monitor.replaying.pool import screen_all
from monitor.replaying.register import Register
from monitor.replaying.screened import Screened
from monitor.replaying.screening import Screen
from monitor.replaying.strangers import with_corrections
from monitor.replaying.timelines import Timelines

ALERTS, REJECTS = "alerts.jsonl", "rejects.jsonl"


@dataclass(frozen=True)
class Replayed:
    """What a replay left. `since` and `until` are the instants of the first and the last report."""

    register: Register
    households: Households
    timelines: Timelines
    events: int
    matched: int
    reasons: Mapping[str, int]
    since: int
    until: int

    @property
    def rejected(self) -> int:
        """How many rows were refused."""
        return sum(self.reasons.values())

    @property
    def household_months(self) -> float:
        """Household-months between the first and the last report."""
        return self.households.active_months(self.since, self.until)


def replay(inputs: Inputs, folder: Path, told: Told = lambda stage, done, total: None) -> Replayed:
    """Replay files; `alerts.jsonl` and `rejects.jsonl` appear in the folder, which must exist."""
    scratch = folder / ".screened"
    scratch.mkdir()
    screened = screen_inputs(inputs, scratch, told)
    with (folder / REJECTS).open("wb") as file:
        for done in screened:
            file.write(done.rejects.read_bytes())
    return assess_inputs(inputs, screened, folder, told)


def screen_inputs(inputs: Inputs, scratch: Path, told: Told) -> list[Screened]:
    """Screen all files; what waits lies in the folder `scratch`."""
    size = sum(file.path.stat().st_size for file in inputs.files)
    told("screening", 0, size)
    screen = Screen(homes_of(inputs.roster), inputs.keys, inputs.clock, scratch)
    screened = screen_all(screen, inputs.files, lambda done: told("screening", done, size))
    told("screening", size, size)
    return with_corrections(screened, inputs.files, inputs.keys, inputs.clock, scratch)


def assess_inputs(
    inputs: Inputs,
    screened: Sequence[Screened],
    folder: Path,
    told: Told,
    reads: frozenset[str] | None = None,
    *,
    apart: bool = True,
) -> Replayed:
    """Assess what was screened, which any number of configurations may do; `alerts.jsonl` appears in the folder.

    `reads` limits the changes to those of some feeds. `apart` lets large inputs have several processes.
    """
    total = sum(done.matched for done in screened)
    told("assessing", 0, total)
    scratch = folder / ".assessed"
    scratch.mkdir()
    halves = Halves(inputs, screened, scratch, reads)
    register = Register()
    with (folder / ALERTS).open("wb") as file:
        for alert, at in halves.run(lambda done: told("assessing", done, total), apart=apart):
            register.note(alert, at, file.tell())
            file.write(encode(alert) + b"\n")
    told("assessing", total, total)
    reasons: Counter[str] = Counter()
    for done in screened:
        reasons.update(done.reasons)
    return Replayed(
        register=register,
        households=Households(assessor_of(inputs), inputs.roster),
        timelines=halves.timelines(),
        events=sum(done.events for done in screened),
        matched=total,
        reasons=dict(sorted(reasons.items())),
        since=min((done.first for done in screened if done.first is not None), default=0),
        until=max((done.last for done in screened if done.last is not None), default=0),
    )
