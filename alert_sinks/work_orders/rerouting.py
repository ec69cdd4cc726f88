"""After a change of the routing, orders that nobody has taken go to the centre that they belong to now."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from alert_sinks.routing import Routing

from .attaching import lock_households
from .standing import settle
from .suppressed import suppressed_until
from .tables import OrderEvent, StoredAlert, WorkOrder


def reroute(session: Session, routing: Routing, after: int, limit: int, *, actor: str, now: int) -> int | None:
    """Do so for the next orders behind `after`; the last of them, None when there are no more. The caller commits
    after each call, so that no household waits for all the others."""
    found = sa.select(WorkOrder.id, WorkOrder.household_id).where(WorkOrder.state == "new", WorkOrder.id > after)
    wanted = session.execute(found.order_by(WorkOrder.id).limit(limit)).all()
    if not wanted:
        return None
    households = [household_id for _, household_id in wanted]
    lock_households(session, households)
    suppressed = suppressed_until(session, households, now)
    for number, _ in wanted:
        order = session.get_one(WorkOrder, number, populate_existing=True)
        if order.state != "new":
            continue
        before = order.centre
        alerts = session.scalars(sa.select(StoredAlert).where(StoredAlert.order_id == number)).all()
        settle(order, alerts, routing, suppressed)
        if order.centre == before:
            continue
        order.version += 1
        data = {"from": before, "to": order.centre}
        event = OrderEvent(
            order_id=number, version=order.version, at=now, actor=actor, kind="rerouted", note="", data=data
        )
        session.add(event)
    return wanted[-1][0]
