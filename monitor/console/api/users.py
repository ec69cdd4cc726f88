"""Accounts, for administrators' programs."""

from typing import Annotated, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from streams.moments import iso

from .. import user_changes
from ..access import ROLES
from ..accounts import NAME
from ..cleaning import clean
from ..tables import Account
from ..visit import Visit
from .tokens import Program, require

router = APIRouter()
UserName = Annotated[str, Path(pattern=f"^{NAME}$")]


class User(BaseModel):
    """An account. `one_time_password`: it was given a password, which has to be changed at the next sign-in."""

    name: str
    shown_name: str
    role: str
    centre: str | None
    state: Literal["active", "one_time_password", "disabled"]
    made_at: str

    @classmethod
    def of(cls, account: Account) -> "User":
        return cls(
            name=account.name,
            shown_name=account.shown_name,
            role=account.role,
            centre=account.centre,
            state="disabled" if account.disabled else "one_time_password" if account.one_time else "active",
            made_at=iso(account.made_at),
        )


class NewUser(BaseModel):
    """Whom to make an account for; officers and supervisors belong to a centre, others to none."""

    name: str = Field(pattern=f"^{NAME}$")
    role: str = Field(pattern=f"^({'|'.join(ROLES)})$")
    centre: str | None = Field(None, max_length=32)
    shown_name: str = Field("", max_length=60)


class Standing(BaseModel):
    """Whether an account is locked out."""

    disabled: bool


class OneTimePassword(BaseModel):
    """A password that was never shown before and never will be again."""

    name: str
    password: str


@router.get("/users")
def list_users(visit: Program) -> list[User]:
    """All accounts, by name."""
    require(visit, "users:read")
    visit.require("users")
    with visit.console.desk.database.reading() as session:
        return [User.of(account) for account in session.scalars(sa.select(Account).order_by(Account.name))]


@router.post("/users", status_code=201)
def make_user(visit: Program, new: NewUser) -> OneTimePassword:
    """Make an account; its one-time password."""
    by = _administrator(visit)
    with visit.console.desk.database.writing() as session:
        routing = visit.console.desk.current.of(session)
        password = user_changes.add(
            session, routing, new.name, new.role, new.centre or None, clean(new.shown_name), visit.now, by=by
        )
    return OneTimePassword(name=new.name, password=password)


@router.post("/users/{name}/password")
def reset_user(visit: Program, name: UserName) -> OneTimePassword:
    """Give a user a new one-time password, and end all sign-ins and tokens of the account."""
    by = _administrator(visit)
    with visit.console.desk.database.writing() as session:
        return OneTimePassword(name=name, password=user_changes.reset(session, name, visit.now, by=by))


@router.patch("/users/{name}")
def change_user(visit: Program, name: UserName, standing: Standing) -> User:
    """Lock a user out, which ends all sign-ins and tokens, or let the user in again."""
    by = _administrator(visit)
    act = user_changes.disable if standing.disabled else user_changes.enable
    with visit.console.desk.database.writing() as session:
        act(session, name, visit.now, by=by)
        return User.of(session.get_one(Account, name))


def _administrator(visit: Visit) -> str:
    """The token's account, which must be an administrator's."""
    require(visit, "users:write")
    return visit.require("users").name
