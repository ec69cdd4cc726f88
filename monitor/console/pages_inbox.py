"""The inbox and assigning many orders at once."""

from fastapi import APIRouter, Response

from alert_sinks.work_orders.errors import ConflictError, StepError
from alert_sinks.work_orders.tables import WorkOrder
from streams.identity import contains_identity, normalised

from . import audit, inbox, taking
from .access import RefusedError
from .people import colleagues, shown_names
from .visit import Here, Sent, order_number, own_path, redirect, seen_order

router = APIRouter()


@router.get("/")
def show(visit: Here, cursor: str = "") -> Response:
    viewer = visit.viewer
    if not viewer.may("orders"):
        return redirect("/feeds" if viewer.may("feeds") else "/audit" if viewer.may("audit") else "/users")
    wanted = inbox.Filter.of(visit.request.query_params)
    if contains_identity(wanted.household) or normalised(wanted.household):
        return redirect("/?refused=number")  # it must not stay in the address
    with visit.console.desk.database.reading() as session:
        last_event = inbox.last_event(session)
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
            last_event=last_event,
            names=shown_names(session),
            refused_number=visit.request.query_params.get("refused") == "number",
        )


@router.post("/orders/assign")
def assign_many(visit: Here, sent: Sent) -> Response:
    viewer = visit.require("work")
    assignee = sent["assignee"] or viewer.name
    if assignee != viewer.name:
        visit.require("assign")
    conflicts = 0
    for chosen in sent.list("order"):
        number, _, seen = chosen.partition(":")
        version = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else -1
        with visit.console.desk.database.reading() as session:
            seen_order(viewer, session.get(WorkOrder, order_number(number)))
        try:
            with visit.console.desk.case(
                order_number(number), version=version, actor=viewer.name, now=visit.now
            ) as case:
                taking.assign(visit, case, assignee)
                audit.write(case.session, visit.now, viewer.name, "step_assign", number, {"assignee": assignee})
        except (ConflictError, StepError, RefusedError):
            conflicts += 1  # the others are done all the same
    return redirect(own_path(sent["next"]), "assigned_all" if not conflicts else "assigned_some")
