"""Figures, the monthly report, feeds, suppressions, and the audit log."""

import json
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Query, Response

from alert_sinks.work_orders.tables import WorkOrder, order_name
from monitor import feed_days
from streams.moments import day_start, iso_month, month_of

from . import audit, figures
from .feeds import feed_alerts, in_doubt
from .people import shown_names
from .sheet import shown_value, workbook
from .suppressions import holding
from .visit import Here, Visit

router = APIRouter()
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ENTRIES = 200


@router.get("/figures")
def show_figures(visit: Here) -> Response:
    viewer = visit.require("figures")
    with visit.console.desk.database.reading() as session:
        return visit.page("figures.html", read=figures.read(session, viewer, visit.now), names=shown_names(session))


@router.get("/report")
def show_report(visit: Here, month: str = "") -> Response:
    viewer = visit.require("figures")
    number = _month(visit, month)
    with visit.console.desk.database.reading() as session:
        report = figures.monthly(session, viewer, number)
    return visit.page(
        "report.html",
        report=report,
        month=iso_month(number),
        dimensions=figures.DIMENSIONS,
        shown=lambda row: shown_value(visit.language, visit.console.titles, row.dimension, row.value),
    )


@router.get("/report.xlsx")
def export_report(visit: Here, month: str = "") -> Response:
    viewer = visit.require("figures")
    number = _month(visit, month)
    with visit.console.desk.database.writing() as session:
        report = figures.monthly(session, viewer, number)
        audit.write(session, visit.now, viewer.name, "report_exported", iso_month(number))
    name = f"report-{iso_month(number)}.xlsx"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(workbook(report, visit.language, visit.console.titles), media_type=_XLSX, headers=headers)


@router.get("/feeds")
def show_feeds(visit: Here) -> Response:
    visit.require("feeds")
    with visit.console.desk.database.reading() as session:
        alerts = feed_alerts(session)
        return visit.page(
            "feeds.html",
            alerts=alerts,
            standings=feed_days.standings(session, visit.now),
            doubts=in_doubt(alerts),
            window=feed_days.WINDOW,
            day_start=day_start,
        )


@router.get("/suppressions")
def show_suppressions(visit: Here) -> Response:
    viewer = visit.require("orders")
    latest = sa.select(sa.func.max(WorkOrder.id), WorkOrder.household_id).where(viewer.condition())
    with visit.console.desk.database.reading() as session:
        found = holding(session, viewer, visit.now)
        households = [made.household_id for made in found]
        orders = session.execute(latest.where(WorkOrder.household_id.in_(households)).group_by(WorkOrder.household_id))
        return visit.page(
            "suppressions.html",
            suppressions=found,
            orders={household_id: order_name(number) for number, household_id in orders},
            names=shown_names(session),
        )


@router.get("/audit")
def show_audit(visit: Here, before: Annotated[int, Query(le=2**53)] = 0, about: str = "") -> Response:
    visit.require("audit")
    with visit.console.desk.database.reading() as session:
        entries = audit.entries(session, before, about, _ENTRIES)
        return visit.page(
            "audit.html",
            entries=[(entry, json.loads(entry.detail)) for entry in entries],
            about=about,
            names=shown_names(session),
            full=_ENTRIES,
        )


def _month(visit: Visit, text: str) -> int:
    """The month asked for; the present one where it is none."""
    try:
        return figures.report_month(text)
    except ValueError:
        return month_of(visit.now)
