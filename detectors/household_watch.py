"""Watches a household's records as a whole: once a month, when the month's records have come."""

from msgspec.structs import replace

from detectors import looks
from detectors.calibration import LEAST_SCORES
from detectors.cells import VALUES
from detectors.context import Context, begun, readable
from detectors.doubts import Doubt
from detectors.feed_names import series_name
from detectors.household import Kind, Outlier, Sheet, group_of, latest_first, outlier
from detectors.household_state import Told
from detectors.income_series import INCOMES, read
from detectors.series import Series, amount_of
from detectors.settings import Detector
from detectors.sums import Sums, fen_of
from detectors.wording import month, percent, probability, words
from streams.changes import Change
from streams.ledger import Applied
from streams.moments import DAY, month_of

_SILENT = 12
_COME = 21 * DAY
"""After a month's end so long until nearly all its records have come."""
_PEERS_SHARE = 0.02
"""What more of the peers do in the same month is nobody's own."""
_LOOK_BACK = 14
_CATCH_UP = 3
_MANY_KINDS = 4
"""Peers are households with as many kinds that can be judged; so many and more are alike."""
_EVENT = 100_000
"""What one record without an amount counts, in fen: as much as a middling sum."""


def kind_of(change: Change) -> tuple[str, int, int] | None:
    """Kind, month and fen of a record that belongs to no person's series; None for one that does, or for a death."""
    feed = change.feed
    if feed == "subsidies":
        return "subsidies", month_of(change.occurred_at), fen_of(change.number("amount"))
    if feed == "taxes":
        if change.values.get("income_kind") == "wages":
            return None
        return "other-taxes", month_of(change.occurred_at), fen_of(change.number("amount"))
    if feed in INCOMES or feed in ("medical", "deaths"):
        return None
    return "events", month_of(change.occurred_at), _EVENT


