"""The steps by name, as pages and programs take them, and who may give an order to whom."""

from collections.abc import Callable
from datetime import date

from alert_sinks.work_orders import closing, evidence, steps, suppression
from alert_sinks.work_orders.case import Case
from alert_sinks.work_orders.errors import StepError

from .people import may_be_given
from .visit import Form, Visit


def assign(visit: Visit, case: Case, assignee: str, note: str = "") -> None:
    """Give an order to somebody. Officers take what nobody has; giving to others, or taking away, is a supervisor's.

    Raises RefusedError, and StepError for somebody who is not of the order's centre.
    """
    taken_by_other = case.order.assignee not in (None, visit.viewer.name)
    if assignee != visit.viewer.name or taken_by_other:
        visit.require("assign")
    if not may_be_given(case.session, case.order, assignee):
        raise StepError("unknown_officer")
    steps.assign(case, assignee, note)


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
    "assign": lambda visit, case, sent: assign(visit, case, sent["assignee"] or visit.viewer.name, sent["note"]),
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
