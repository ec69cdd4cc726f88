"""Administrators manage the centres, and which of them follows up what."""

from collections.abc import Callable

import sqlalchemy as sa
from fastapi import APIRouter, Response
from sqlalchemy.exc import IntegrityError

from alert_sinks import centres
from alert_sinks.routing import DIRECTIONS, Centre, Routing
from alert_sinks.work_orders.tables import WorkOrder
from detectors.alerts import Text
from streams.errors import NamedError

from . import audit
from .access import RefusedError
from .people import shown_names
from .tables import Account
from .visit import Form, Here, Sent, Visit, redirect

router = APIRouter()


def _centre(routing: Routing, sent: Form) -> Routing:
    name = Text(sent["zh"], sent["en"])
    return centres.with_centre(routing, Centre(id=sent["id"], name=name, objection_days=sent.number("days")))


CHANGES: dict[str, Callable[[Routing, Form], Routing | None]] = {
    "centre": _centre,
    "centre_gone": lambda routing, sent: centres.without_centre(routing, sent["id"]),
    "route": lambda routing, sent: centres.with_route(routing, sent["region"], sent["direction"], sent["centre"]),
    "route_gone": lambda routing, sent: centres.without_route(routing, sent["region"], sent["direction"]),
    "file": lambda _, __: None,
}
"""What can be done to the routing; None is the one of the file."""


@router.get("/centres")
def show(visit: Here) -> Response:
    visit.require("users")
    return _page(visit)


@router.post("/centres/{change}")
def change(visit: Here, sent: Sent, change: str) -> Response:
    """Change the routing; orders that nobody has taken go to their new centre at once."""
    viewer = visit.require("users")
    desk = visit.console.desk
    try:
        if change not in CHANGES:
            raise RefusedError(change)
        with desk.database.writing() as session:
            made = CHANGES[change](desk.current.of(session), sent)
            remaining = (made or desk.current.filed).centres
            needed = _in_use(session) - set(remaining)
            if needed:
                raise NamedError("centre_in_use", f"centre {', '.join(sorted(needed))}: has open orders or users")
            centres.save(session, made, visit.now, viewer.name)
            told = {name: value for name, value in sent.texts.items() if name != "form_token"}
            audit.write(session, visit.now, viewer.name, "centres_changed", change, told)
    except NamedError as error:
        return _page(visit, 422, problem=error.name)
    except IntegrityError:
        return _page(visit, 409, problem="changed_meanwhile")
    desk.reroute(viewer.name, visit.now)
    return redirect("/centres", "centres_changed")


def _in_use(session: sa.orm.Session) -> set[str]:
    """The centres that have open orders or people."""
    orders = sa.select(WorkOrder.centre).where(WorkOrder.state.in_(("assigned", "verifying", "notified")))
    people = sa.select(Account.centre).where(Account.centre.is_not(None), Account.disabled.is_(False))
    return {name for query in (orders, people) for name in session.scalars(query.distinct()) if name}


def _page(visit: Visit, status: int = 200, *, problem: str = "") -> Response:
    with visit.console.desk.database.reading() as session:
        routing = visit.console.desk.current.of(session)
        last = centres.last_change(session)
        return visit.page(
            "centres.html",
            status,
            routes=sorted(routing.routes.items()),
            routed=set(routing.routes.values()),
            directions=DIRECTIONS,
            problem=problem,
            last=last if last is not None and last.content is not None else None,
            names=shown_names(session),
        )
