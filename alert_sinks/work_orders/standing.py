"""What follows for an open order from its alerts: urgency, due date, inhibition, and whether it is quiet."""

from collections.abc import Iterable, Mapping, Sequence

from alert_sinks.routing import DIRECTIONS, Routing
from detectors.alerts import SEVERITIES, Direction
from streams.moments import day_end, day_of

from .tables import FOREVER, NEVER, StoredAlert, WorkOrder

_LEAST = len(SEVERITIES) - 1


def settle(
    order: WorkOrder, alerts: Sequence[StoredAlert], routing: Routing, suppressed: Mapping[tuple[str, str], int]
) -> None:
    """Work the order's fields out anew from its alerts.

    If the only co-resident member has died, the household's other alerts in the order are inhibited: they are shown,
    and neither severity nor due date follows from them. An order none of whose alerts stands any more remains open at
    the lowest severity, with the due date it had: a person looks at what may already have been done, and closes it.
    A centre keeps an order once somebody has taken it; until then the order goes where its most urgent alert belongs.
    """
    standing = [alert for alert in alerts if alert.stands]
    ended = any(alert.only_member for alert in standing)
    for alert in alerts:
        alert.inhibited = ended and not alert.only_member
    counted = [alert for alert in standing if not alert.inhibited]
    order.standing = len(standing)
    order.directions = _words(alert.direction for alert in standing)
    order.sources = _words(alert.source for alert in standing)
    order.programs = _words(program for alert in alerts for program in alert.programs)
    order.quiet_until = min((quiet_until(alert, suppressed) for alert in counted), default=NEVER)
    if not counted:
        order.severity = _LEAST
        return
    lead = min(counted, key=lambda alert: (alert.severity, due_at(alert, order.counted_from), alert.alert_id))
    order.severity = lead.severity
    order.due_at = due_at(lead, order.counted_from)
    if order.state == "new":
        order.region = lead.region
        order.centre = routing.centre_of(lead.region, direction_of(lead)).id


def due_at(alert: StoredAlert, opened: int) -> int:
    """The alert's due date, counted from the order's opening where that is later."""
    return max(alert.due_at, day_end(day_of(opened) + alert.days_to_act))


def quiet_until(alert: StoredAlert, suppressed: Mapping[tuple[str, str], int]) -> int:
    """Until when an alert calls for no action: while its feed is in doubt, or while it is known and accepted."""
    if alert.feed_doubtful:
        return FOREVER
    return suppressed.get((alert.household_id or "", alert.source), NEVER)


def _words(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(words)))


def direction_of(alert: StoredAlert) -> Direction:
    """The alert's direction as the word that it is."""
    return next(direction for direction in DIRECTIONS if direction == alert.direction)
