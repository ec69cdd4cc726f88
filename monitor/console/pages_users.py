"""Administrators manage the accounts."""

from typing import Literal

import sqlalchemy as sa
from fastapi import APIRouter, Response

from streams.errors import NamedError

from . import user_changes
from .access import ROLES
from .tables import Account
from .visit import Here, Sent, Visit

router = APIRouter()


@router.get("/users")
def show(visit: Here) -> Response:
    visit.require("users")
    return _page(visit)


@router.post("/users")
def make(visit: Here, sent: Sent) -> Response:
    viewer = visit.require("users")
    name, centre = sent["name"], sent["centre"] or None
    try:
        with visit.console.desk.database.writing() as session:
            routing = visit.console.desk.current.of(session)
            password = user_changes.add(
                session, routing, name, sent["role"], centre, sent["shown_name"], visit.now, by=viewer.name
            )
    except NamedError as error:
        return _page(visit, 422, problem=error.name)
    return _page(visit, given=(name, password))


@router.post("/users/{name}/{action}")
def change(visit: Here, sent: Sent, name: str, action: Literal["reset", "disable", "enable"]) -> Response:
    viewer = visit.require("users")
    password = None
    try:
        with visit.console.desk.database.writing() as session:
            if action == "reset":
                password = user_changes.reset(session, name, visit.now, by=viewer.name)
            elif action == "disable":
                user_changes.disable(session, name, visit.now, by=viewer.name)
            else:
                user_changes.enable(session, name, visit.now, by=viewer.name)
    except NamedError as error:
        return _page(visit, 422, problem=error.name)
    return _page(visit, given=(name, password) if password else None)


def _page(visit: Visit, status: int = 200, *, problem: str = "", given: tuple[str, str] | None = None) -> Response:
    with visit.console.desk.database.reading() as session:
        accounts = session.scalars(sa.select(Account).order_by(Account.name)).all()
        return visit.page("users.html", status, accounts=accounts, roles=list(ROLES), problem=problem, given=given)
