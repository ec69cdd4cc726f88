"""New and changed orders as server-sent events, so that the inbox is fresh without reloading."""

import asyncio
from collections.abc import AsyncIterator

import sqlalchemy as sa
from fastapi import APIRouter, Request, Response
from sqlalchemy.exc import DBAPIError
from sse_starlette import EventSourceResponse

from alert_sinks.work_orders.tables import OrderEvent, WorkOrder
from streams.moments import SECOND

from .access import RefusedError
from .accounts import find_browser
from .visit import COOKIE, Console, Here

router = APIRouter()
_POLL_SECONDS = 2.0
_OVERLAP = 15 * SECOND
"""Events are looked for again this long, for a transaction with a lower number may commit later."""


@router.get("/events")
async def listen(visit: Here, request: Request) -> Response:
    """One `orders` event for each change of an order that the viewer may see, from Last-Event-ID (or `after`) on."""
    if not visit.viewer.may("orders"):
        raise RefusedError("orders")
    asked = request.headers.get("last-event-id") or request.query_params.get("after", "")
    last = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else 0
    token = request.cookies.get(COOKIE, "")
    return EventSourceResponse(_events(visit.console, token, last), ping=20)


async def _events(console: Console, token: str, last: int) -> AsyncIterator[dict[str, str]]:
    sent: set[int] = set()
    while True:
        try:
            found = await asyncio.to_thread(_news, console, token, last, sent)
        except DBAPIError:
            found = []  # away for now; the next look finds what came meanwhile
        if found is None:
            return
        for number, order_id, kind in found:
            sent.add(number)
            last = max(last, number)
            yield {"id": str(number), "event": "orders", "data": f"{order_id} {kind}"}
        if len(sent) > 5000:
            sent = set(sorted(sent)[-2000:])
        await asyncio.sleep(_POLL_SECONDS)


def _news(console: Console, token: str, last: int, sent: set[int]) -> list[tuple[int, str, str]] | None:
    """What happened since; None when the listener is no longer signed in."""
    now = console.clock()
    with console.desk.database.reading() as session:
        browser = find_browser(session, token, now)
        if browser is None:
            return None
        since = sa.or_(OrderEvent.id > last, sa.and_(OrderEvent.at > now - _OVERLAP, OrderEvent.id > last - 10_000))
        rows = session.execute(
            sa.select(OrderEvent.id, WorkOrder, OrderEvent.kind)
            .join(WorkOrder, WorkOrder.id == OrderEvent.order_id)
            .where(since, browser.viewer.condition())
            .order_by(OrderEvent.id)
            .limit(500)
        ).all()
    return [(number, order.order_id, kind) for number, order, kind in rows if number not in sent]
