"""All that is known about one household, and how it is kept between two messages."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from detectors.alerts import Alert
from detectors.household_state import HouseholdSeries
from detectors.rules.casebook import Casebook
from detectors.rules.history import History
from detectors.rules.rule_book import RuleBook
from detectors.rules.worked_out import WorkedOut
from streams.changes import Change
from streams.kept_lines import kept, line_of
from streams.roster import Line, Membership


class Published(msgspec.Struct, array_like=True):
    """The last revision of an alert: its number, whether it is raised, and its content.

    `settled` means that records it rests on have expired: it stays as it was said last.
    """

    revision: int
    raised: bool
    content: Alert
    settled: bool = False


class _Stored(msgspec.Struct, array_like=True):
    """A household's state as it is kept."""

    lines: list[tuple[int, msgspec.Raw]]
    others: dict[str, dict[str, tuple[Membership, ...]]]
    records: dict[str, Change]
    retracted: dict[str, int]
    published: dict[str, Published]
    rules: str
    newest: int
    anchors: dict[str, int]
    series: bytes
    county: str = ""
    worked_out: WorkedOut | None = None


@dataclass
class HouseholdState:
    """All that is known about one household: its lines and records, its series, and what has been said."""

    casebook: Casebook
    retracted: dict[str, int] = field(default_factory=dict)
    """Of each retracted record when the retraction was reported, as an instant."""
    published: dict[str, Published] = field(default_factory=dict)
    newest: int = 0
    """The latest `reported_at` seen, as an instant."""
    series: HouseholdSeries = field(default_factory=HouseholdSeries)
    """What the detectors keep of it."""
    kept_lines: dict[int, tuple[Line, msgspec.Raw]] = field(default_factory=dict)
    """The lines by `as_of` with what they were read from."""
    county: str = ""
    """The county whose models follow the household, wherever it moves: that of the first line that it was told."""

    def line(self, at: int) -> Line | None:
        """The line in force at an instant."""
        period = self.casebook.history.period_at(at)
        return period.line if period is not None else None

    def records(self) -> Iterable[Change]:
        """Every record that stands."""
        return self.casebook.history.records.values()

    def died(self, person: str) -> int | None:
        """When the person died, if a record says so."""
        return self.casebook.history.deaths.get(person)


def read(data: bytes | None, rules: RuleBook) -> HouseholdState:
    """The state as it was written; an empty one for a household not met before. Raises msgspec.MsgspecError."""
    if not data:
        return HouseholdState(Casebook(rules))
    stored = _decode(data)
    lines = [(version, line_of(raw), raw) for version, raw in stored.lines]
    history = History(
        lines={line.as_of: line for _, line, _ in lines},
        versions={line.as_of: version for version, line, _ in lines},
        records=stored.records,
        others=stored.others,
        anchors=stored.anchors,
    )
    casebook = Casebook(rules, history)
    if stored.rules != rules.version:
        casebook.forget()
    elif stored.worked_out is not None:
        casebook.remember(stored.worked_out)
    return HouseholdState(
        casebook=casebook,
        retracted=stored.retracted,
        published=stored.published,
        newest=stored.newest,
        series=HouseholdSeries.decode(stored.series),
        kept_lines={line.as_of: (line, raw) for _, line, raw in lines},
        county=stored.county,
    )


def written(state: HouseholdState, rules: RuleBook) -> bytes:
    """The state as bytes."""
    history = state.casebook.history
    return _encode(
        _Stored(
            lines=[(history.versions[as_of], _kept(state, line)) for as_of, line in sorted(history.lines.items())],
            others=history.others,
            records=history.records,
            retracted=state.retracted,
            published=state.published,
            rules=rules.version,
            newest=state.newest,
            anchors=history.anchors,
            series=state.series.encode(),
            county=state.county,
            worked_out=state.casebook.worked_out(),
        )
    )


def _kept(state: HouseholdState, line: Line) -> msgspec.Raw:
    """The line as it is kept; one that was read is given as it was read."""
    as_read, raw = state.kept_lines.get(line.as_of, (None, None))
    return raw if as_read is line and raw is not None else kept(line)


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Stored).decode