class HouseholdWatch:
    """household-outlier, with its memory."""

    def __init__(self, detector: Detector) -> None:
        self.detector = detector
        self._alike = [f"{detector.id}/{watched}" for watched in range(_MANY_KINDS + 1)]

    def record(self, context: Context, applied: Applied) -> None:
        """Take in what no person's series holds."""
        sums = context.state.sums
        if applied.before is not None:
            names = {k[0] for c in (applied.before, applied.after) if c is not None and (k := kind_of(c)) is not None}
            for name in names:
                sums.pop(name, None)
            standing = [c for c in context.view.records() if readable(context.view, c)] if names else []
            for change in sorted(standing, key=lambda c: c.occurred_at):
                found = kind_of(change)
                if found is not None and found[0] in names:
                    _add(context, change, found)
        elif applied.after is not None and (found := kind_of(applied.after)) is not None:
            _add(context, applied.after, found)
        if applied.after is not None and applied.after.feed not in INCOMES:
            context.population.schedule(month_of(applied.after.occurred_at) + 1, context.household_id)

    def verify(self, context: Context) -> None:
        """After a record was taken away: take back what the two months no longer show."""
        limits = self.detector.parameters
        for told in list(context.state.told):
            found = outlier(self._sheets(context, told.confirmed), told.confirmed, limits.least_change, 0.5)
            if len({group_of(kind.name) for kind in found.out}) < limits.kinds:
                context.state.told.remove(told)
                context.retract(self.detector, "", told)

    def reported(self, context: Context, reported_at: int) -> None:
        """Something was reported: months that are over long enough are judged."""
        if context.state.checked < context.month - 1:
            self.look(context, month_of(reported_at - _COME) - 1)

    def look(self, context: Context, over: int) -> None:
        """Judge the months up to `over`, each once, the latest few of them."""
        state = context.state
        if over <= state.checked:
            return
        for month_ in range(max(state.checked + 1, over - _CATCH_UP + 1) if state.checked else over, over + 1):
            self._look(context, month_)
        state.checked = over

    def _look(self, context: Context, over: int) -> None:
        limits = self.detector.parameters
        population = context.population
        budget = population.budget(self.detector.id)
        budget.evaluations += 1
        found = outlier(self._sheets(context, over), over, limits.least_change, limits.deviations)
        alike = population.window(self._alike[min(found.watched, _MANY_KINDS)])
        everybody = population.window(self.detector.id)
        window = alike if alike.total >= LEAST_SCORES else everybody
        if context.look is not None:
            kinds = {kind.name: kind.deviation for kind in found.out}
            threshold = budget.threshold(self.detector.budget)
            groups = len({group_of(name) for name in kinds})
            context.look(
                looks.at_household(
                    self.detector, over, kinds, groups, found.score, window, threshold, self._news(context)
                )
            )
        season = population.season(self.detector.id, over)
        season.learn_one(found.score)
        if len({group_of(kind.name) for kind in found.out}) >= limits.kinds:
            if window.total < LEAST_SCORES:
                population.unknown[self.detector.id] = population.unknown.get(self.detector.id, 0) + 1
            else:
                p_value = window.p_value(found.score)
                if not season.usual(found.score, _PEERS_SHARE) and p_value <= budget.threshold(self.detector.budget):
                    self._judge(context, found, window.total, p_value)
                    return
        alike.learn_one(found.score)
        everybody.learn_one(found.score)

    def _sheets(self, context: Context, over: int) -> list[Sheet]:
        """The monthly sums of each of the household's kinds that can be judged, from its first record on."""
        parts: dict[str, list[Series | Sums]] = {}
        for person in context.state.persons.values():
            for feed, series in person.incomes.items():
                parts.setdefault(feed, []).append(series)
            if person.medical is not None:
                parts.setdefault("medical", []).append(person.medical)
        for name, own in context.state.sums.items():
            parts[name] = [own]
        found: list[Sheet] = []
        latest = latest_first(over)
        for kind in (*INCOMES, "medical", *context.state.sums):
            if kind not in parts:
                continue
            first = min([part.first for part in parts[kind]])
            if first <= latest:
                first = max(first, over - _LOOK_BACK + 1)
                sums = [0.0] * (over - first + 1)
                for part in parts[kind]:
                    part.add_sums(sums, first)
                found.append(Sheet(kind, first, sums, context.population.moved(kind) if kind in INCOMES else None))
        return found

    def _news(self, context: Context) -> bool:
        return all(context.month - former.month >= _SILENT for former in context.state.told)

    def _judge(self, context: Context, found: Outlier, peers: int, p_value: float) -> None:
        state = context.state
        told = Told(self.detector.id, found.month - 1, found.month, context.month)
        if not self._news(context):
            return
        support = [c for c in context.view.records() if _in(c, found) and readable(context.view, c)]
        if not support:
            return
        clean = {group_of(kind.name) for kind in found.out if self._doubt(context, found, kind) is None}
        if len(clean) < self.detector.parameters.kinds:
            return
        state.told.append(told)
        kinds = [series_name(kind.name) for kind in found.out]
        places = words(
            "",
            onset=month(told.onset),
            confirmed=month(told.confirmed),
            peers=str(peers),
            p_value=probability(p_value),
            periods="2",
        )
        places["zh"]["kinds"] = "、".join(kind.zh for kind in kinds)
        places["en"]["kinds"] = ", ".join(kind.en for kind in kinds)
        evidence = {
            "kinds": {
                kind.name: {
                    "expected": amount_of(kind.expected),
                    "came": amount_of(kind.came),
                    "change": percent((amount_of(kind.came) + 1) / (amount_of(kind.expected) + 1) - 1),
                    "deviation": round(kind.deviation, 2),
                }
                for kind in found.out
            },
            "score": round(found.score, 2),
            "peers": peers,
        }
        resting = {change.feed for change in support} & VALUES.keys()
        context.raise_(self.detector, "", told, support, places, evidence, p_value=p_value, resting=resting)

    def doubted(self, context: Context) -> None:
        """Take back what too few kinds would say without amounts that are doubtful now."""
        limits = self.detector.parameters
        for told in list(context.state.told):
            found = outlier(self._sheets(context, told.confirmed), told.confirmed, limits.least_change, 0.5)
            doubts = {kind.name: self._doubt(context, found, kind) for kind in found.out}
            clean = {group_of(name) for name, doubt in doubts.items() if doubt is None}
            doubt = next((doubt for doubt in doubts.values() if doubt is not None), None)
            if doubt is not None and len(clean) < limits.kinds:
                context.state.told.remove(told)
                context.retract(self.detector, "", told, doubt)

    def _doubt(self, context: Context, found: Outlier, kind: Kind) -> Doubt | None:
        """The doubt about a record of this kind in the two months, if there is one."""
        doubts = context.population.doubts
        if not doubts.known:
            return None
        alone = replace(found, out=(kind,))
        records = (c for c in context.view.records() if _in(c, alone) and c.feed in VALUES)
        found_doubts = (doubts.of(change.feed, change.region[:6], change.reported_at) for change in records)
        return next((doubt for doubt in found_doubts if doubt is not None), None)


def _add(context: Context, change: Change, found: tuple[str, int, int]) -> None:
    name, at, fen = found
    sums = context.state.sums
    if name not in sums:
        sums[name] = begun(context, change)
    sums[name].add(at, fen)


def _in(change: Change, found: Outlier) -> bool:
    """The record belongs to a kind that left its range, in the two months."""
    names = {kind.name for kind in found.out}
    reading = read(change)
    if reading is not None:
        return change.feed in names and found.month - 1 <= reading.period <= found.month
    other = kind_of(change)
    name, at = (other[0], other[1]) if other is not None else (change.feed, month_of(change.occurred_at))
    return name in names and found.month - 1 <= at <= found.month
