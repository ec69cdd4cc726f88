"""What has been said in a replay: one short entry an alert, however often it was revised."""

from collections import Counter
from collections.abc import Iterator

import msgspec

from detectors.alerts import Alert, Text
from streams.moments import parse_instant


class Said(msgspec.Struct, kw_only=True, gc=False):
    """An alert as its revisions left it. Times are instants.

    `raised_at` is when it was raised last after having been retracted (or ever), `first_at` when it was raised first;
    `retracted_at` is None while it stands. `offset` is where its latest revision begins in `alerts.jsonl`.
    """

    alert_id: str
    source: str
    source_kind: str
    direction: str
    severity: str
    household_id: str | None
    person: str
    region: str
    feeds: tuple[str, ...]
    shadow: bool
    occurred_at: int
    due_at: int
    first_at: int
    raised_at: int
    retracted_at: int | None = None
    by_feed_shift: bool = False
    """It was taken back because the feed had changed its scale, not because it was wrong."""
    revisions: int = 1
    offset: int = 0

    @property
    def stands(self) -> bool:
        """It was not taken back."""
        return self.retracted_at is None


class Register:
    """All alerts of a replay by id, in the order in which they were first raised."""

    def __init__(self) -> None:
        self._said: dict[str, Said] = {}
        self.titles: dict[str, Text] = {}
        """What the sources that said something are called."""

    def __iter__(self) -> Iterator[Said]:
        return iter(self._said.values())

    def __len__(self) -> int:
        return len(self._said)

    def note(self, alert: Alert, detected_at: int, offset: int) -> None:
        """Take in a revision that was detected at an instant and stands at an offset of the file."""
        said = self._said.get(alert.alert_id)
        if said is None:
            said = self._said[alert.alert_id] = _first(alert, detected_at)
            self.titles.setdefault(alert.source, alert.title)
        said.severity, said.region, said.feeds = alert.severity, alert.region, alert.feeds
        said.occurred_at, said.due_at = parse_instant(alert.occurred_at), parse_instant(alert.due_at)
        said.revisions, said.offset = alert.revision, offset
        if alert.status == "retracted":
            said.retracted_at = detected_at
            said.by_feed_shift = "feed_doubtful" in alert.evidence
        elif said.retracted_at is not None:
            said.raised_at, said.retracted_at = detected_at, None

    def standing(self) -> Iterator[Said]:
        """The alerts that were not taken back."""
        return (said for said in self if said.stands)

    def standing_by_source(self) -> dict[str, int]:
        """How many alerts of each source stand, by source."""
        return dict(sorted(Counter(said.source for said in self.standing()).items()))


def _first(alert: Alert, detected_at: int) -> Said:
    return Said(
        alert_id=alert.alert_id,
        source=alert.source,
        source_kind=alert.source_kind,
        direction=alert.direction,
        severity=alert.severity,
        household_id=alert.household_id,
        person=alert.person if isinstance(alert.person, str) else "",
        region=alert.region,
        feeds=alert.feeds,
        shadow=alert.shadow is True,
        occurred_at=detected_at,
        due_at=detected_at,
        first_at=detected_at,
        raised_at=detected_at,
    )
