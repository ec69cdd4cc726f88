"""Assessment: what a message about a household changes in what stands about it.

A pure step: `(state, message) → (alerts, state)`. The live worker and the replay call this one function; only the
hosts around it differ. Nothing here reads a clock.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from msgspec.structs import replace

from detectors.alerts import Alert, encode
from detectors.doubts import Doubt, Doubts
from detectors.looks import Watched
from detectors.online import Online
from detectors.population import Population
from detectors.progress import Progress
from detectors.rules.finding import Finding
from detectors.rules.rule import Rule
from detectors.rules.rule_book import RuleBook
from detectors.rules.wording import alert as word
from detectors.settings import Detector
from detectors.signals import Signal, alert_id
from detectors.signals import alert as word_signal
from monitor.household import HouseholdState, Published, read, written
from streams.changes import Change
from streams.ledger import REACH_MONTHS, SUMMED, Applied, alters, expired, horizon, key_of
from streams.messages import Matched, Reached, RosterNote
from streams.moments import add_months, day_end, iso, iso_month, month_of

PLAIN_FIELDS = ("id_number", "name", "spouse_id_number", "related_id_number")


class Due(NamedTuple):
    """Households to look at, as of the instant up to which a feed of their county has come."""

    households: Sequence[str]
    at: int


@dataclass(frozen=True)
class Keyring:
    """What assessment needs of the keys: making ids, and opening what ties need to be settled."""

    identify: Callable[..., str]
    reveal: Callable[[Change], Mapping[str, str]]


class Assessor:
    """Rules and detectors over households' states and their county's models."""

    def __init__(
        self,
        rules: RuleBook,
        keys: Keyring,
        detectors: Mapping[str, Detector] | None = None,
        watched: Watched | None = None,
    ) -> None:
        """Without `detectors`, rules alone. `watched` hears what the detectors see in a household."""
        self.rules = rules
        self.keys = keys
        self.online = Online(detectors or {}, watched)

    def load(self, data: bytes | None) -> HouseholdState:
        """The state as it was stored; an empty one for a household not met before."""
        return read(data, self.rules)

    def store(self, state: HouseholdState) -> bytes:
        """The state as bytes."""
        return written(state, self.rules)

    def assess(
        self,
        state: HouseholdState,
        message: Matched | RosterNote,
        detected_at: int,
        population: Population | None = None,
        doubts: Doubts | None = None,
    ) -> list[Alert]:
        """Take a message in and give the new revisions of alerts, in order.

        `detected_at` is an instant. Without the county's `population` the detectors stay out of it, without `doubts`
        no feed is in doubt.
        """
        signals: list[Signal] = []
        if isinstance(message, RosterNote):
            if message.line is not None:
                state.county = state.county or message.line.county
                state.casebook.take_line(message.line, message.version)
            if message.others:
                state.casebook.take_others(message.others)
        else:
            applied = self._take(state, message.change)
            if applied is None:
                return []
            if population is not None:
                signals = self.online.step(population, state.series, state, message.household_id, applied)
        return [*self._revise(state, detected_at, doubts), *self._relay(state, signals, detected_at)]

    def doubted(
        self,
        state: HouseholdState,
        household_id: str,
        doubt: Doubt,
        detected_at: int,
        population: Population | None,
        doubts: Doubts,
    ) -> list[Alert]:
        """A feed came into doubt, or the doubt ended, as `doubts` have it: say anew what rests on its amounts."""
        state.casebook.dirty |= {rule.id for rule in self.rules.rules if doubt.feed in rule.amounts}
        signals: list[Signal] = []
        if population is not None:
            signals = self.online.doubted(population, state.series, state, household_id)
        return [*self._revise(state, detected_at, doubts), *self._relay(state, signals, detected_at)]

    def due(self, population: Population, message: Reached) -> Due:
        """Let the county's models learn how far its feeds have come; whom to call `progressed` for."""
        day = population.note_reached(message.feed, message.marks)
        if day is None:
            return Due((), 0)
        progress = Progress(county=message.county, days={message.feed: day})
        return Due(self.online.due(population, progress), day_end(day))

    def progressed(
        self, state: HouseholdState, household_id: str, population: Population, at: int, detected_at: int
    ) -> list[Alert]:
        """Look at a household that was due, as of the instant `at` up to which the county's feeds have come."""
        signals = self.online.progressed(population, state.series, state, household_id, at)
        return self._relay(state, signals, detected_at)

    def _take(self, state: HouseholdState, change: Change) -> Applied | None:
        """Put a change into the ledger; None if it says nothing new."""
        key = key_of(change)
        standing = state.casebook.history.records.get(key)
        news = alters(change, standing, key in state.retracted, self.keys.reveal)
        if change.op == "retract":
            state.retracted[key] = max(change.reported_at, state.retracted.get(key, change.reported_at))
        if not news:
            return None
        _expire(state, change.reported_at)
        applied = Applied(standing, change if change.op == "upsert" else None)
        state.casebook.take(key, applied.after)
        return applied

    def _revise(self, state: HouseholdState, detected_at: int, doubts: Doubts | None) -> list[Alert]:
        """Compare what stands with what has been said, and say the difference."""
        if not state.casebook.dirty:
            return []
        standing = {}
        judged = set()
        for rule, findings in state.casebook.findings():
            judged.add(rule.id)
            for finding in findings.values():
                found = word(finding, self.keys.identify)
                if doubts is not None and doubts.known:
                    found = _with_doubts(found, rule, finding, doubts)
                standing[found.alert_id] = found, rule, finding
        revisions = []
        for found, rule, finding in standing.values():
            known = state.published.get(found.alert_id)
            if known is None or not (known.settled or (known.raised and encode(known.content) == encode(found))):
                revisions.append(self._publish(state, found, raised=True, detected_at=detected_at))
                if doubts is not None and found.household_id is not None:
                    for change in _resting(rule, finding):
                        doubts.rests(change.feed, found.household_id, change.reported_at)
        for name, known in state.published.items():
            gone = known.raised and not known.settled and known.content.source in judged
            if gone and name not in standing:
                revisions.append(self._publish(state, known.content, raised=False, detected_at=detected_at))
        return sorted(revisions, key=lambda found: (found.source, found.alert_id))

    def _relay(self, state: HouseholdState, signals: Iterable[Signal], detected_at: int) -> list[Alert]:
        """Say what the detectors have to say, unless it was said already."""
        revisions = []
        for signal in signals:
            known = state.published.get(alert_id(signal, self.keys.identify))
            if signal.status == "retracted":
                if known is not None and known.raised:
                    content = replace(known.content, evidence={**known.content.evidence, **signal.evidence})
                    revisions.append(self._publish(state, content, raised=False, detected_at=detected_at))
                continue
            line = state.line(signal.occurred_at)
            found = word_signal(signal, line.program_names if line is not None else (), self.keys.identify)
            if known is None or not known.raised or encode(known.content) != encode(found):
                revisions.append(self._publish(state, found, raised=True, detected_at=detected_at))
        return revisions

    def _publish(self, state: HouseholdState, content: Alert, *, raised: bool, detected_at: int) -> Alert:
        known = state.published.get(content.alert_id)
        revision = known.revision + 1 if known is not None else 1
        state.published[content.alert_id] = Published(revision, raised, content)
        now = iso(detected_at)
        return replace(content, revision=revision, status="raised" if raised else "retracted", detected_at=now)


