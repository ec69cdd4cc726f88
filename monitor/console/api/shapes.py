"""Orders as the JSON interface shows them. Times are ISO 8601; names and identity numbers are masked."""

from typing import Any

from pydantic import BaseModel

from alert_sinks.work_orders.tables import Evidence, OrderEvent, Suppression, WorkOrder
from streams.moments import iso

from ..households import Person
from ..visit import Visit


class Order(BaseModel):
    """A work order."""

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

    @classmethod
    def of(cls, order: WorkOrder) -> "Order":
        return cls(**order_fields(order))


class Member(BaseModel):
    """A member of the household; analysts' tokens get the pseudonym alone."""

    person: str
    name: str
    id_number: str
    relation: str
    co_resident: bool

    @classmethod
    def of(cls, person: Person) -> "Member":
        return cls(
            person=person.pseudonym,
            name=person.name,
            id_number=person.id_number,
            relation=person.relation,
            co_resident=person.co_resident,
        )


class EvidenceItem(BaseModel):
    """Evidence that an officer attached; a file is fetched by the order's `files/{id}`."""

    id: int
    kind: str
    source: str
    text: str
    file_name: str | None
    file_type: str | None
    added_at: str
    added_by: str
    checked_at: str | None
    checked_by: str | None

    @classmethod
    def of(cls, item: Evidence, visit: Visit) -> "EvidenceItem":
        return cls(
            id=item.id,
            kind=item.kind,
            source=visit.said(item.source),
            text=visit.said(item.text),
            file_name=visit.said(item.file_name) or None,
            file_type=item.file_type,
            added_at=iso(item.added_at),
            added_by=item.added_by,
            checked_at=iso(item.checked_at) if item.checked_at is not None else None,
            checked_by=item.checked_by,
        )


class Event(BaseModel):
    """An entry of the order's history."""

    version: int
    at: str
    actor: str
    kind: str
    note: str
    data: dict[str, Any]

    @classmethod
    def of(cls, event: OrderEvent, visit: Visit) -> "Event":
        return cls(
            version=event.version,
            at=iso(event.at),
            actor=event.actor,
            kind=event.kind,
            note=visit.said(event.note),
            # What was typed into a step stands in its data too.
            data={
                name: visit.said(value) if name == "source" and event.kind == "evidence_added" else value
                for name, value in event.data.items()
            },
        )


class Accepted(BaseModel):
    """Known and accepted: what this source says about this household calls for no action until then."""

    id: int
    household_id: str
    source: str
    until: str
    reason: str
    made_by: str
    lifted_at: str | None

    @classmethod
    def of(cls, made: Suppression, visit: Visit) -> "Accepted":
        return cls(
            id=made.id,
            household_id=made.household_id,
            source=made.source,
            until=iso(made.until),
            reason=visit.said(made.reason),
            made_by=made.made_by,
            lifted_at=iso(made.lifted_at) if made.lifted_at is not None else None,
        )


class OrderInFull(Order):
    """A work order with everything that its page shows.

    `alerts` are the latest revisions (as in the topic alerts.v1), with the answers and verdicts that people gave;
    `missing` says by outcome what still stands in its way.
    """

    alerts: list[dict[str, Any]]
    members: list[Member]
    evidence: list[EvidenceItem]
    history: list[Event]
    accepted: list[Accepted]
    other_orders: list[str]
    notified_at: str | None
    answered_at: str | None
    objection_ends_at: str | None
    proposed_outcome: str | None
    proposed_by: str | None
    missing: dict[str, list[str]]


def order_fields(order: WorkOrder) -> dict[str, Any]:
    """The fields of `Order`."""
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
