"""Administrators manage the centres, and which of them follows up what."""

from collections.abc import Callable

from fastapi import APIRouter, Response

from alert_sinks import centres
from alert_sinks.routing import DIRECTIONS, Centre, Routing
from detectors.alerts import Text
from streams.errors import NamedError

from . import centre_changes
from .access import RefusedError
from .people import shown_names
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
    """Change the routing."""
    viewer = visit.require("users")
    if change not in CHANGES:
        raise RefusedError(change)
    told = {name: value for name, value in sent.texts.items() if name != "form_token"}
    try:
        centre_changes.change(
            visit.console.desk,
            lambda routing: CHANGES[change](routing, sent),
            visit.now,
            by=viewer.name,
            what=change,
            told=told,
        )
    except NamedError as error:
        return _page(visit, 409 if error.name == centre_changes.MEANWHILE else 422, problem=error.name)
    return redirect("/centres", "centres_changed")


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
