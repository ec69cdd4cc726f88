"""The steps that officers take on an order's page. What is refused shows the page again, with everything typed."""

from fastapi import APIRouter, Response

from alert_sinks.work_orders import closing
from alert_sinks.work_orders.errors import ConflictError, StepError
from alert_sinks.work_orders.tables import WorkOrder

from . import audit
from .access import RefusedError
from .pages_order import back, order_page
from .taking import STEPS
from .visit import Form, Here, Sent, order_number, seen_order

router = APIRouter()


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
