"""The centres and the routes to them, for administrators' programs."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from alert_sinks import centres
from alert_sinks.routing import DIRECTIONS, REGION_LENGTHS, Centre, Routing
from detectors.alerts import Text
from streams.moments import iso

from .. import centre_changes
from ..cleaning import clean
from ..visit import Visit
from .tokens import Program, require

router = APIRouter()
CentreId = Annotated[str, Path(pattern=f"^{centres.ID}$")]
ForDirection = Annotated[str, Field(pattern=f"^({'|'.join(DIRECTIONS)})?$")]
ForRegion = Annotated[str, Field(pattern=f"^({'|'.join(rf'[0-9]{{{length}}}' for length in REGION_LENGTHS)})?$")]


class CentreSent(BaseModel):
    """A centre's names, and how many days people have to object."""

    zh: str = Field(min_length=1, max_length=100)
    en: str = Field(min_length=1, max_length=100)
    objection_days: int = Field(ge=1, le=centres.MOST_DAYS)


class NamedCentre(CentreSent):
    """A centre."""

    id: str


class Route(BaseModel):
    """Who follows up what. `region`: the first digits of division codes, "" all; `direction` "" is every one.

    The longest region goes first, and at one region the route that names the direction.
    """

    region: ForRegion
    direction: ForDirection
    centre: str = Field(max_length=32)


class Centres(BaseModel):
    """The routing in force. `changed_at` and `changed_by` are null where it is that of `centres.yaml`."""

    centres: list[NamedCentre]
    routes: list[Route]
    changed_at: str | None
    changed_by: str | None


@router.get("/centres")
def list_centres(visit: Program) -> Centres:
    """The centres, and the routes to them."""
    require(visit, "centres:read")
    visit.require("users")
    return _in_force(visit)


@router.put("/centres/{centre_id}")
def put_centre(visit: Program, centre_id: CentreId, sent: CentreSent) -> Centres:
    """Make a centre, or change its names and days."""
    name = Text(clean(sent.zh), clean(sent.en))
    centre = Centre(id=centre_id, name=name, objection_days=sent.objection_days)
    told = {"id": centre_id, "zh": name.zh, "en": name.en, "days": sent.objection_days}
    return _changed(visit, "centre", lambda routing: centres.with_centre(routing, centre), told)


@router.delete("/centres/{centre_id}")
def remove_centre(visit: Program, centre_id: CentreId) -> Centres:
    """Remove a centre that has no routes, open orders or users."""
    return _changed(visit, "centre_gone", lambda routing: centres.without_centre(routing, centre_id), {"id": centre_id})


@router.put("/routes")
def put_route(visit: Program, sent: Route) -> Centres:
    """Add a route, or turn the one of this region and direction to another centre."""
    return _changed(
        visit,
        "route",
        lambda routing: centres.with_route(routing, sent.region, sent.direction, sent.centre),
        sent.model_dump(),
    )


@router.delete("/routes")
def remove_route(
    visit: Program,
    region: ForRegion = "",
    direction: ForDirection = "",
) -> Centres:
    """Remove a route; that of every region and direction stays."""
    return _changed(
        visit,
        "route_gone",
        lambda routing: centres.without_route(routing, region, direction),
        {"region": region, "direction": direction},
    )


@router.delete("/centres")
def forget_changes(visit: Program) -> Centres:
    """Take up again what `centres.yaml` says."""
    return _changed(visit, "file", lambda _: None, {})


def _changed(visit: Visit, what: str, make: Callable[[Routing], Routing | None], told: dict[str, object]) -> Centres:
    require(visit, "centres:write")
    by = visit.require("users").name
    centre_changes.change(visit.console.desk, make, visit.now, by=by, what=what, told=told)
    return _in_force(visit)


def _in_force(visit: Visit) -> Centres:
    with visit.console.desk.database.reading() as session:
        routing = visit.console.desk.current.of(session)
        last = centres.last_change(session)
    made = last if last is not None and last.content is not None else None
    return Centres(
        centres=[
            NamedCentre(id=centre.id, zh=centre.name.zh, en=centre.name.en, objection_days=centre.objection_days)
            for centre in routing.centres.values()
        ],
        routes=[
            Route(region=region, direction=direction, centre=centre)
            for (region, direction), centre in sorted(routing.routes.items())
        ],
        changed_at=iso(made.made_at) if made is not None else None,
        changed_by=made.made_by if made is not None else None,
    )
