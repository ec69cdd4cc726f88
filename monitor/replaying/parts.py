"""A replay's two halves, each in a process of its own: what rules say and what detectors say.

Both follow the same course, and neither reads what the other said; put together again in that course they are what
one assessment says.
"""

import heapq
import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from ctypes import c_longlong
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from detectors.alerts import Alert, encode
from detectors.rules.rule_book import RuleBook
from monitor.configuration import Configuration
from monitor.feed_alerts import FeedDesk
from monitor.forked import forked
from monitor.replaying.course import course, messages
from monitor.replaying.given import Inputs, assessor_of
from monitor.replaying.households import Households
from monitor.replaying.screened import Screened
from monitor.replaying.timelines import Timelines, keep_timelines
from streams.messages import Matched, Reached
from streams.moments import parse_instant

_WORTH_PROCESSES = 5000
"""Matches; fewer are assessed sooner than processes are made."""
_READ_AT_ONCE = 1 << 16


class Saying(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A revision that a half has made, with its place in the course; what the roster alone says is at stage 0."""

    stage: int
    at: int
    happening: int
    half: int
    alert: bytes

    @property
    def place(self) -> tuple[int, int, int, int]:
        """Where it belongs; what a half says at one place stays in its order."""
        return self.stage, self.at, self.happening, self.half


@dataclass(frozen=True)
class Halves:
    """Assesses what was screened. `reads` limits the changes to those of some feeds; `folder` takes what is written."""

    inputs: Inputs
    screened: Sequence[Screened]
    folder: Path
    reads: frozenset[str] | None

    def run(self, told: Callable[[int], None], *, apart: bool) -> Iterator[tuple[Alert, int]]:
        """All revisions in order, each with the instant at which it was detected.

        Large inputs are assessed in processes of their own, if that is wanted. `told` hears how many matches are done.
        """
        matched = sum(done.matched for done in self.screened)
        halves = self._configurations()
        if apart and len(halves) > 1 and matched >= _WORTH_PROCESSES and (os.cpu_count() or 1) > 1:
            counts = multiprocessing.RawArray(c_longlong, len(halves))

            def assess(half: int) -> None:
                def count(number: int) -> None:
                    counts[half] = number

                self._assess(half, count)

            for _ in forked(assess, range(len(halves)), lambda: told(min(counts))):
                pass
        else:
            for half in range(len(halves)):
                self._assess(half, told)
        for saying in heapq.merge(
            *(_read(self._path(half)) for half in range(len(halves))), key=lambda said: said.place
        ):
            alert = _decode_alert(saying.alert)
            yield alert, saying.at if saying.stage else parse_instant(alert.detected_at)

    def timelines(self) -> Timelines:
        """What happened to each household, once everything is assessed."""
        return Timelines(self.folder / "timelines")

    def _configurations(self) -> list[Configuration]:
        """Rules without detectors, and detectors without rules; what is not configured makes no half."""
        own = self.inputs.configuration
        found = []
        if own.rules.rules or not own.detectors:
            found.append(replace(own, detectors={}))
        if own.detectors:
            found.append(replace(own, rules=RuleBook((), own.rules.standards)))
        return found

    def _path(self, half: int) -> Path:
        return self.folder / f"half-{half}"

    def _assess(self, half: int, told: Callable[[int], None]) -> None:
        configurations = self._configurations()
        inputs = replace(self.inputs, configuration=configurations[half])
        households = Households(assessor_of(inputs), inputs.roster)
        with self._path(half).open("wb") as file:
            for stage, at, happening, alerts in self._said(inputs, households, told, self._desk(inputs)):
                for alert in alerts:
                    data = _encode(Saying(stage, at, happening, half, encode(alert)))
                    file.write(len(data).to_bytes(4, "big") + data)
        if half == len(configurations) - 1:  # detectors are done before the rules are
            keep_timelines(self.folder / "timelines", households)

    def _desk(self, inputs: Inputs) -> FeedDesk:
        """The watch over the feeds. Rules need to know of shifts alone; what is said of them is the other half's."""
        own = self.inputs.configuration.detectors
        watched = inputs.configuration.detectors or {name: own[name] for name in ("feed-shift",) if name in own}
        return FeedDesk(watched, inputs.keys.id)

    def _said(
        self, inputs: Inputs, households: Households, told: Callable[[int], None], desk: FeedDesk
    ) -> Iterator[tuple[int, int, int, Iterable[Alert]]]:
        """What is said: the stage, the instant, the number of what happened at that stage, and the alerts."""
        for number, alerts in enumerate(households.enrol()):
            yield 0, 0, number, alerts
        detectors = inputs.configuration.detectors
        changes = (
            (message, at)
            for message, at in messages(inputs.keys, self.screened, told)
            if self.reads is None or message.change.feed in self.reads
        )
        number = 0
        for at, message in course(changes, self.screened, feeds=desk.watches):
            if isinstance(message, Matched):
                number += 1
                yield 1, at, number, households.take(message, at)
            elif isinstance(message, Reached):
                yield 1, at, number, households.progress(message, at) if detectors else ()
            else:
                alerts, doubts = desk.take([message], at)
                yield 1, at, number, alerts if detectors else ()
                for doubt in doubts:
                    yield 1, at, number, households.doubt(doubt, at)


def _read(path: Path) -> Iterator[Saying]:
    with path.open("rb", buffering=_READ_AT_ONCE) as file:
        while length := file.read(4):
            yield _decode(file.read(int.from_bytes(length, "big")))


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Saying).decode
_decode_alert = msgspec.json.Decoder(Alert).decode
