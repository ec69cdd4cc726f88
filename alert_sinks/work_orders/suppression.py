"""Known and accepted until a day, because: what a source says about a household calls for no action so long."""

from datetime import date

from streams.moments import day_end, day_number, day_of

from .case import Case
from .errors import StepError
from .tables import Suppression

MOST_DAYS = 366


def suppress(case: Case, source: str, until: date, reason: str) -> Suppression:
    """Accept what a source says about the order's household until the end of a day, for a reason.

    Alerts stay visible; an order that holds nothing else is quiet so long. Raises StepError for a day that has passed
    or is more than a year away, or without a reason.
    """
    ends = day_end(day_number(until))
    if ends <= case.now:
        raise StepError("until_has_passed")
    if ends > day_end(day_of(case.now) + MOST_DAYS):
        raise StepError("until_too_far")
    if not reason.strip():
        raise StepError("note_missing")
    if source not in {alert.source for alert in case.alerts}:
        raise StepError("unknown_source")
    made = Suppression(
        household_id=case.order.household_id,
        source=source,
        until=ends,
        reason=reason,
        made_at=case.now,
        made_by=case.actor,
    )
    case.session.add(made)
    case.session.flush()
    case.record("suppressed", reason, source=source, until=until.isoformat())
    if case.order.is_open:
        case.settle()
    return made


def lift(case: Case, suppression_id: int, note: str) -> None:
    """End a suppression of the order's household before its day."""
    made = case.session.get(Suppression, suppression_id)
    if made is None or made.household_id != case.order.household_id or made.lifted_at is not None:
        raise StepError("no_such_suppression")
    if not note.strip():
        raise StepError("note_missing")
    made.lifted_at, made.lifted_by = case.now, case.actor
    case.session.flush()
    case.record("suppression_lifted", note, source=made.source)
    if case.order.is_open:
        case.settle()
