"""Orders: the list, one in full, its files, and what is known and accepted."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel

from alert_sinks.work_orders.case import Case
from alert_sinks.work_orders.tables import StoredAlert, WorkOrder
from streams.moments import iso

from .. import audit, dossier, inbox
from ..pages_order import file_of, members_of
from ..suppressions import holding
from ..visit import order_number, seen_order
from .shapes import Accepted, Event, EvidenceItem, Member, Order, OrderInFull, order_fields
from .tokens import Program, require

router = APIRouter()
OrderId = Annotated[str, Path(pattern=r"^WO-\d{7,18}$")]
Word = Annotated[str, Query(max_length=100)]


class OrderPage(BaseModel):
    """A page of orders; `next_cursor` is null on the last one."""

    items: list[Order]
    next_cursor: str | None


@router.get("/orders")
def list_orders(
    visit: Program,
    cursor: Annotated[str, Query(pattern=f"^({inbox.CURSOR})?$")] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    state: Word = "",
    direction: Word = "",
    severity: Word = "",
    program: Word = "",
    source: Word = "",
    region: Word = "",
    due: Word = "",
    household: Word = "",
    assignee: Word = "",
    quiet: bool = True,
) -> OrderPage:
    """Orders, most urgent first; open ones unless a `state` (or `any`) or a household is asked for."""
    require(visit, "orders:read")
    asked = {name: value for name, value in visit.request.query_params.items() if name not in ("cursor", "limit")}
    wanted = inbox.Filter.of({**asked, "quiet": "1" if quiet else ""})
    with visit.console.desk.database.writing() as session:
        page = inbox.find(session, visit.viewer, wanted, visit.now, cursor, limit)
        told = {name: visit.said(value) for name, value in wanted.parts.items()}
        audit.write(session, visit.now, visit.viewer.name, "orders_listed", "", {"filter": told})
    return OrderPage(items=[Order.of(row.order) for row in page.rows], next_cursor=page.next_cursor)


@router.get("/orders/{order_id}")
def one_order(visit: Program, order_id: OrderId, response: Response) -> OrderInFull:
    """An order in full; its ETag is the version for If-Match."""
    require(visit, "orders:read")
    desk = visit.console.desk
    with desk.database.writing() as session:
        order = seen_order(visit.viewer, session.get(WorkOrder, order_number(order_id)))
        detail = {"household": order.household_id}
        audit.write(session, visit.now, visit.viewer.name, "household_viewed", order.order_id, detail)
        case = Case(session, desk.routing, order, visit.viewer.name, visit.now)
        read = dossier.read(session, case, visit.viewer)
        members = members_of(visit, session, order, plain=False)
    response.headers["ETag"] = f'"{order.version}"'
    proposal = order.proposal or {}
    ends = read.objection_ends
    return OrderInFull(
        **order_fields(order),
        alerts=[_alert(shown.stored, visit.said(shown.stored.answer_note)) for shown in read.alerts],
        members=[Member.of(person) for person in members],
        evidence=[EvidenceItem.of(item, visit) for item in read.evidence],
        history=[Event.of(event, visit) for event in read.history],
        accepted=[Accepted.of(made, visit) for made in read.suppressions],
        other_orders=[other.order_id for other in read.earlier],
        notified_at=iso(order.notified_at) if order.notified_at is not None else None,
        answered_at=iso(order.answered_at) if order.answered_at is not None else None,
        objection_ends_at=iso(ends) if ends is not None else None,
        proposed_outcome=proposal.get("outcome"),
        proposed_by=proposal.get("by"),
        missing={outcome: [*read.missing, *reasons] for outcome, reasons in read.missing_for.items()},
    )


@router.get("/orders/{order_id}/files/{evidence_id}", response_class=Response)
def one_file(visit: Program, order_id: OrderId, evidence_id: Annotated[int, Path(ge=1, le=2**53)]) -> Response:
    """A file that was attached as evidence."""
    require(visit, "orders:read")
    return file_of(visit, order_id, evidence_id)


@router.get("/accepted")
def what_is_accepted(visit: Program) -> list[Accepted]:
    """What is known and accepted now, the next to end first."""
    require(visit, "orders:read")
    with visit.console.desk.database.reading() as session:
        return [Accepted.of(made, visit) for made in holding(session, visit.viewer, visit.now)]


def _alert(stored: StoredAlert, answer_note: str) -> dict[str, Any]:
    people = {
        "inhibited": stored.inhibited,
        "answer": stored.answer,
        "answer_program": stored.answer_program,
        "answer_note": answer_note or None,
        "verdict": stored.verdict,
    }
    return {**json.loads(stored.content), **people}
