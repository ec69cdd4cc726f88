"""New and changed orders as server-sent events, so that the inbox is fresh without reloading."""

import asyncio
from collections.abc import AsyncIterator

import sqlalchemy as sa
from fastapi import APIRouter, Request, Response
from sqlalchemy.exc import DBAPIError, TimeoutError
from sse_starlette import EventSourceResponse

from alert_sinks.work_orders.tables import OrderEvent, WorkOrder, order_name
from streams.moments import SECOND

from .access import RefusedError
from .accounts import find_browser
from .visit import COOKIE, Console, Here

router = APIRouter()
_POLL_SECONDS = 2.0
_OVERLAP = 15 * SECOND
"""Events are looked for again this long, for a transaction with a lower number may commit later."""
_LATE, _AT_ONCE, _REMEMBERED = 5_000, 500, 20_000


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
        except (DBAPIError, TimeoutError):
            found = []  # away for now; the next look finds what came meanwhile
        if found is None:
            return
        for number, order_id, kind in found:
            sent.add(number)
            last = max(last, number)
            yield {"id": str(number), "event": "orders", "data": f"{order_id} {kind}"}
        if len(sent) > _REMEMBERED:
            sent = set(sorted(sent)[-_LATE:])
        await asyncio.sleep(_POLL_SECONDS)


def _news(console: Console, token: str, last: int, sent: set[int]) -> list[tuple[int, str, str]] | None:
    """What happened since; None when the listener is no longer signed in."""
    now = console.clock()
    with console.desk.database.reading() as session:
        browser = find_browser(session, token, now)
        if browser is None:
            return None
        rows = sa.select(OrderEvent.id, WorkOrder.id, OrderEvent.kind).join(
            WorkOrder, WorkOrder.id == OrderEvent.order_id
        )
        rows = rows.where(browser.viewer.condition()).order_by(OrderEvent.id)
        late = rows.where(OrderEvent.id <= last, OrderEvent.id > last - _LATE, OrderEvent.at > now - _OVERLAP)
        # The late ones apart, so that many of them do not keep the new ones waiting.
        found = [row for row in session.execute(late) if row[0] not in sent]
        found += session.execute(rows.where(OrderEvent.id > last).limit(_AT_ONCE)).all()
    return [(number, order_name(order_id), kind) for number, order_id, kind in found]
