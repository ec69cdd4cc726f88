"""Alerts about feeds: what the watch says of cells becomes revisions, like what is said of households."""

from collections.abc import Callable, Iterable, Mapping

from msgspec.structs import replace

from detectors.alerts import Alert, encode
from detectors.cells import CellCounts
from detectors.doubts import Doubt
from detectors.feed_watch import FeedWatch
from detectors.settings import Detector
from detectors.signals import Signal, alert, alert_id
from monitor.assessment import Published
from streams.moments import iso


class FeedDesk:
    """The watch over the feeds, and what has been said of them. `identify` makes ids out of parts."""

    def __init__(
        self, detectors: Mapping[str, Detector], identify: Callable[..., str], watch: FeedWatch | None = None
    ) -> None:
        self.watch = watch if watch is not None else FeedWatch()
        self.published: dict[str, Published] = {}
        self._detectors = detectors
        self._identify = identify

    @property
    def watches(self) -> bool:
        """Something is configured that watches feeds, or waits for their progress."""
        return bool(self._detectors)

    def take(self, counts: Iterable[CellCounts], detected_at: int) -> tuple[list[Alert], list[Doubt]]:
        """Take counts in, in the order of their hours; the new revisions, and the doubts that began or ended."""
        before = set(self.watch.doubts)
        signals = self.watch.take(self._detectors, counts)
        doubts = [doubt for doubt in self.watch.doubts if doubt not in before]
        revisions = [revision for signal in signals if (revision := self._said(signal, iso(detected_at))) is not None]
        return revisions, doubts

    def _said(self, signal: Signal, detected_at: str) -> Alert | None:
        known = self.published.get(alert_id(signal, self._identify))
        if signal.status == "retracted":
            if known is None or not known.raised:
                return None
            content, raised = known.content, False
        else:
            content, raised = alert(signal, (), self._identify), True
            if known is not None and known.raised and encode(known.content) == encode(content):
                return None
        revision = known.revision + 1 if known is not None else 1
        self.published[content.alert_id] = Published(revision, raised, content)
        status = "raised" if raised else "retracted"
        return replace(content, revision=revision, status=status, detected_at=detected_at)
