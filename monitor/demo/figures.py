"""The demo's last page: what came in, what was said, and three work orders in full."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from alert_sinks.database import open_database
from alert_sinks.work_orders.tables import StoredAlert, WorkOrder
from detectors.alerts import SEVERITIES, Alert, decode
from monitor.demo.gauge import Latency, Reading
from streams.moments import iso

SAMPLES = 3


class Order(NamedTuple):
    """A work order and its alerts, the most urgent first."""

    order_id: str
    state: str
    severity: str
    centre: str
    due_at: str
    alerts: Sequence[Alert]


class Figures(NamedTuple):
    """Everything that the page shows. Rates are changes a second."""

    reading: Reading
    per_second: float
    live_per_second: float
    latency: Latency
    orders: Sequence[Order]


def orders(database: str) -> list[Order]:
    """All work orders with their alerts."""
    opened = open_database(database)
    try:
        with opened.reading() as session:
            alerts: dict[int | None, list[StoredAlert]] = {}
            for alert in session.scalars(sa.select(StoredAlert).options(sa.orm.undefer(StoredAlert.content))):
                alerts.setdefault(alert.order_id, []).append(alert)
            return [
                Order(
                    found.order_id,
                    found.state,
                    found.urgency,
                    found.centre,
                    iso(found.due_at),
                    [decode(a.content) for a in sorted(alerts.get(found.id, ()), key=lambda a: (a.severity, a.source))],
                )
                for found in session.scalars(sa.select(WorkOrder).order_by(WorkOrder.severity, WorkOrder.due_at))
            ]
    finally:
        opened.close()


def show(console: Console, figures: Figures) -> None:
    """Print the page."""
    console.print(_feeds(figures.reading), _alerts(figures.orders), _orders(figures.orders))
    p50, p99 = figures.latency.quantile(0.5), figures.latency.quantile(0.99)
    console.print(
        f"[bold]{figures.per_second:,.0f}[/] changes a second while the past came at once; at "
        f"{figures.live_per_second:,.0f} a second, from publishing a change to its work order: "
        f"[bold]p50 {_seconds(p50)}, p99 {_seconds(p99)}[/]\n"
    )
    for order in _samples(figures.orders):
        console.print(_in_full(order))


def _seconds(value: float | None) -> str:
    return "unknown" if value is None else f"{value * 1000:,.0f} ms"


def _feeds(reading: Reading) -> Table:
    table = Table(title="Changes · 数据", title_justify="left")
    for column in ("feed", "read", "matched", "refused and why"):
        table.add_column(column, justify="left" if column in ("feed", "refused and why") else "right")
    for feed in sorted(reading.changes):
        why = ", ".join(f"{n} {reason}" for (of, reason), n in sorted(reading.rejected.items()) if of == feed and n)
        table.add_row(feed, f"{reading.changes[feed]:,}", f"{reading.matches[feed]:,}", why)
    table.add_section()
    refused = f"{reading.rejected.total():,} refused"
    table.add_row("all", f"{reading.changes.total():,}", f"{reading.matches.total():,}", refused)
    return table


def _alerts(found: Sequence[Order]) -> Table:
    """Standing alerts by rule or detector and direction."""
    table = Table(title="Alerts · 预警", title_justify="left")
    for column in ("source", "title", "direction"):
        table.add_column(column)
    table.add_column("standing", justify="right")
    table.add_column("retracted", justify="right")
    counts: Counter[tuple[str, str, str]] = Counter()
    retracted: Counter[str] = Counter()
    for order in found:
        for alert in order.alerts:
            counts[(alert.direction, alert.source, alert.title.zh)] += alert.status == "raised"
            retracted[alert.source] += alert.status == "retracted"
    for (direction, source, title), count in sorted(counts.items()):
        table.add_row(source, title, direction, str(count), str(retracted[source] or ""))
    return table


def _orders(found: Sequence[Order]) -> Table:
    table = Table(title=f"Work orders · 工单: {len(found)}", title_justify="left")
    counts = Counter(order.severity for order in found)
    for severity in SEVERITIES:
        table.add_column(severity, justify="right")
    table.add_row(*(str(counts[severity]) for severity in SEVERITIES))
    return table


def _samples(found: Sequence[Order]) -> list[Order]:
    """One that asks whether somebody should leave, one that asks for help, one with several alerts."""
    wanted = (
        lambda order: order.alerts[0].direction == "exit",
        lambda order: order.alerts[0].direction == "help",
        lambda order: len(order.alerts) > 1,
    )
    chosen: dict[str, Order] = {}
    for wants in wanted:
        for order in found:
            if order.alerts and order.order_id not in chosen and wants(order):
                chosen[order.order_id] = order
                break
    return list(chosen.values())[:SAMPLES]


def _in_full(order: Order) -> Panel:
    lines = []
    for alert in order.alerts:
        mark = "" if alert.status == "raised" else " [retracted · 已撤回]"
        doubt = "" if alert.match == "exact" else " [names differ · 姓名不符]"
        evidence = msgspec.json.encode(_compared(alert.evidence)).decode()
        lines.append(f"{alert.severity.upper()} · {alert.direction} · {alert.title.zh} ({alert.source}){mark}{doubt}")
        lines.append(f"  {alert.explanation.zh}")
        lines.append(f"  {alert.explanation.en}")
        lines.append(f"  evidence {evidence}")
        lines.append(f"  → {alert.suggested_step.zh}")
    head = f"{order.order_id} · household {order.alerts[0].household_id} · {order.centre} · {order.state}"
    return Panel(Text("\n".join(lines)), title=f"{head} · due {order.due_at[:10]}", title_align="left")


def _compared(evidence: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in evidence.items() if name not in ("changes", "days_to_act")}
