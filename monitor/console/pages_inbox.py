"""The inbox and assigning many orders at once."""

from fastapi import APIRouter, Response

from alert_sinks.work_orders import steps
from alert_sinks.work_orders.errors import ConflictError, StepError
from alert_sinks.work_orders.tables import WorkOrder

from . import audit, inbox
from .people import colleagues
from .visit import Here, Sent, order_number, redirect, seen_order

router = APIRouter()


@router.get("/")
def show(visit: Here, cursor: str = "") -> Response:
    viewer = visit.viewer
    if not viewer.may("orders"):
        return redirect("/feeds" if viewer.may("feeds") else "/audit" if viewer.may("audit") else "/users")
    wanted = inbox.Filter.of(visit.request.query_params)
    with visit.console.desk.database.reading() as session:
        try:
            page = inbox.find(session, viewer, wanted, visit.now, cursor)
        except ValueError:
            page = inbox.find(session, viewer, wanted, visit.now)
        counts = inbox.count(session, viewer, visit.now)
        people = colleagues(session, viewer) if viewer.may("assign") else []
        return visit.page(
            "inbox.html",
            page=page,
            counts=counts,
            wanted=wanted,
            people=people,
            sources=sorted(visit.console.titles),
            last_event=inbox.last_event(session),
        )


@router.post("/orders/assign")
def assign_many(visit: Here, sent: Sent) -> Response:
    viewer = visit.require("work")
    assignee = sent["assignee"] or viewer.name
    if assignee != viewer.name:
        visit.require("assign")
    done = conflicts = 0
    for chosen in sent.list("order"):
        number, _, version = chosen.partition(":")
        with visit.console.desk.database.reading() as session:
            seen_order(viewer, session.get(WorkOrder, order_number(number)))
        try:
            with visit.console.desk.case(
                order_number(number), version=int(version), actor=viewer.name, now=visit.now
            ) as case:
                steps.assign(case, assignee)
                audit.write(case.session, visit.now, viewer.name, "step_assigned", number, {"assignee": assignee})
            done += 1
        except (ConflictError, StepError):
            conflicts += 1
    return redirect("/", "assigned_all" if not conflicts else "assigned_some")
