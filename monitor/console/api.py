"""The JSON interface: orders, steps, figures and feeds, for programs with a token (OpenAPI 3.1 at /api).

Errors are problem details (RFC 9457). A step names the version that it is for in If-Match; with an Idempotency-Key
the same step sent again is answered as the first time and done once.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Depends, FastAPI, Header, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from sqlalchemy.orm import undefer
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from alert_sinks.work_orders.errors import ConflictError, StepError
from alert_sinks.work_orders.tables import StoredAlert, WorkOrder
from monitor import feed_days
from streams.moments import date_of, iso, iso_month, month_of

from . import audit, figures, inbox
from .access import RefusedError
from .accounts import Browser, find_token
from .feeds import feed_alerts
from .language import language
from .pages_steps import STEPS
from .tables import DoneStep
from .visit import Console, Form, SignInNeededError, Visit, order_number, seen_order

_PROBLEM = "application/problem+json"


class Problem(BaseModel):
    """What went wrong (RFC 9457). `reasons` are words that programs may rely on."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    reasons: list[str] = []


class Order(BaseModel):
    """A work order. Times are ISO 8601."""

    order_id: str
    household_id: str
    region: str
    centre: str
    state: str
    outcome: str | None
    severity: str
    directions: list[str]
    programs: list[str]
    sources: list[str]
    assignee: str | None
    opened_at: str
    due_at: str
    closed_at: str | None
    version: int


class OrderPage(BaseModel):
    """A page of orders; `next_cursor` is null on the last one."""

    items: list[Order]
    next_cursor: str | None


class OrderWithAlerts(Order):
    """A work order with the latest revision of each of its alerts (as in the topic alerts.v1)."""

    alerts: list[dict[str, Any]]


class StepSent(BaseModel):
    """What a step needs; the handbook says which field belongs to which step."""

    note: str = Field("", max_length=4000)
    assignee: str = Field("", max_length=64)
    how: str = Field("", max_length=32)
    alert: str = Field("", max_length=64)
    answer: str = Field("", max_length=32)
    program: str = Field("", max_length=32)
    kind: str = Field("", max_length=32)
    source: str = Field("", max_length=200)
    text: str = Field("", max_length=4000)
    evidence: str = Field("", max_length=18)
    suppression: str = Field("", max_length=18)
    outcome: str = Field("", max_length=32)
    until: str = Field("", max_length=10)
    verdicts: dict[str, str] = {}


class ReportRow(BaseModel):
    """One line of the monthly report."""

    dimension: str
    value: str
    households: int
    orders: int
    persons: int


class MonthlyReport(BaseModel):
    """The monthly report."""

    month: str
    opened: int
    closed: int
    rows: list[ReportRow]


class Days(BaseModel):
    """A run of days, both included, as ISO dates."""

    first: str
    last: str


class FeedStanding(BaseModel):
    """A feed over the last days and today. Of the days in `unknown` nothing was read and nothing is known."""

    feed: str
    last_record_at: str | None
    records: int
    refused: dict[str, int]
    days_with_records: int
    unknown: list[Days]


_ANSWERS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "content": {_PROBLEM: {}}, "description": text}
    for status, text in {
        401: "No valid token",
        403: "Not for this token, or it does not exist",
        409: "The order has changed, or the key was used for another step",
        422: "The step is not possible; `reasons` say why",
        503: "The database is away; nothing was changed",
    }.items()
}
router = APIRouter(prefix="/api/v1", responses=_ANSWERS)


def problem(status: int, title: str, detail: str, reasons: list[str] | None = None) -> JSONResponse:
    """A problem as an answer."""
    content = Problem(title=title, status=status, detail=detail, reasons=reasons or []).model_dump()
    return JSONResponse(content, status, media_type=_PROBLEM)


def add_handlers(app: FastAPI) -> None:
    """Let the framework's own errors under /api be problems too."""
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(ConflictError, _conflict)
    app.add_exception_handler(StepError, _impossible)


