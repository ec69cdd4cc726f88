"""Attaches alerts to work orders: every alert about a household is in exactly one order, at most one of which is open.

A batch is one transaction. It locks its households first, so that two workers, or a worker and an officer, never
decide about the same household at once; the partial unique index of open orders holds even if they did.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from alert_sinks.routing import Routing
from detectors.alerts import Alert, encode

from .reading import take_in
from .standing import direction_of, settle
from .suppressed import suppressed_until
from .tables import AlertRevision, Household, OrderEvent, StoredAlert, WorkOrder

SYSTEM = "system"
Effect = Literal["opened", "attached", "revised", "reopened", "moved", "stored", "known", "refused"]


@dataclass(frozen=True, kw_only=True)
class Attached:
    """What became of one alert. `stored`: it raises no order; `known`: it came before; `refused`: `reason` says why."""

    alert_id: str
    revision: int
    effect: Effect
    order_id: int | None = None
    reason: str = ""


def lock_households(session: Session, household_ids: Iterable[str]) -> None:
    """Wait until no other transaction holds these households, and hold them until this one ends.

    Always in one order, so that two transactions cannot wait for each other. SQLite has locked the whole database.
    """
    wanted = sorted(set(household_ids))
    if not wanted:
        return
    postgres = session.get_bind().dialect.name == "postgresql"
    insert = postgresql.insert(Household) if postgres else sqlite.insert(Household)
    session.execute(insert.on_conflict_do_nothing(), [{"household_id": name} for name in wanted])
    if postgres:
        rows = sa.select(Household.household_id).where(Household.household_id.in_(wanted))
        session.execute(rows.order_by(Household.household_id).with_for_update()).all()


def attach_batch(session: Session, alerts: Sequence[Alert], routing: Routing, now: int) -> list[Attached]:
    """Attach alerts in the order in which they come; the caller commits. Repeated ones change nothing."""
    lock_households(session, (alert.household_id for alert in alerts if alert.household_id is not None))
    batch = _Batch(session, alerts, routing, now)
    done = [batch.apply(alert) for alert in alerts]
    batch.write()
    return [batch.attached(alert, effect) for alert, effect in zip(alerts, done, strict=True)]


class _Batch:
    """The stored alerts and orders that a batch concerns, read in a few statements and written in a few."""

    def __init__(self, session: Session, alerts: Sequence[Alert], routing: Routing, now: int) -> None:
        self.session = session
        self.routing = routing
        self.now = now
        ids = {alert.alert_id for alert in alerts}
        households = {alert.household_id for alert in alerts if alert.household_id is not None}
        self.rows = {row.alert_id: row for row in session.scalars(_where(StoredAlert.alert_id, ids))}
        held_by = {row.order_id for row in self.rows.values() if row.order_id is not None}
        is_open = sa.and_(WorkOrder.household_id.in_(households), WorkOrder.state != "closed")
        found = session.scalars(sa.select(WorkOrder).where(sa.or_(is_open, WorkOrder.id.in_(held_by))))
        orders = {order.id: order for order in found}
        self.open = {order.household_id: order for order in orders.values() if order.is_open}
        self.order_of = {row.alert_id: orders[row.order_id] for row in self.rows.values() if row.order_id is not None}
        self.held: dict[WorkOrder, dict[str, StoredAlert]] = defaultdict(dict)
        for row in session.scalars(_where(StoredAlert.order_id, orders.keys())):
            if row.order_id is not None:
                self.held[orders[row.order_id]][row.alert_id] = row
        known = _where(AlertRevision.alert_id, ids).with_only_columns(AlertRevision.alert_id, AlertRevision.revision)
        self.known = {(alert_id, revision) for alert_id, revision in session.execute(known)}
        self.suppressed = suppressed_until(session, households, now)
        self.revisions: list[dict[str, Any]] = []
        self.events: list[tuple[WorkOrder, dict[str, Any]]] = []
        self.touched: dict[WorkOrder, None] = {}

    def apply(self, alert: Alert) -> Effect:
        """Take one alert in."""
        key = alert.alert_id, alert.revision
        if key in self.known:
            return "known"
        content = encode(alert)
        row = self.rows.get(alert.alert_id)
        before = row.status if row is not None else None
        if row is None or alert.revision > row.revision:
            row = row or StoredAlert(alert_id=alert.alert_id, received_at=self.now, inhibited=False)
            take_in(row, alert, content, self.now)
            self.rows[alert.alert_id] = row
            effect = self._place(row, before)
        else:
            effect = "known"  # an older revision that comes late is kept and changes nothing else
        self.known.add(key)
        self.revisions.append({"alert_id": key[0], "revision": key[1], "received_at": self.now, "content": content})
        return effect

    def _place(self, row: StoredAlert, before: str | None) -> Effect:
        """Find the order of an alert's new revision. `before` is the status of the revision before it."""
        order = self.order_of.get(row.alert_id)
        if order is None:
            if row.household_id is None or row.shadow:
                return "stored"
            return self._into_open_order(row, row.household_id)
        if row.stands and before == "retracted":
            row.answer = row.answer_program = row.answer_note = None
        if not order.is_open and calls_again(row, before, order):
            return self._bring_back(row, order)
        kind = (
            "alert_retracted" if not row.stands else "alert_raised_again" if before == "retracted" else "alert_revised"
        )
        self._event(order, kind, row)
        return "revised"

    def _into_open_order(self, row: StoredAlert, household_id: str) -> Effect:
        order = self.open.get(household_id)
        effect: Effect = "attached"
        if order is None:
            effect = "opened"
            order = self.open[household_id] = WorkOrder(
                household_id=household_id,
                region=row.region,
                centre=self.routing.centre_of(row.region, direction_of(row)).id,
                state="new",
                opened_at=self.now,
                counted_from=self.now,
                severity=row.severity,
                due_at=row.due_at,
                round=1,
                version=0,
            )
            self._event(order, "opened")
        self._put(row, order, "alert_attached")
        return effect

    def _bring_back(self, row: StoredAlert, closed: WorkOrder) -> Effect:
        """An alert of a closed order calls for action again."""
        order = self.open.get(closed.household_id)
        if order is not None:
            self._event(closed, "alert_moved_away", row)
            del self.held[closed][row.alert_id]
            self._put(row, order, "alert_moved_here")
            return "moved"
        reopen(closed, self.now)
        self.open[closed.household_id] = closed
        self._event(closed, "reopened", row)
        return "reopened"

    def _put(self, row: StoredAlert, order: WorkOrder, kind: str) -> None:
        self.held[order][row.alert_id] = row
        self.order_of[row.alert_id] = order
        self._event(order, kind, row)

    def _event(self, order: WorkOrder, kind: str, row: StoredAlert | None = None) -> None:
        if row is not None and order.proposal is not None:
            order.proposal = None
            self._event(order, "proposal_lapsed")
        order.version += 1
        data = {} if row is None else {"alert_id": row.alert_id, "revision": row.revision, "source": row.source}
        values = {"version": order.version, "at": self.now, "actor": SYSTEM, "kind": kind, "note": "", "data": data}
        self.events.append((order, values))
        self.touched[order] = None

    def write(self) -> None:
        """Work out what follows for each order, and write everything."""
        for order in self.touched:
            if order.is_open:
                settle(order, list(self.held[order].values()), self.routing, self.suppressed)
        self.session.add_all(self.touched)
        self.session.flush()
        for alert_id, order in self.order_of.items():
            self.rows[alert_id].order_id = order.id
        self.session.add_all(self.rows.values())
        self.session.flush()
        if self.revisions:
            self.session.execute(sa.insert(AlertRevision), self.revisions)
        if self.events:
            self.session.execute(
                sa.insert(OrderEvent), [{"order_id": order.id, **values} for order, values in self.events]
            )

    def attached(self, alert: Alert, effect: Effect) -> Attached:
        order = self.order_of.get(alert.alert_id)
        return Attached(
            alert_id=alert.alert_id,
            revision=alert.revision,
            effect=effect,
            order_id=order.id if order is not None else None,
        )


def calls_again(row: StoredAlert, before: str | None, order: WorkOrder) -> bool:
    """An alert of a closed order was raised again after a retraction, or is supported by what happened since."""
    if not row.stands or order.closed_at is None:
        return False
    return before == "retracted" or row.supported_at > order.closed_at


def reopen(order: WorkOrder, now: int) -> None:
    """Begin a new round: what was notified, answered and decided before stays in the history only."""
    order.state = "new"
    order.round += 1
    order.counted_from = now
    order.closed_at = order.outcome = order.assignee = None
    order.notified_at = order.notified_how = order.answered_at = None
    order.proposal = None


def _where(column: Any, values: Iterable[Any]) -> sa.Select[Any]:
    return sa.select(column.class_).where(column.in_(list(values)))
