"""How much work would the alerts have been? Orders as a replay can guess them, without anybody who closes them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

from alert_sinks.routing import Routing
from detectors.alerts import Direction
from monitor.replaying.register import Said
from streams.moments import day_of

_EPOCH_WEEKDAY = 3
"""1970-01-01 was a Thursday."""


@dataclass
class Order:
    """What a centre would have followed up. Times are instants; `alerts` are ids."""

    household_id: str
    region: str
    centre: str
    direction: str
    opened_at: int
    due_at: int
    alerts: list[str]


def orders(alerts: Iterable[Said], routing: Routing) -> list[Order]:
    """One open order a household, by opening. It is taken to be closed when it is due: nobody knows when it would be.

    Alerts about feeds and such that are raised for watching only make no work.
    """
    found: list[Order] = []
    latest: dict[str, Order] = {}
    for said in sorted(alerts, key=lambda said: (said.first_at, said.alert_id)):
        if said.household_id is None or said.shadow:
            continue
        current = latest.get(said.household_id)
        if current is not None and said.first_at <= current.due_at:
            current.alerts.append(said.alert_id)
            current.due_at = min(current.due_at, max(said.due_at, said.first_at))
            continue
        current = latest[said.household_id] = Order(
            household_id=said.household_id,
            region=said.region,
            centre=routing.centre_of(said.region, cast(Direction, said.direction)).id,
            direction=said.direction,
            opened_at=said.first_at,
            due_at=max(said.due_at, said.first_at),
            alerts=[said.alert_id],
        )
        found.append(current)
    return found


def for_nothing(found: Iterable[Order], alerts: Iterable[Said]) -> int:
    """How many orders hold only alerts that were taken back in the end, as after a department's faulty delivery."""
    standing = {said.alert_id for said in alerts if said.stands}
    return sum(standing.isdisjoint(order.alerts) for order in found)


def week_of(at: int) -> int:
    """The Monday of the week of an instant, as a day number."""
    day = day_of(at)
    return day - (day + _EPOCH_WEEKDAY) % 7


def per_week(found: Sequence[Order]) -> dict[str, dict[int, int]]:
    """How many orders open in each week, by centre; weeks without any between the first and the last included."""
    if not found:
        return {}
    weeks = range(min(week_of(o.opened_at) for o in found), max(week_of(o.opened_at) for o in found) + 1, 7)
    counts: dict[str, Counter[int]] = {}
    for order in found:
        counts.setdefault(order.centre, Counter())[week_of(order.opened_at)] += 1
    return {centre: {week: count[week] for week in weeks} for centre, count in sorted(counts.items())}
