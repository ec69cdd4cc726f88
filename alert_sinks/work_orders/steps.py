"""The steps of a work order before its closing: new → assigned → verifying → notified, and back."""

import sqlalchemy as sa

from streams.moments import day_end, day_of

from .attaching import reopen
from .case import Case
from .errors import StepError
from .tables import StoredAlert, WorkOrder

OPEN_STATES = ("new", "assigned", "verifying", "notified")
STATES = (*OPEN_STATES, "closed")
BACK = {"assigned": "new", "verifying": "assigned", "notified": "verifying"}
"""Where an order goes back to, from each state that has something before it."""
TO_APPLICANT = ("in_person", "letter", "phone", "message")
TO_OTHERS = ("relative", "posting")
"""Notice to a relative or posting in the village (公示): only where no member lives."""
HELP_ANSWERS = ("helped", "referred", "not_needed", "declined")


def assign(case: Case, assignee: str, note: str = "") -> None:
    """Give the order to an officer; one that is already being worked on keeps its state."""
    _require_open(case)
    case.order.assignee = assignee
    if case.order.state == "new":
        case.order.state = "assigned"
    case.record("assigned", note, assignee=assignee)


def verify(case: Case, note: str = "") -> None:
    """Begin to verify."""
    _require_state(case, "assigned")
    case.order.state = "verifying"
    case.record("verifying", note)


def notify(case: Case, how: str, note: str) -> None:
    """Record that the applicant (or who stands for one who has died) was notified, how, and of what."""
    _require_state(case, "verifying")
    if how not in (*TO_APPLICANT, *TO_OTHERS):
        raise StepError("unknown_notice")
    if how in TO_OTHERS and not no_member_lives(case):
        raise StepError("a_member_lives")
    _require_note(note)
    case.order.state = "notified"
    case.order.notified_at = case.now
    case.order.notified_how = how
    case.record("notified", note, how=how)


def hear(case: Case, answer: str) -> None:
    """Record what the applicant said to the notification."""
    _require_state(case, "notified")
    _require_note(answer)
    case.order.answered_at = case.now
    case.record("answered", answer)


def go_back(case: Case, note: str) -> None:
    """Undo the latest step, with a reason. A notification does not hold beyond it: it has to be made again."""
    if case.order.state not in BACK:
        raise StepError("nothing_before")
    _require_note(note)
    case.order.state = BACK[case.order.state]
    case.order.notified_at = case.order.notified_how = case.order.answered_at = None
    case.order.proposal = None
    if case.order.state == "new":
        case.order.assignee = None
    case.record("went_back", note, to=case.order.state)


def answer_help(case: Case, alert_id: str, answer: str, note: str, program: str = "") -> None:
    """Record what was done about a call for help; a referral names its programme."""
    _require_open(case)
    alert = next((alert for alert in case.alerts if alert.alert_id == alert_id), None)
    if alert is None or alert.direction != "help":
        raise StepError("no_help_alert")
    if answer not in HELP_ANSWERS:
        raise StepError("unknown_answer")
    if answer == "referred" and not program:
        raise StepError("program_missing")
    _require_note(note)
    alert.answer, alert.answer_program, alert.answer_note = answer, program or None, note
    case.record("help_answered", note, alert_id=alert_id, source=alert.source, answer=answer, program=program)


def remark(case: Case, note: str) -> None:
    """Add a note to the history."""
    _require_note(note)
    case.record("remark", note)


def object_to(case: Case, note: str) -> None:
    """The applicant objects to how the order was closed (申诉): a new round begins.

    Where the household has another open order by now, the objection belongs there.
    """
    if case.order.is_open:
        raise StepError("still_open")
    _require_note(note)
    other = sa.select(WorkOrder.id).where(
        WorkOrder.household_id == case.order.household_id, WorkOrder.state != "closed"
    )
    if case.session.scalar(other) is not None:
        raise StepError("another_open_order")
    reopen(case.order, case.now)
    case.settle()
    case.record("objected", note)


def no_member_lives(case: Case) -> bool:
    """The only co-resident member has died, by an alert that stands or by evidence checked in this round."""
    return any(alert.stands and alert.only_member for alert in case.alerts) or any(
        item.kind == "no_living_member" and item.checked_round == case.order.round for item in case.evidence
    )


def objection_ends(case: Case) -> int | None:
    """The last moment at which the applicant may answer; None before the notification."""
    notified = case.order.notified_at
    return None if notified is None else day_end(day_of(notified) + case.objection_days)


def unanswered(case: Case) -> list[StoredAlert]:
    """The standing calls for help that nobody has answered yet."""
    return [alert for alert in case.alerts if alert.stands and alert.direction == "help" and alert.answer is None]


def _require_open(case: Case) -> None:
    if not case.order.is_open:
        raise StepError("closed_already")


def _require_state(case: Case, state: str) -> None:
    _require_open(case)
    if case.order.state != state:
        raise StepError(f"only_when_{state}")


def _require_note(note: str) -> None:
    if not note.strip():
        raise StepError("note_missing")