def _invalid(_: Request, error: Exception) -> Response:
    places = [".".join(map(str, fault["loc"])) for fault in error.errors()] if hasattr(error, "errors") else []
    return problem(422, "Not as described", f"Wrong: {', '.join(places)}", ["invalid"])


def _http_error(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = error.headers if isinstance(error, HTTPException) else None
    response = problem(status, "Not possible", str(getattr(error, "detail", "")))
    response.headers.update(headers or {})
    return response


def _conflict(_: Request, error: Exception) -> Response:
    """The order has changed since it was seen."""
    current = error.current if isinstance(error, ConflictError) else 0
    return problem(409, "The order has changed", f"It is at version {current}.", ["conflict"])


def _impossible(_: Request, error: Exception) -> Response:
    """The step is not possible."""
    reasons = list(error.reasons) if isinstance(error, StepError) else []
    return problem(422, "Not possible", ", ".join(reasons), reasons)


def token_visit(request: Request, authorization: Annotated[str, Header(include_in_schema=False)] = "") -> Visit:
    """The visit of a program. Raises SignInNeededError."""
    console: Console = request.app.state.console
    now = console.clock()
    kind, _, token = authorization.partition(" ")
    with console.desk.database.reading() as session:
        found = find_token(session, token, now) if kind.lower() == "bearer" else None
    if found is None:
        raise SignInNeededError
    viewer, scopes = found
    request.state.scopes = scopes
    return Visit(console, request, language("en"), Browser(viewer, "", False), now)


Program = Annotated[Visit, Depends(token_visit)]
OrderId = Annotated[str, Path(pattern=r"^WO-\d{7,18}$")]


def _require(visit: Visit, scope: str) -> None:
    if scope not in visit.request.state.scopes:
        raise RefusedError(scope)


@router.get("/orders")
def list_orders(
    visit: Program,
    cursor: Annotated[str, Query(pattern=f"^({inbox.CURSOR})?$")] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    state: Annotated[str, Query(max_length=20)] = "",
    direction: Annotated[str, Query(max_length=20)] = "",
    severity: Annotated[str, Query(max_length=20)] = "",
    household: Annotated[str, Query(max_length=100)] = "",
) -> OrderPage:
    """Orders, most urgent first."""
    _require(visit, "orders:read")
    wanted = inbox.Filter.of(
        {"state": state, "direction": direction, "severity": severity, "household": household, "quiet": "1"}
    )
    with visit.console.desk.database.writing() as session:
        page = inbox.find(session, visit.viewer, wanted, visit.now, cursor, limit)
        audit.write(session, visit.now, visit.viewer.name, "orders_listed", "", {"filter": wanted.parts})
    return OrderPage(items=[Order(**_fields(row.order)) for row in page.rows], next_cursor=page.next_cursor)


@router.get("/orders/{order_id}")
def one_order(visit: Program, order_id: OrderId, response: Response) -> OrderWithAlerts:
    """An order with its alerts; its ETag is the version for If-Match."""
    _require(visit, "orders:read")
    with visit.console.desk.database.writing() as session:
        order = seen_order(visit.viewer, session.get(WorkOrder, order_number(order_id)))
        audit.write(session, visit.now, visit.viewer.name, "household_viewed", order.order_id)
        held = session.scalars(
            sa.select(StoredAlert).options(undefer(StoredAlert.content)).where(StoredAlert.order_id == order.id)
        ).all()
        alerts = [json.loads(alert.content) for alert in held]
    response.headers["ETag"] = f'"{order.version}"'
    return OrderWithAlerts(**_fields(order), alerts=alerts)


@router.post("/orders/{order_id}/steps/{step}")
def take_step(
    visit: Program,
    order_id: OrderId,
    step: Annotated[str, Path(pattern=f"^({'|'.join(STEPS)})$")],
    sent: StepSent,
    if_match: Annotated[str, Header(pattern=r'^"?\d{1,9}"?$')],
    idempotency_key: Annotated[str, Header(max_length=100)] = "",
) -> Order:
    """Take a step on the version of the order that was seen. Files are attached on the order's page."""
    _require(visit, "orders:write")
    viewer = visit.require("work")
    number = order_number(order_id)
    fingerprint = hashlib.sha256(f"{order_id} {step} {if_match} {sent.model_dump_json()}".encode()).hexdigest()
    with visit.console.desk.database.reading() as session:
        seen_order(viewer, session.get(WorkOrder, number))
        done = session.get(DoneStep, (viewer.name, idempotency_key)) if idempotency_key else None
    if done is not None:
        if done.fingerprint != fingerprint:
            raise StepError("key_used_before")
        return Order.model_validate_json(done.answer)
    given = Form(FormData([*_texts(sent).items()]))
    version = int(if_match.strip('"'))
    with visit.console.desk.case(number, version=version, actor=viewer.name, now=visit.now) as case:
        STEPS[step](visit, case, given)
        audit.write(case.session, visit.now, viewer.name, f"step_{step}", order_id)
        answer = Order(**_fields(case.order))
        if idempotency_key:
            case.session.add(
                DoneStep(
                    account=viewer.name,
                    key=idempotency_key,
                    fingerprint=fingerprint,
                    status=200,
                    answer=answer.model_dump_json(),
                    at=visit.now,
                )
            )
    return answer


@router.get("/report")
def monthly_report(
    visit: Program, month: Annotated[str, Query(pattern=r"^((19|2\d)\d\d-(0[1-9]|1[0-2]))?$")] = ""
) -> MonthlyReport:
    """The monthly report; of the present month unless said."""
    _require(visit, "figures:read")
    viewer = visit.require("figures")
    number = figures.report_month(month) if month else month_of(visit.now)
    with visit.console.desk.database.reading() as session:
        report = figures.monthly(session, viewer, number)
    rows = [ReportRow(**vars(row)) for row in report.rows]
    return MonthlyReport(month=iso_month(number), opened=report.opened, closed=report.closed, rows=rows)


@router.get("/feeds")
def how_feeds_come_in(visit: Program) -> list[FeedStanding]:
    """How each feed came in over the last fourteen days and today."""
    _require(visit, "feeds:read")
    visit.require("feeds")
    with visit.console.desk.database.reading() as session:
        return [_feed(standing) for standing in feed_days.standings(session, visit.now)]


@router.get("/feeds/alerts")
def alerts_about_feeds(visit: Program) -> list[dict[str, Any]]:
    """Alerts about feeds, standing ones first."""
    _require(visit, "feeds:read")
    visit.require("feeds")
    with visit.console.desk.database.reading() as session:
        return [json.loads(found.stored.content) for found in feed_alerts(session)]


def _feed(standing: feed_days.Standing) -> FeedStanding:
    return FeedStanding(
        feed=standing.feed,
        last_record_at=iso(standing.newest) if standing.newest else None,
        records=standing.records,
        refused=dict(standing.refused),
        days_with_records=standing.days_with_records,
        unknown=[Days(first=str(date_of(first)), last=str(date_of(last))) for first, last in standing.unknown],
    )


def _texts(sent: StepSent) -> Mapping[str, str]:
    texts = {name: value for name, value in sent.model_dump().items() if isinstance(value, str)}
    return {**texts, **{f"verdict.{alert_id}": verdict for alert_id, verdict in sent.verdicts.items()}}


def _fields(order: WorkOrder) -> dict[str, Any]:
    return {
        "order_id": order.order_id,
        "household_id": order.household_id,
        "region": order.region,
        "centre": order.centre,
        "state": order.state,
        "outcome": order.outcome,
        "severity": order.urgency,
        "directions": list(order.directions),
        "programs": list(order.programs),
        "sources": list(order.sources),
        "assignee": order.assignee,
        "opened_at": iso(order.opened_at),
        "due_at": iso(order.due_at),
        "closed_at": iso(order.closed_at) if order.closed_at is not None else None,
        "version": order.version,
    }
