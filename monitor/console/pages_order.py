"""An order on one page, the household behind it, and its files."""

from collections.abc import Mapping, Sequence
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Path, Response
from sqlalchemy.orm import Session

from alert_sinks.work_orders import closing, evidence, steps
from alert_sinks.work_orders.attaching import SYSTEM
from alert_sinks.work_orders.case import Case
from alert_sinks.work_orders.tables import Evidence, EvidenceFile, OrderEvent, WorkOrder
from detectors.alerts import Text

from . import audit, dossier
from .access import RefusedError
from .households import Person, people
from .people import colleagues, shown_names
from .visit import Here, Sent, Visit, order_number, redirect, seen_order

router = APIRouter()
PROGRAMS = ("dibao", "tekun", "temporary", "medical", "education", "housing", "low_income", "expense_poor")
SECONDS_SHOWN = 60


@router.get("/orders/{order_id}")
def show(visit: Here, order_id: str) -> Response:
    return order_page(visit, order_id)


@router.post("/orders/{order_id}/show")
def show_persons(visit: Here, sent: Sent, order_id: str) -> Response:
    """Names and numbers in full, for a minute and for a reason that is logged."""
    visit.require("persons")
    if not sent["reason"]:
        return order_page(visit, order_id, problems=["reason_missing"], status=422)
    shown = order_page(visit, order_id, reason=sent["reason"])
    # Also without scripts the page goes after its minute.
    shown.headers["Refresh"] = f"{SECONDS_SHOWN}; url=/orders/{order_id}"
    return shown


@router.get("/orders/{order_id}/files/{evidence_id}")
def show_file(visit: Here, order_id: str, evidence_id: Annotated[int, Path(ge=1, le=2**53)]) -> Response:
    return file_of(visit, order_id, evidence_id)


def file_of(visit: Visit, order_id: str, evidence_id: int) -> Response:
    """A file that is attached to an order, to be kept and never to be opened on the console's own page."""
    viewer = visit.require("persons")
    with visit.console.desk.database.writing() as session:
        order = seen_order(viewer, session.get(WorkOrder, order_number(order_id)))
        item = session.get(Evidence, evidence_id)
        file = session.get(EvidenceFile, evidence_id)
        if item is None or file is None or item.order_id != order.id:
            raise RefusedError("file")
        audit.write(session, visit.now, viewer.name, "file_viewed", order.order_id, {"evidence": evidence_id})
        return Response(
            file.content,
            media_type=item.file_type or "application/octet-stream",
            headers={
                "Content-Disposition": f"attachment; filename*=UTF-8''{quote(item.file_name or 'file', safe='')}",
                "Content-Security-Policy": "sandbox; default-src 'none'",
            },
        )


def order_page(
    visit: Visit,
    order_id: str,
    *,
    status: int = 200,
    problems: Sequence[str] = (),
    typed: Mapping[str, str] | None = None,
    reason: str = "",
) -> Response:
    """The page of an order. `typed` is what a refused form held; with a `reason` persons are shown in full."""
    viewer = visit.viewer
    desk = visit.console.desk
    with desk.database.writing() as session:
        order = seen_order(viewer, session.get(WorkOrder, order_number(order_id)))
        action = "persons_shown" if reason else "household_viewed"
        detail = {"household": order.household_id, **({"reason": reason} if reason else {})}
        audit.write(session, visit.now, viewer.name, action, order.order_id, detail)
    with desk.database.reading() as session:
        order = session.get_one(WorkOrder, order.id)
        case = Case(session, desk.routing, order, viewer.name, visit.now)
        read = dossier.read(session, case, viewer)
        titles: dict[str, Text] = {shown.stored.source: shown.alert.title for shown in read.alerts}
        return visit.page(
            "order.html",
            status,
            read=read,
            order=order,
            line=visit.console.find_line(order.household_id),
            members=members_of(visit, session, order, plain=bool(reason)),
            people=colleagues(session, viewer) if viewer.may("assign") else [],
            names=shown_names(session),
            titles=titles,
            words=_WORDS,
            problems=list(problems),
            typed=dict(typed or {}),
            since=_since(read.history, (typed or {}).get("version", "")),
            shown_for=SECONDS_SHOWN if reason else 0,
            nobody_lives=steps.no_member_lives(case),
            works=viewer.may("work"),
            **({"said": str} if reason else {}),
        )


def _since(history: Sequence[OrderEvent], seen: str) -> set[str]:
    """The alerts of which something came after the version that the person had seen."""
    version = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else 0
    events = [event for event in history if version and event.version > version]
    return {event.data["alert_id"] for event in events if event.actor == SYSTEM and "alert_id" in event.data}


def members_of(visit: Visit, session: Session, order: WorkOrder, *, plain: bool) -> list[Person]:
    """The household's members; analysts see pseudonyms only."""
    line = visit.console.find_line(order.household_id)
    if line is None:
        return []
    shown = people(line, visit.console.unseal, plain=plain and visit.viewer.may("persons"))
    if visit.viewer.may("persons"):
        return shown
    return [Person(p.pseudonym, "", "", *_rest(p)) for p in shown]


def _rest(person: Person) -> tuple[str, bool, int | None, bool, float]:
    return (
        person.relation,
        person.co_resident,
        person.disability_grade,
        person.student,
        person.declared_monthly_income,
    )


def back(order_id: str, done: str) -> Response:
    """To the order's page after a step."""
    return redirect(f"/orders/{order_id}", done)


_WORDS = {
    "outcomes": closing.OUTCOMES,
    "adverse": closing.ADVERSE,
    "verdicts": closing.VERDICTS,
    "notices": (*steps.TO_APPLICANT, *steps.TO_OTHERS),
    "to_others": steps.TO_OTHERS,
    "answers": steps.HELP_ANSWERS,
    "evidence_kinds": evidence.KINDS,
    "programs": PROGRAMS,
    "back": steps.BACK,
}
