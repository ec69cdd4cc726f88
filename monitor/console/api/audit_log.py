"""The audit log, for auditors' programs."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel

from streams.moments import iso

from .. import audit
from .tokens import Program, require

router = APIRouter()


class LogEntry(BaseModel):
    """An entry; each carries the hash of the one before it."""

    id: int
    at: str
    actor: str
    action: str
    object: str
    detail: dict[str, Any]
    previous: str
    hash: str


class LogPage(BaseModel):
    """A page of entries, newest first; `next_cursor` is null on the last one."""

    items: list[LogEntry]
    next_cursor: str | None


@router.get("/audit")
def audit_log(
    visit: Program,
    cursor: Annotated[str, Query(pattern=r"^(\d{1,15})?$")] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 200,
    about: Annotated[str, Query(max_length=100)] = "",
) -> LogPage:
    """Who looked at what, or did what, newest first; `about` is an order or an account."""
    require(visit, "audit:read")
    visit.require("audit")
    with visit.console.desk.database.reading() as session:
        entries = audit.entries(session, int(cursor or 0), about, limit + 1)
    shown = entries[:limit]
    return LogPage(
        items=[
            LogEntry(
                id=entry.id,
                at=iso(entry.at),
                actor=entry.actor,
                action=entry.action,
                object=entry.object,
                detail=json.loads(entry.detail),
                previous=entry.previous,
                hash=entry.hash,
            )
            for entry in shown
        ],
        next_cursor=str(shown[-1].id) if len(entries) > limit else None,
    )
