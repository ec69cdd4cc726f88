"""The inbox: open orders, most urgent first, filtered, page by page."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from alert_sinks.work_orders.steps import OPEN_STATES
from alert_sinks.work_orders.tables import OrderEvent, StoredAlert, WorkOrder
from detectors.alerts import SEVERITIES, Text
from detectors.alerts import decode as decode_alert
from streams.moments import DAY

from .access import Viewer
from .cleaning import clean

PAGE = 50
CURSOR = r"\d\.\d{1,16}\.\d{1,18}"
_CURSOR = re.compile(CURSOR)
DUE = ("overdue", "3_days", "7_days")
ANY = "any"
"""The state that asks for open and closed orders; who asks for a household without a state means this one."""


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What an officer is looking for; an empty field asks for nothing. `quiet` adds orders that call for no action."""

    state: str = ""
    direction: str = ""
    severity: str = ""
    program: str = ""
    source: str = ""
    region: str = ""
    due: str = ""
    household: str = ""
    assignee: str = ""
    quiet: str = ""

    @classmethod
    def of(cls, values: Mapping[str, str]) -> "Filter":
        return cls(**{field.name: clean(values.get(field.name, "")) for field in fields(cls)})

    @property
    def parts(self) -> dict[str, str]:
        """The fields that ask for something."""
        return {field.name: value for field in fields(self) if (value := getattr(self, field.name))}

    def conditions(self, now: int) -> list[sa.ColumnElement[bool]]:
        found: list[sa.ColumnElement[bool]] = []
        state = self.state or (ANY if self.household else "")
        if state and state != ANY:
            found.append(WorkOrder.state == state)
        if not state or state in OPEN_STATES:
            # Beside the state itself, for the index of the inbox holds open orders only.
            found.append(WorkOrder.state != "closed")
            if not self.quiet:
                found.append(WorkOrder.quiet_until <= now)
        for column, word in (
            (WorkOrder.directions, self.direction),
            (WorkOrder.programs, self.program),
            (WorkOrder.sources, self.source),
        ):
            if word:
                found.append(sa.type_coerce(column, sa.Text).contains(f",{word},", autoescape=True))
        if self.severity in SEVERITIES:
            found.append(WorkOrder.severity == SEVERITIES.index(self.severity))
        if self.region:
            found.append(WorkOrder.region.startswith(self.region, autoescape=True))
        if self.due:
            days = {"overdue": 0, "3_days": 3, "7_days": 7}.get(self.due, 0)
            found.append(WorkOrder.due_at < now + days * DAY)
        if self.household:
            found.append(WorkOrder.household_id.startswith(self.household, autoescape=True))
        if self.assignee:
            found.append(WorkOrder.assignee == self.assignee)
        return found


@dataclass(frozen=True)
class Row:
    """An order in the list, with the titles of its standing alerts, the most urgent first."""

    order: WorkOrder
    titles: Sequence[Text]


@dataclass(frozen=True)
class Page:
    """Rows, and the cursor of the next page; None on the last one."""

    rows: Sequence[Row]
    next_cursor: str | None


def find(session: Session, viewer: Viewer, wanted: Filter, now: int, cursor: str = "", limit: int = PAGE) -> Page:
    """The orders that the viewer may see, most urgent first. Raises ValueError for a cursor that is none."""
    place = sa.tuple_(WorkOrder.severity, WorkOrder.due_at, WorkOrder.id)
    query = sa.select(WorkOrder).where(viewer.condition(), *wanted.conditions(now))
    if cursor:
        if not _CURSOR.fullmatch(cursor):
            raise ValueError("no cursor")
        severity, due_at, number = (int(part) for part in cursor.split("."))
        query = query.where(place > (severity, due_at, number))
    query = query.order_by(WorkOrder.severity, WorkOrder.due_at, WorkOrder.id).limit(limit + 1)
    orders = session.scalars(query).all()
    shown = orders[:limit]
    titles = _titles(session, [order.id for order in shown])
    more = f"{shown[-1].severity}.{shown[-1].due_at}.{shown[-1].id}" if len(orders) > limit else None
    return Page([Row(order, titles.get(order.id, ())) for order in shown], more)


@dataclass(frozen=True)
class Counts:
    """How many open orders there are for a viewer, by severity and state; `mine` are those assigned to the viewer."""

    total: int
    overdue: int
    mine: int
    unassigned: int
    by_severity: Mapping[str, int]


def count(session: Session, viewer: Viewer, now: int) -> Counts:
    """The counts above the list: open orders that call for action."""
    mine = sa.case((WorkOrder.assignee == viewer.name, 1), else_=0)
    late = sa.case((WorkOrder.due_at < now, 1), else_=0)
    fresh = sa.case((WorkOrder.state == "new", 1), else_=0)
    rows = session.execute(
        sa.select(WorkOrder.severity, sa.func.count(), sa.func.sum(late), sa.func.sum(mine), sa.func.sum(fresh))
        .where(viewer.condition(), WorkOrder.state != "closed", WorkOrder.quiet_until <= now)
        .group_by(WorkOrder.severity)
    ).all()
    by_severity: dict[str, int] = dict.fromkeys(SEVERITIES, 0)
    for severity, number, *_ in rows:
        by_severity[SEVERITIES[severity]] = number
    return Counts(
        total=sum(row[1] for row in rows),
        overdue=sum(row[2] for row in rows),
        mine=sum(row[3] for row in rows),
        unassigned=sum(row[4] for row in rows),
        by_severity=by_severity,
    )


def _titles(session: Session, order_ids: Sequence[int]) -> dict[int, list[Text]]:
    alerts = session.scalars(
        sa.select(StoredAlert)
        .options(undefer(StoredAlert.content))
        .where(StoredAlert.order_id.in_(order_ids))
        .order_by(StoredAlert.status, StoredAlert.severity, StoredAlert.alert_id)
    )
    titles: dict[int, list[Text]] = {}
    for alert in alerts:
        if alert.order_id is None:
            continue
        title = decode_alert(alert.content).title
        known = titles.setdefault(alert.order_id, [])
        if title not in known:
            known.append(title)
    return titles


def last_event(session: Session) -> int:
    """The newest event, from which a page listens on."""
    return session.scalar(sa.select(sa.func.max(OrderEvent.id))) or 0
