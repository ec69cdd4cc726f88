"""Figures and the monthly report."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from streams.moments import SECOND, iso_month, month_of

from .. import figures
from .tokens import Program, require

router = APIRouter()


class SourcePrecision(BaseModel):
    """Officers' verdicts on a source's alerts; `share` is null while nothing was judged."""

    source: str
    right: int
    wrong: int
    data_error: int
    share: float | None


class CentreFigures(BaseModel):
    """How the work of the centre stands; `first_step_seconds` is the median from opening to the first step."""

    open: int
    overdue: int
    by_direction: dict[str, int]
    by_source: dict[str, int]
    first_step_seconds: float | None
    outcomes: dict[str, int]
    precision: list[SourcePrecision]
    load: dict[str, int]


class ReportRow(BaseModel):
    """One line of the monthly report: households, orders (户次) and persons (人次)."""

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


@router.get("/figures")
def how_the_work_stands(visit: Program) -> CentreFigures:
    """The figures of the orders that the token's account may see."""
    require(visit, "figures:read")
    viewer = visit.require("figures")
    with visit.console.desk.database.reading() as session:
        read = figures.read(session, viewer, visit.now)
    return CentreFigures(
        open=read.open,
        overdue=read.overdue,
        by_direction=dict(read.by_direction),
        by_source=dict(read.by_source),
        first_step_seconds=read.first_step / SECOND if read.first_step is not None else None,
        outcomes=dict(read.outcomes),
        precision=[
            SourcePrecision(
                source=row.source, right=row.right, wrong=row.wrong, data_error=row.doubtful_data, share=row.share
            )
            for row in read.precision
        ],
        load=dict(read.load),
    )


@router.get("/report")
def monthly_report(
    visit: Program, month: Annotated[str, Query(pattern=r"^((19|2\d)\d\d-(0[1-9]|1[0-2]))?$")] = ""
) -> MonthlyReport:
    """The monthly report; of the present month unless said."""
    require(visit, "figures:read")
    viewer = visit.require("figures")
    number = figures.report_month(month) if month else month_of(visit.now)
    with visit.console.desk.database.reading() as session:
        report = figures.monthly(session, viewer, number)
    rows = [ReportRow(**vars(row)) for row in report.rows]
    return MonthlyReport(month=iso_month(number), opened=report.opened, closed=report.closed, rows=rows)
