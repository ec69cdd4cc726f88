"""All that one order's page shows: its alerts, what happened in words, evidence, earlier orders, history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from alert_sinks.work_orders.case import Case
from alert_sinks.work_orders.closing import OUTCOMES, obstacles
from alert_sinks.work_orders.steps import objection_ends
from alert_sinks.work_orders.tables import Evidence, OrderEvent, StoredAlert, Suppression, WorkOrder
from detectors.alerts import Alert
from detectors.alerts import decode as decode_alert

from .access import Viewer
from .chart import Chart, chart_of

_UNSHOWN = frozenset({"changes", "days_to_act", "only_member", "feed_doubtful"})
"""Evidence that the page says in its own words, or that is for the desk."""


@dataclass(frozen=True)
class ShownAlert:
    """An alert as stored and as it came, with its evidence as rows, and a chart where it holds numbers over time."""

    stored: StoredAlert
    alert: Alert
    evidence: Sequence[tuple[str, Any]]
    chart: Chart | None
    suppressed_until: int | None


@dataclass(frozen=True)
class Happening:
    """One thing on the timeline: an alert's circumstance, or an event of the order."""

    at: int
    alert: ShownAlert | None = None
    event: OrderEvent | None = None


@dataclass(frozen=True)
class Dossier:
    """An order with everything around it. `missing` stands in the way of every outcome, `missing_for` of one beside."""

    order: WorkOrder
    alerts: Sequence[ShownAlert]
    timeline: Sequence[Happening]
    evidence: Sequence[Evidence]
    history: Sequence[OrderEvent]
    earlier: Sequence[WorkOrder]
    suppressions: Sequence[Suppression]
    objection_ends: int | None
    missing: Sequence[str]
    missing_for: Mapping[str, Sequence[str]]


def read(session: Session, case: Case, viewer: Viewer) -> Dossier:
    """Read an order's dossier, and the household's other orders as far as the viewer may see them; change nothing."""
    order = case.order
    suppressions = session.scalars(
        sa.select(Suppression).where(Suppression.household_id == order.household_id).order_by(Suppression.id.desc())
    ).all()
    alerts = _alerts(session, order, suppressions, case.now)
    history = session.scalars(
        sa.select(OrderEvent).where(OrderEvent.order_id == order.id).order_by(OrderEvent.version)
    ).all()
    earlier = session.scalars(
        sa.select(WorkOrder)
        .where(WorkOrder.household_id == order.household_id, WorkOrder.id != order.id, viewer.condition())
        .order_by(WorkOrder.id.desc())
        .limit(20)
    ).all()
    each = {outcome: obstacles(case, outcome) for outcome in OUTCOMES}
    always = [reason for reason in each[OUTCOMES[0]] if all(reason in found for found in each.values())]
    happenings = [Happening(shown.stored.occurred_at, alert=shown) for shown in alerts]
    happenings += [Happening(event.at, event=event) for event in history if event.actor != "system"]
    return Dossier(
        order=order,
        alerts=alerts,
        timeline=sorted(happenings, key=lambda happening: happening.at),
        evidence=sorted(case.evidence, key=lambda item: item.id),
        history=history,
        earlier=earlier,
        suppressions=suppressions,
        objection_ends=objection_ends(case),
        missing=always,
        missing_for={outcome: [reason for reason in found if reason not in always] for outcome, found in each.items()},
    )


def _alerts(session: Session, order: WorkOrder, suppressions: Sequence[Suppression], now: int) -> list[ShownAlert]:
    held = session.scalars(
        sa.select(StoredAlert).options(undefer(StoredAlert.content)).where(StoredAlert.order_id == order.id)
    ).all()
    accepted = {made.source: made.until for made in suppressions if made.lifted_at is None and made.until > now}
    shown = [_shown(stored, accepted.get(stored.source)) for stored in held]
    return sorted(shown, key=lambda s: (not s.stored.stands, s.stored.inhibited, s.stored.severity, s.stored.due_at))


def _shown(stored: StoredAlert, suppressed_until: int | None) -> ShownAlert:
    alert = decode_alert(stored.content)
    chart, drawn = chart_of(alert.evidence)
    rows = [(name, value) for name, value in alert.evidence.items() if name not in _UNSHOWN and name != drawn]
    return ShownAlert(stored, alert, rows, chart, suppressed_until)
