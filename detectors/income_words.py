"""What is said about a person's income: expected and come, own past and peers, and a small chart's numbers."""

from typing import Any

from detectors.calibration import Window
from detectors.context import Context
from detectors.drift import Drift
from detectors.household_state import Told
from detectors.income import Shift
from detectors.income_series import read
from detectors.second_source import SecondSource
from detectors.series import Cells, Values, amount_of
from detectors.settings import Detector
from detectors.wording import money, month, percent, probability, words
from streams.changes import Change

_CHART = 12


def tell_shift(
    context: Context,
    detector: Detector,
    name: str,
    told: Told,
    shift: Shift,
    values: Values,
    window: Window,
    p_value: float,
) -> None:
    """A jump or a drop."""
    moved = context.population.moved(told.feed)
    offset = moved.offset(shift.confirmed)
    peers = moved.peers(told.onset) or window.total
    evidence = {
        "peers_scores": window.total,
        "score": round(abs(shift.score), 2),
        "chart": chart(context, told.feed, values),
    }
    _tell(
        context, detector, name, told, evidence,
        expected=amount_of(shift.expected + offset), came=amount_of(shift.came + offset), peers=peers,
        periods=len(values.periods), p_value=p_value,
    )  # fmt: skip


def tell_drift(
    context: Context, detector: Detector, name: str, told: Told, found: Drift, values: Values, p_value: float
) -> None:
    """A slow rise."""
    moved = context.population.moved(told.feed)
    level = values.levels[values.periods.index(told.confirmed)] + moved.offset(told.confirmed)
    evidence = {"score": round(found.score, 2), "chart": chart(context, told.feed, values)}
    _tell(
        context, detector, name, told, evidence,
        expected=amount_of(level - found.rise), came=amount_of(level), peers=moved.peers(told.confirmed),
        periods=sum(told.onset <= at <= told.confirmed for at in values.periods), p_value=p_value,
    )  # fmt: skip


def tell_second(
    context: Context, detector: Detector, name: str, told: Told, found: SecondSource, cells: Cells, p_value: float
) -> None:
    """A second payer."""
    both = [at for at, paid in cells.items() if found.payer in paid and found.beside in paid]
    first = [[month(at), amount_of(cells[at][found.beside])] for at in both]
    second = [[month(at), amount_of(cells[at][found.payer])] for at in both]
    paid = cells[found.confirmed]
    _tell(
        context, detector, name, told, {"chart_first": first, "chart": second},
        expected=amount_of(paid[found.beside]), came=amount_of(paid[found.payer]),
        peers=context.population.moved(told.feed).peers(found.confirmed), periods=len(both), p_value=p_value,
    )  # fmt: skip


def _tell(
    context: Context,
    detector: Detector,
    name: str,
    told: Told,
    evidence: dict[str, Any],
    *,
    expected: int,
    came: int,
    peers: int,
    periods: int,
    p_value: float,
) -> None:
    places = words(
        told.feed,
        expected=money(expected),
        came=money(came),
        onset=month(told.onset),
        confirmed=month(told.confirmed),
        peers=str(peers),
        p_value=probability(p_value),
        change=percent((came + 1) / (expected + 1) - 1),
        periods=str(periods),
    )
    given = {"series": told.feed, "expected": expected, "came": came, "peers": peers, **evidence}
    support = records(context, name, (told.feed,), told.onset, told.confirmed)
    context.raise_(detector, name, told, support, places, given, p_value=p_value, resting=(told.feed,))


def records(context: Context, name: str, feeds: tuple[str, ...], begin: int, end: int) -> list[Change]:
    """The person's standing income records of these feeds and periods."""
    found = []
    for change in context.view.records():
        if change.person == name and change.feed in feeds:
            reading = read(change)
            if reading is not None and begin <= reading.period <= end:
                found.append(change)
    return found


def chart(context: Context, feed: str, values: Values) -> list[list[str | int]]:
    """The last year's periods and amounts."""
    offset = context.population.moved(feed).offset
    return [
        [month(at), amount_of(level + offset(at))]
        for at, level in zip(values.periods[-_CHART:], values.levels[-_CHART:], strict=True)
    ]
