"""Alerts, centres and databases for the tests."""

from typing import Any

from alert_sinks.database import Database, open_database
from alert_sinks.routing import Centre, Routing
from detectors.alerts import Alert, Direction, Severity, Text
from streams.moments import DAY, day_of, day_start, iso, parse_instant

NOW = parse_instant("2026-03-10T09:00:00+08:00")
ROUTING = Routing(
    centres={
        "county": Centre(id="county", name=Text("县中心", "County")),
        "town": Centre(id="town", name=Text("镇中心", "Town"), objection_days=5),
        "relief": Centre(id="relief", name=Text("救助中心", "Relief")),
    },
    routes={("", ""): "county", ("420525101", ""): "town", ("420525101", "help"): "relief"},
)


def make_alert(
    alert_id: str = "a1",
    revision: int = 1,
    *,
    household_id: str | None = "H-1",
    status: str = "raised",
    source: str = "vehicle-owned",
    direction: Direction = "exit",
    severity: Severity = "high",
    occurred_at: str = "2026-03-01T00:00:00+08:00",
    days: int = 20,
    region: str = "420525102003",
    programs: tuple[str, ...] = ("dibao",),
    shadow: bool = False,
    changes: tuple[str, ...] = (),
    **evidence: Any,
) -> Alert:
    """An alert; `changes` are the times of its supporting changes."""
    due = iso(day_start(day_of(parse_instant(occurred_at)) + days) + DAY - 1_000_000)
    return Alert(
        alert_id=alert_id,
        revision=revision,
        status="retracted" if status == "retracted" else "raised",
        source=source,
        source_kind="rule",
        source_version=1,
        direction=direction,
        severity=severity,
        household_id=household_id,
        region=region,
        programs=programs,
        feeds=("vehicles",),
        event_ids=("e1",),
        occurred_at=occurred_at,
        detected_at="2026-03-10T08:59:00+08:00",
        title=Text("名下有车", "Owns a car"),
        explanation=Text("车辆登记显示…", "The register says …"),
        evidence={"days_to_act": days, "changes": [{"occurred_at": at} for at in changes], **evidence},
        match="exact",
        suggested_step=Text("核实", "Verify"),
        due_at=due,
        shadow=shadow,
    )


def memory_database() -> Database:
    """A fresh database that lives as long as the test."""
    return open_database("sqlite://")