def _resting(rule: Rule, finding: Finding) -> list[Change]:
    """The records on whose amounts a finding rests."""
    return [change for change in finding.changes if change.feed in rule.amounts] if rule.amounts else []


def _with_doubts(found: Alert, rule: Rule, finding: Finding, doubts: Doubts) -> Alert:
    """The alert with the doubts about the amounts that it rests on."""
    covering = {doubts.of(c.feed, c.region[:6], c.reported_at) for c in _resting(rule, finding)} - {None}
    if not covering:
        return found
    ordered = sorted((doubt for doubt in covering if doubt is not None), key=lambda doubt: doubt.since)
    shown = [doubt.evidence() for doubt in ordered]
    return replace(found, evidence={**found.evidence, "feed_doubtful": shown})


def _expire(state: HouseholdState, reported_at: int) -> None:
    """Once a month, drop what no rule can need any more."""
    if reported_at <= state.newest:
        return
    former, state.newest = state.newest, reported_at
    if month_of(state.newest) == month_of(former):
        return
    records = state.casebook.history.records
    begin = horizon(state.newest)
    first_month = iso_month(month_of(begin))
    keys = [key for key, change in records.items() if expired(change, begin, first_month)]
    if keys:
        _settle(state, {records[key].event_id for key in keys}, begin)
        state.casebook.expire(keys)
    for key in [key for key, reported in state.retracted.items() if reported < begin]:
        del state.retracted[key]


def _settle(state: HouseholdState, gone: set[str], begin: int) -> None:
    """Alerts that rest on expired records stay as they were said last.

    So do those of rules that measure other records than their evidence, once those may be gone.
    """
    reached = add_months(begin, REACH_MONTHS)
    month = iso_month(month_of(reached))
    ageing = {c.event_id for c in state.casebook.history.records.values() if expired(c, reached, month)}
    measuring = {rule.id for rule in state.casebook.book.rules if not rule.measures.isdisjoint(SUMMED)}
    for said in state.published.values():
        events = ageing if said.content.source in measuring else gone
        said.settled = said.settled or not events.isdisjoint(said.content.event_ids)
