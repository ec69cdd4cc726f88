"""Closing an order: outcomes, what must be there before each of them, and the officers' word on every alert.

Nothing here stops a payment: an outcome records what people decided elsewhere, by their own procedure.
"""

from collections.abc import Mapping

from .case import Case
from .errors import StepError
from .steps import TO_OTHERS, no_member_lives, objection_ends, unanswered

OUTCOMES = (
    "no_change",
    "helped",
    "referred",
    "false_alarm",
    "data_error",
    "voluntary_exit",
    "reduced",
    "stopped",
)
ADVERSE = frozenset({"stopped", "reduced"})
AFTER_NOTICE = ADVERSE | {"voluntary_exit"}
WHEN_WITHDRAWN = frozenset({"no_change", "false_alarm", "data_error"})
"""Outcomes of an order none of whose alerts stands any more; it may be closed from every state."""
VERDICTS = ("true", "false", "data_error")


def obstacles(case: Case, outcome: str) -> list[str]:
    """Everything that still stands in the way of closing with this outcome, a second officer's word aside."""
    order = case.order
    if outcome not in OUTCOMES:
        return ["unknown_outcome"]
    if not order.is_open:
        return ["closed_already"]
    missing = []
    withdrawn = order.standing == 0 and outcome in WHEN_WITHDRAWN
    if order.state in ("new", "assigned") and not withdrawn:
        missing.append("not_verified")
    if outcome in AFTER_NOTICE and order.state != "notified":
        missing.append("not_notified")
    if outcome in AFTER_NOTICE and order.notified_how in TO_OTHERS and not no_member_lives(case):
        missing.append("a_member_lives")
    if outcome in ADVERSE:
        missing += _adverse_obstacles(case)
    if unanswered(case):
        missing.append("help_unanswered")
    return missing


def _adverse_obstacles(case: Case) -> list[str]:
    order = case.order
    missing = []
    if not any(item.checked_round == order.round for item in case.evidence):
        missing.append("no_checked_evidence")
    ends = objection_ends(case)
    if order.answered_at is None and ends is not None and case.now <= ends:
        missing.append("objection_period_runs")
    return missing


def close(case: Case, outcome: str, verdicts: Mapping[str, str], note: str) -> None:
    """Close with an outcome that needs one officer. Every standing alert gets a verdict."""
    if outcome in ADVERSE:
        raise StepError("second_officer_needed")
    _check(case, outcome, verdicts, note)
    _close(case, outcome, verdicts, note, {})


def propose(case: Case, outcome: str, verdicts: Mapping[str, str], note: str) -> None:
    """Propose to stop or reduce; another officer approves. The proposal lapses when an alert comes or changes."""
    if outcome not in ADVERSE:
        raise StepError("no_second_officer_needed")
    _check(case, outcome, verdicts, note)
    case.order.proposal = {"outcome": outcome, "by": case.actor, "verdicts": dict(verdicts), "note": note}
    case.record("proposed", note, outcome=outcome)


def approve(case: Case, note: str = "") -> None:
    """Close as proposed; never by the officer who proposed it."""
    proposal = case.order.proposal
    if proposal is None:
        raise StepError("nothing_proposed")
    if proposal["by"] == case.actor:
        raise StepError("second_officer_needed")
    _check(case, proposal["outcome"], proposal["verdicts"], proposal["note"])
    _close(case, proposal["outcome"], proposal["verdicts"], note or proposal["note"], {"proposed_by": proposal["by"]})


def refuse(case: Case, note: str) -> None:
    """Refuse or take back a proposal, with a reason."""
    if case.order.proposal is None:
        raise StepError("nothing_proposed")
    if not note.strip():
        raise StepError("note_missing")
    case.order.proposal = None
    case.record("proposal_refused", note)


def _check(case: Case, outcome: str, verdicts: Mapping[str, str], note: str) -> None:
    missing = obstacles(case, outcome)
    if not note.strip():
        missing.append("note_missing")
    held = {alert.alert_id for alert in case.alerts}
    if not {alert.alert_id for alert in case.alerts if alert.stands} <= set(verdicts):
        missing.append("verdict_missing")
    if not set(verdicts) <= held or not set(verdicts.values()) <= set(VERDICTS):
        missing.append("unknown_verdict")
    if missing:
        raise StepError(*missing)


def _close(case: Case, outcome: str, verdicts: Mapping[str, str], note: str, data: Mapping[str, str]) -> None:
    order = case.order
    for alert in case.alerts:
        if alert.alert_id in verdicts:
            alert.verdict, alert.verdict_by, alert.verdict_at = verdicts[alert.alert_id], case.actor, case.now
    order.state, order.outcome, order.closed_at = "closed", outcome, case.now
    order.proposal = None
    case.record("closed", note, outcome=outcome, verdicts=dict(verdicts), **data)
