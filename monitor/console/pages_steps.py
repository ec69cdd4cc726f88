"""The steps that officers take on an order's page. What is refused shows the page again, with everything typed."""

from collections.abc import Callable
from datetime import date

from fastapi import APIRouter, Response

from alert_sinks.work_orders import closing, evidence, steps, suppression
from alert_sinks.work_orders.case import Case
from alert_sinks.work_orders.errors import ConflictError, StepError
from alert_sinks.work_orders.tables import WorkOrder

from . import audit
from .access import RefusedError
from .pages_order import back, order_page
from .visit import Form, Here, Sent, Visit, order_number, seen_order

router = APIRouter()


def _assign(visit: Visit, case: Case, sent: Form) -> None:
    assignee = sent["assignee"] or visit.viewer.name
    taken_by_other = case.order.assignee not in (None, visit.viewer.name)
    if assignee != visit.viewer.name or taken_by_other:
        visit.require("assign")
    steps.assign(case, assignee, sent["note"])


def _evidence(visit: Visit, case: Case, sent: Form) -> None:
    upload = sent.file("file")
    file = None
    if upload is not None:
        # One byte more than is allowed is enough to know that a file is too large.
        file = evidence.File(upload.filename or "", upload.file.read(evidence.MOST_BYTES + 1))
    evidence.add_evidence(case, sent["kind"], sent["source"], sent["text"], file)


def _close(visit: Visit, case: Case, sent: Form) -> None:
    verdicts = sent.beginning_with("verdict.")
    act = closing.propose if sent["outcome"] in closing.ADVERSE else closing.close
    act(case, sent["outcome"], verdicts, sent["note"])


def _suppress(visit: Visit, case: Case, sent: Form) -> None:
    try:
        until = date.fromisoformat(sent["until"])
    except ValueError:
        raise StepError("until_has_passed") from None
    suppression.suppress(case, sent["source"], until, sent["note"])


Step = Callable[[Visit, Case, Form], object]
STEPS: dict[str, Step] = {
    "assign": _assign,
    "verify": lambda _, case, sent: steps.verify(case, sent["note"]),
    "notify": lambda _, case, sent: steps.notify(case, sent["how"], sent["note"]),
    "hear": lambda _, case, sent: steps.hear(case, sent["note"]),
    "back": lambda _, case, sent: steps.go_back(case, sent["note"]),
    "help": lambda _, case, sent: steps.answer_help(case, sent["alert"], sent["answer"], sent["note"], sent["program"]),
    "remark": lambda _, case, sent: steps.remark(case, sent["note"]),
    "evidence": _evidence,
    "check": lambda _, case, sent: evidence.check_evidence(case, sent.number("evidence"), sent["note"]),
    "close": _close,
    "approve": lambda _, case, sent: closing.approve(case, sent["note"]),
    "refuse": lambda _, case, sent: closing.refuse(case, sent["note"]),
    "object": lambda _, case, sent: steps.object_to(case, sent["note"]),
    "suppress": _suppress,
    "lift": lambda _, case, sent: suppression.lift(case, sent.number("suppression"), sent["note"]),
}


@router.post("/orders/{order_id}/steps/{step}")
def take(visit: Here, sent: Sent, order_id: str, step: str) -> Response:
    """Take a step on the version of the order that the officer saw."""
    viewer = visit.require("work")
    if step not in STEPS:
        raise RefusedError(step)
    number = order_number(order_id)
    with visit.console.desk.database.reading() as session:
        seen_order(viewer, session.get(WorkOrder, number))
    try:
        with visit.console.desk.case(number, version=sent.number("version"), actor=viewer.name, now=visit.now) as case:
            STEPS[step](visit, case, sent)
            audit.write(case.session, visit.now, viewer.name, f"step_{step}", order_id)
    except ConflictError:
        return order_page(visit, order_id, status=409, problems=["conflict"], typed=_typed(sent, step))
    except StepError as error:
        return order_page(visit, order_id, status=422, problems=error.reasons, typed=_typed(sent, step))
    proposed = step == "close" and sent["outcome"] in closing.ADVERSE
    return back(order_id, "propose" if proposed else step)


def _typed(sent: Form, step: str) -> dict[str, str]:
    return {**sent.texts, "step": step}
