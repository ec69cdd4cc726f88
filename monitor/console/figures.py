"""Figures for supervisors and analysts, and the monthly report (月报)."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from alert_sinks.work_orders.tables import StoredAlert, WorkOrder
from detectors.alerts import decode as decode_alert
from streams.moments import month_start, parse_month

from .access import Viewer


@dataclass(frozen=True)
class Precision:
    """Officers' verdicts on one source's alerts."""

    source: str
    right: int
    wrong: int
    doubtful_data: int

    @property
    def share(self) -> float | None:
        judged = self.right + self.wrong
        return self.right / judged if judged else None


@dataclass(frozen=True)
class Figures:
    """The state of a centre's work. Times are microseconds."""

    open: int
    overdue: int
    by_direction: Mapping[str, int]
    by_source: Mapping[str, int]
    first_step: float | None
    outcomes: Mapping[str, int]
    precision: Sequence[Precision]
    load: Mapping[str, int]


def read(session: Session, viewer: Viewer, now: int) -> Figures:
    """The figures of the orders that the viewer may see."""
    mine = viewer.condition()
    still_open = sa.and_(mine, WorkOrder.state != "closed")
    rows = session.execute(
        sa.select(WorkOrder.directions, WorkOrder.sources, WorkOrder.due_at, WorkOrder.assignee).where(still_open)
    ).all()
    by_direction = Counter(direction for row in rows for direction in row[0])
    by_source = Counter(source for row in rows for source in row[1])
    waits = session.scalars(
        sa.select(WorkOrder.first_step_at - WorkOrder.opened_at)
        .where(mine, WorkOrder.first_step_at.is_not(None))
        .order_by(WorkOrder.id.desc())
        .limit(1000)
    ).all()
    outcomes = session.execute(
        sa.select(WorkOrder.outcome, sa.func.count())
        .where(mine, WorkOrder.state == "closed")
        .group_by(WorkOrder.outcome)
        .order_by(sa.func.count().desc(), WorkOrder.outcome)
    )
    return Figures(
        open=len(rows),
        overdue=sum(row[2] < now for row in rows),
        by_direction=dict(by_direction.most_common()),
        by_source=dict(by_source.most_common()),
        first_step=median(w for w in waits if w is not None) if waits else None,
        outcomes={outcome or "": number for outcome, number in outcomes},
        precision=_precision(session, mine),
        load=dict(Counter(row[3] for row in rows if row[3]).most_common()),
    )


def _precision(session: Session, mine: sa.ColumnElement[bool]) -> list[Precision]:
    judged = session.execute(
        sa.select(StoredAlert.source, StoredAlert.verdict, sa.func.count())
        .join(WorkOrder, WorkOrder.id == StoredAlert.order_id)
        .where(mine, StoredAlert.verdict.is_not(None))
        .group_by(StoredAlert.source, StoredAlert.verdict)
    )
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    for source, verdict, number in judged:
        counts[source][verdict or ""] = number
    return [
        Precision(source, found.get("true", 0), found.get("false", 0), found.get("data_error", 0))
        for source, found in sorted(counts.items())
    ]


DIMENSIONS = ("program", "source", "direction", "region", "outcome")


@dataclass(frozen=True)
class ReportRow:
    """One line of the monthly report: households (户), how often a household had an order (户次), and how often a
    person was what an alert in it was about (人次)."""

    dimension: str
    value: str
    households: int
    orders: int
    persons: int


@dataclass(frozen=True)
class Report:
    """A month's report: orders opened in it by what they are about, and orders closed in it by outcome."""

    month: int
    opened: int
    closed: int
    rows: Sequence[ReportRow]


def report_month(text: str) -> int:
    """Read the month of a report, ``YYYY-MM``. Raises ValueError for what is none, or lies beyond every record."""
    month = parse_month(text)
    if not 1900 <= month // 12 <= 2999:
        raise ValueError(f"no month of records: {text!r}")
    return month


def monthly(session: Session, viewer: Viewer, month: int) -> Report:
    """The report of a month (a month number). Regions are counties, by their first six digits."""
    start, end = month_start(month), month_start(month + 1)
    mine = viewer.condition()
    opened = session.scalars(
        sa.select(WorkOrder).where(mine, WorkOrder.opened_at >= start, WorkOrder.opened_at < end)
    ).all()
    closed = session.scalars(
        sa.select(WorkOrder).where(mine, WorkOrder.closed_at >= start, WorkOrder.closed_at < end)
    ).all()
    subjects = _subjects(session, {order.id for order in (*opened, *closed)})
    tally: dict[tuple[str, str], list[WorkOrder]] = defaultdict(list)
    for order in opened:
        for dimension, values in (
            ("program", order.programs),
            ("source", order.sources),
            ("direction", order.directions),
            ("region", (order.region[:6],)),
        ):
            for value in values:
                tally[dimension, value].append(order)
    for order in closed:
        tally["outcome", order.outcome or ""].append(order)
    rows = [
        ReportRow(
            dimension=dimension,
            value=value,
            households=len({order.household_id for order in orders}),
            orders=len(orders),
            persons=sum(_persons(subjects[order.id], dimension, value) for order in orders),
        )
        for (dimension, value), orders in tally.items()
    ]
    rows.sort(key=lambda row: (DIMENSIONS.index(row.dimension), -row.orders, row.value))
    return Report(month, len(opened), len(closed), rows)


class _Subject(NamedTuple):
    """Whom an alert is about."""

    source: str
    direction: str
    person: str


def _persons(subjects: Sequence[_Subject], dimension: str, value: str) -> int:
    """How many persons an order counts for on a line; a household of which nobody is named counts as one."""
    if dimension == "source":
        subjects = [subject for subject in subjects if subject.source == value]
    elif dimension == "direction":
        subjects = [subject for subject in subjects if subject.direction == value]
    return max(1, len({subject.person for subject in subjects}))


def _subjects(session: Session, order_ids: set[int]) -> dict[int, list[_Subject]]:
    """By order, whom its alerts are about; an alert about the household as a whole names nobody."""
    found: dict[int, list[_Subject]] = defaultdict(list)
    ids = sorted(order_ids)
    for start in range(0, len(ids), 1000):
        held = session.execute(
            sa.select(StoredAlert.order_id, StoredAlert.source, StoredAlert.direction, StoredAlert.content).where(
                StoredAlert.order_id.in_(ids[start : start + 1000])
            )
        )
        for order_id, source, direction, content in held:
            person = decode_alert(content).person
            if order_id is not None and isinstance(person, str):
                found[order_id].append(_Subject(source, direction, person))
    return found
