"""Alerts about feeds: what the watch says of cells becomes revisions, like what is said of households."""

from collections.abc import Callable, Iterable, Mapping

import msgspec
from msgspec.structs import replace

from detectors.alerts import Alert, encode
from detectors.cells import CellCounts
from detectors.doubts import Doubt
from detectors.feed_watch import FeedWatch
from detectors.settings import Detector
from detectors.signals import Signal, alert
from monitor.household import Published
from streams.moments import DAY, HOUR, iso, parse_instant

VERSION = 1
_LASTING = frozenset({"feed-silence", "feed-shift"})
_REMEMBERED = 400 * DAY
"""What was said of a feed so long ago is never said again."""


class _Stored(msgspec.Struct, array_like=True):
    """A desk as it is kept."""

    version: int
    watch: bytes
    published: dict[str, Published]


class FeedDesk:
    """The watch over the feeds, and what has been said of them. `identify` makes ids out of parts."""

    def __init__(self, detectors: Mapping[str, Detector], identify: Callable[..., str]) -> None:
        self.watch = FeedWatch()
        self.published: dict[str, Published] = {}
        self._detectors = detectors
        self._identify = identify

    @property
    def watches(self) -> bool:
        """Something is configured that watches feeds, or waits for their progress."""
        return bool(self._detectors)

    def encode(self) -> bytes:
        """Watch and published alerts as bytes; the same content gives the same bytes."""
        return _encode(_Stored(VERSION, self.watch.encode(), self.published))

    def restore(self, packed: bytes) -> None:
        """Continue from these bytes; from the beginning for none and for another version, which is learned anew."""
        if packed and packed[0] & 0xF0 == 0x90 and packed[1] == VERSION:
            stored = _decode(packed)
            self.watch, self.published = FeedWatch.decode(stored.watch), stored.published

    def take(self, counts: Iterable[CellCounts], detected_at: int) -> tuple[list[Alert], list[Doubt]]:
        """Take counts in, in the order of their hours; the new revisions, and the doubts that began or ended."""
        return self._said(lambda: self.watch.take(self._detectors, counts), detected_at)

    def close_before(self, hour: int, detected_at: int) -> tuple[list[Alert], list[Doubt]]:
        """Nothing more will come of the hours before this one; what that gives, as `take` does."""
        return self._said(lambda: self.watch.close_before(self._detectors, hour), detected_at)

    def _said(self, look: Callable[[], list[Signal]], detected_at: int) -> tuple[list[Alert], list[Doubt]]:
        before, hour = set(self.watch.doubts), self.watch.hour
        signals = look()
        doubts = [doubt for doubt in self.watch.doubts if doubt not in before]
        revisions = [revision for signal in signals if (revision := self._revise(signal, iso(detected_at))) is not None]
        if self.watch.hour != hour:
            revisions += self._over(iso(detected_at))
        if revisions:
            oldest = self.watch.hour * HOUR - _REMEMBERED
            self.published = {
                name: said for name, said in self.published.items() if parse_instant(said.content.occurred_at) > oldest
            }
        return revisions, doubts

    def _revise(self, signal: Signal, detected_at: str) -> Alert | None:
        content = alert(signal, (), self._identify)
        known = self.published.get(content.alert_id)
        if known is not None and (known.settled or (known.raised and encode(known.content) == encode(content))):
            return None
        return self._publish(content, detected_at)

    def _publish(self, content: Alert, detected_at: str) -> Alert:
        known = self.published.get(content.alert_id)
        revision = known.revision + 1 if known is not None else 1
        self.published[content.alert_id] = Published(revision, True, content)
        return replace(content, revision=revision, detected_at=detected_at)

    def _over(self, detected_at: str) -> list[Alert]:
        """Silences and shifts that are over: they were so, and now a revision says until when."""
        found = []
        for known in list(self.published.values()):
            content = known.content
            if known.settled or content.source not in _LASTING or "until" in content.evidence:
                continue
            cell = self.watch.cells.get(f"{content.feeds[0]}/{content.region}")
            if cell is None or (cell.gap.told if content.source == "feed-silence" else cell.shifted):
                continue
            until = {"until": iso(self.watch.hour * HOUR)}
            found.append(self._publish(replace(content, evidence={**content.evidence, **until}), detected_at))
        return found


_encode = msgspec.msgpack.Encoder(order="deterministic").encode
_decode = msgspec.msgpack.Decoder(_Stored).decode
