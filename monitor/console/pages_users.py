"""Administrators manage accounts."""

import sqlalchemy as sa
from fastapi import APIRouter, Response

from streams.errors import NamedError

from . import audit
from .access import ROLES
from .accounts import make_account, reset_password, set_disabled
from .tables import Account
from .visit import Here, Sent, Visit

router = APIRouter()


@router.get("/users")
def show(visit: Here) -> Response:
    visit.require("users")
    return _page(visit)


@router.post("/users")
def make(visit: Here, sent: Sent) -> Response:
    visit.require("users")
    try:
        with visit.console.desk.database.writing() as session:
            password = make_account(
                session,
                visit.console.routing,
                sent["name"],
                sent["role"],
                sent["centre"] or None,
                sent["shown_name"],
                visit.now,
            )
            audit.write(session, visit.now, visit.viewer.name, "user_made", sent["name"], {"role": sent["role"]})
    except NamedError as error:
        return _page(visit, 422, problem=error.name)
    return _page(visit, given=(sent["name"], password))


@router.post("/users/{name}/{action}")
def change(visit: Here, sent: Sent, name: str, action: str) -> Response:
    visit.require("users")
    given = None
    try:
        with visit.console.desk.database.writing() as session:
            if action == "reset":
                given = (name, reset_password(session, name))
            elif name != visit.viewer.name:
                set_disabled(session, name, action == "disable")
            audit.write(session, visit.now, visit.viewer.name, f"user_{action}", name)
    except NamedError as error:
        return _page(visit, 422, problem=error.name)
    return _page(visit, given=given)


def _page(visit: Visit, status: int = 200, *, problem: str = "", given: tuple[str, str] | None = None) -> Response:
    with visit.console.desk.database.reading() as session:
        accounts = session.scalars(sa.select(Account).order_by(Account.name)).all()
        return visit.page("users.html", status, accounts=accounts, roles=list(ROLES), problem=problem, given=given)
