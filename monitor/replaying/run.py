"""A replay from beginning to end: enrol, screen, assess in the order of reporting, sum up."""

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from detectors.alerts import Alert, encode
from monitor.assessment import Assessor, Keyring
from monitor.configuration import Configuration
from monitor.feed_alerts import FeedDesk
from monitor.replaying.households import Households, homes_of
from monitor.replaying.pool import screen_all
from monitor.replaying.pulse import pulse
from monitor.replaying.register import Register
from monitor.replaying.runs import merged, repeated
from monitor.replaying.screening import Screen, Screened, fingerprint
from streams.changes import Change
from streams.concealing import reveal
from streams.enrolment import Enrolled
from streams.feed_files import FeedFile
from streams.messages import Matched, Progress
from streams.moments import parse_instant
from streams.screening import EventMemory, Origin, deliveries, event_key
from streams.secrets import Keys

ALERTS, REJECTS = "alerts.jsonl", "rejects.jsonl"
_REPLAYED = Origin("", 0)
_TELL_EVERY = 200

Told = Callable[[str, int, int], None]
"""Hears of the progress: the stage, how much of it is done, and how much there is."""


@dataclass(frozen=True)
class Inputs:
    """What is replayed, and with which keys. `clock` is the instant that counts as now."""

    roster: Mapping[str, Sequence[Enrolled]]
    files: Sequence[FeedFile]
    configuration: Configuration
    keys: Keys
    clock: int


@dataclass(frozen=True)
class Replayed:
    """What a replay left. `since` and `until` are the instants of the first and the last report."""

    register: Register
    households: Households
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


def assess_inputs(
    inputs: Inputs, screened: Sequence[Screened], folder: Path, told: Told, reads: frozenset[str] | None = None
) -> Replayed:
    """Assess what was screened, which any number of configurations may do; `alerts.jsonl` appears in the folder.

    `reads` limits the changes to those of some feeds.
    """
    households = Households(assessor_of(inputs), inputs.roster)
    register = Register()
    with (folder / ALERTS).open("wb") as file:
        _enrol(households, register, file, told)
        for alert, at in _assess(inputs, households, screened, told, reads):
            _write(alert, at, register, file)
    reasons: Counter[str] = Counter()
    for done in screened:
        reasons.update(done.reasons)
    return Replayed(
        register=register,
        households=households,
        events=sum(done.events for done in screened),
        matched=sum(done.matched for done in screened),
        reasons=dict(sorted(reasons.items())),
        since=min((done.first for done in screened if done.first is not None), default=0),
        until=max((done.last for done in screened if done.last is not None), default=0),
    )


def assessor_of(inputs: Inputs) -> Assessor:
    """The assessment that live changes go through too."""
    keys = inputs.keys
    keyring = Keyring(keys.id, lambda change: reveal(change, keys))
    return Assessor(inputs.configuration.rules, keyring, inputs.configuration.detectors)


def screen_inputs(inputs: Inputs, scratch: Path, told: Told) -> list[Screened]:
    """Screen all files; what waits lies in the folder `scratch`."""
    size = sum(file.path.stat().st_size for file in inputs.files)
    told("screening", 0, size)
    screen = Screen(homes_of(inputs.roster), inputs.keys, inputs.clock, scratch)
    screened = screen_all(screen, inputs.files, lambda done: told("screening", done, size))
    told("screening", size, size)
    return screened


def _enrol(households: Households, register: Register, file: BinaryIO, told: Told) -> None:
    told("enrolling", 0, len(households))
    for done, alerts in enumerate(households.enrol()):
        for alert in alerts:
            _write(alert, parse_instant(alert.detected_at), register, file)
        if done % _TELL_EVERY == 0:
            told("enrolling", min(done, len(households)), len(households))
    told("enrolling", len(households), len(households))


def _assess(
    inputs: Inputs, households: Households, screened: Sequence[Screened], told: Told, reads: frozenset[str] | None
) -> Iterator[tuple[Alert, int]]:
    """All that happens, in the order of time: changes, then how far the feeds had come, then what they had brought."""
    desk = FeedDesk(inputs.configuration.detectors, inputs.keys.id)
    changes = (
        (at, 0, message)
        for message, at in messages(inputs.keys, screened, told)
        if reads is None or message.change.feed in reads
    )
    pulses = [done.pulse for done in screened] if inputs.configuration.detectors else []
    feeds = ((at, 1, message) for at, message in pulse(pulses))
    for at, _, message in heapq.merge(changes, feeds, key=lambda known: known[:2]):
        if isinstance(message, Matched):
            alerts: Iterable[Alert] = households.take(message, at)
        elif isinstance(message, Progress):
            alerts = households.progress(message, at)
        else:
            alerts, _ = desk.take([message], at)
        for alert in alerts:
            yield alert, at


def messages(keys: Keys, screened: Sequence[Screened], told: Told) -> Iterator[tuple[Matched, int]]:
    """What the households learn, in the order of reporting, each with the instant of its report."""

    def plain(change: Change) -> Mapping[str, str]:
        return reveal(change, keys)

    total = sum(done.matched for done in screened)
    several = repeated(done.fingerprints for done in screened)
    memory = EventMemory(plain)
    for count, waiting in enumerate(merged([run for done in screened for run in done.runs])):
        if count % _TELL_EVERY == 0:
            told("assessing", count, total)
        match = waiting.match()
        key = event_key(match.change, keys)
        held = memory.hold(key, match) if key and fingerprint(key) in several else None
        for message, _ in deliveries(match, held, lambda record: _REPLAYED, plain)[0]:
            yield message, waiting.reported_at
    told("assessing", total, total)


def _write(alert: Alert, at: int, register: Register, file: BinaryIO) -> None:
    register.note(alert, at, file.tell())
    file.write(encode(alert) + b"\n")
