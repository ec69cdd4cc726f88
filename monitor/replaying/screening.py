"""Screens the files of a replay: matches go to sorted runs, refusals to a file, strangers nowhere."""

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
import numpy as np

from monitor.feed_counting import FeedCounter
from monitor.replaying.earliest import Earliest
from monitor.replaying.pulse import keep
from monitor.replaying.runs import Runs
from monitor.replaying.screened import Screened
from monitor.replaying.strangers import EventHashes
from streams.batches import Batch
from streams.feed_files import FeedFile
from streams.roster_filter import RosterFilter
from streams.screening import Home, screen, suspects
from streams.secrets import Keys

_encode = msgspec.json.Encoder().encode


class Screen:
    """Screens files for one roster; `clock` is the instant that counts as now."""

    def __init__(self, homes: Mapping[str, tuple[Home, ...]], keys: Keys, clock: int, folder: Path) -> None:
        self._homes = homes
        self._keys = keys
        self._clock = clock
        self._folder = folder
        self._filter = RosterFilter(len(homes))
        self._filter.add(homes)

    def file(self, given: FeedFile, number: int, told: Callable[[int], None]) -> Screened:
        """Screen a file; `number` names what it leaves in the folder, `told` hears how many bytes were read."""
        runs = Runs(self._folder, f"{number:03d}", self._keys)
        events_seen = EventHashes(self._folder / f"{number:03d}.seen")
        rejects = self._folder / f"{number:03d}.rejects"
        earliest = Earliest()
        counter = FeedCounter(given.feed, earliest.note)
        events = matched = 0
        reasons: Counter[str] = Counter()
        moments: list[int] = []
        with rejects.open("wb") as refused:
            for piece in given.pieces(self._keys, self._clock):
                matches = screen(piece.batch, suspects(piece.batch, self._filter), self._homes)
                runs.add(matches)
                counter.count(piece.batch, (match.record for match in matches))
                events_seen.add(piece.batch, (match.record for match in matches))
                refusals = piece.refused()
                refused.writelines(_encode(refusal) + b"\n" for refusal in refusals)
                reasons.update(refusal.reason for refusal in refusals)
                events += len(piece)
                matched += len(matches)
                moments = _extremes(moments, piece.batch)
                told(piece.bytes_read)
        runs.flush()
        pulse = self._folder / f"{number:03d}.pulse"
        keep(counter, earliest, given, pulse)
        return Screened(
            events=events,
            matched=matched,
            reasons=reasons,
            runs=runs.paths,
            rejects=rejects,
            fingerprints=[runs.fingerprints.path],
            events_seen=events_seen.path,
            pulse=pulse,
            first=moments[0] if moments else None,
            last=moments[1] if moments else None,
        )


def _extremes(known: list[int], batch: Batch) -> list[int]:
    """The earliest and the latest report so far, of accepted records only."""
    accepted = np.ones(len(batch), dtype=np.bool_)
    accepted[[refusal.record for refusal in batch.refused]] = False
    reported = batch.reported_at[accepted]
    if not len(reported):
        return known
    return [min([*known[:1], int(reported.min())]), max([*known[1:], int(reported.max())])]
