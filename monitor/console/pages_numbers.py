"""Figures, the monthly report, feeds, suppressions, and the audit log."""

from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Query, Response

from alert_sinks.work_orders.tables import Suppression, WorkOrder
from monitor import feed_days
from streams.moments import day_start, iso_month, month_of

from . import audit, figures
from .cleaning import clean
from .feeds import divisions_in_doubt, feed_alerts
from .people import shown_names
from .sheet import shown_value, workbook
from .tables import AuditEntry
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
            doubts=divisions_in_doubt(alerts),
            window=feed_days.WINDOW,
            day_start=day_start,
        )


@router.get("/suppressions")
def show_suppressions(visit: Here) -> Response:
    viewer = visit.require("orders")
    seen = sa.select(WorkOrder.household_id).where(viewer.condition())
    wanted = (
        sa.select(Suppression)
        .where(Suppression.lifted_at.is_(None), Suppression.until > visit.now, Suppression.household_id.in_(seen))
        .order_by(Suppression.until)
    )
    latest = sa.select(sa.func.max(WorkOrder.id), WorkOrder.household_id).where(viewer.condition())
    with visit.console.desk.database.reading() as session:
        found = session.scalars(wanted).all()
        households = [made.household_id for made in found]
        orders = session.execute(latest.where(WorkOrder.household_id.in_(households)).group_by(WorkOrder.household_id))
        return visit.page(
            "suppressions.html",
            suppressions=found,
            orders={household_id: f"WO-{number:07d}" for number, household_id in orders},
            names=shown_names(session),
        )


@router.get("/audit")
def show_audit(visit: Here, before: Annotated[int, Query(le=2**53)] = 0, about: str = "") -> Response:
    visit.require("audit")
    wanted = sa.select(AuditEntry).order_by(AuditEntry.id.desc()).limit(_ENTRIES)
    if before > 0:
        wanted = wanted.where(AuditEntry.id < before)
    if about := clean(about):
        wanted = wanted.where(sa.or_(AuditEntry.object == about, AuditEntry.actor == about))
    with visit.console.desk.database.reading() as session:
        entries = session.scalars(wanted).all()
        return visit.page("audit.html", entries=entries, about=about, names=shown_names(session), full=_ENTRIES)


def _month(visit: Visit, text: str) -> int:
    """The month asked for; the present one where it is none."""
    try:
        return figures.report_month(text)
    except ValueError:
        return month_of(visit.now)
