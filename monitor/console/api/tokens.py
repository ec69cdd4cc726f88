"""Programs and their tokens: whom a request speaks for, and what its token allows."""

from typing import Annotated

from fastapi import Depends, Header, Request

from ..access import RefusedError
from ..accounts import Browser, find_token
from ..language import language
from ..visit import Console, SignInNeededError, Visit


def token_visit(request: Request, authorization: Annotated[str, Header(include_in_schema=False)] = "") -> Visit:
    """The visit of a program. Raises SignInNeededError."""
    console: Console = request.app.state.console
    now = console.clock()
    kind, _, token = authorization.partition(" ")
    with console.desk.database.reading() as session:
        found = find_token(session, token, now) if kind.lower() == "bearer" else None
    if found is None:
        raise SignInNeededError
    viewer, scopes = found
    request.state.scopes = scopes
    return Visit(console, request, language("en"), Browser(viewer, "", False), now)


Program = Annotated[Visit, Depends(token_visit)]


def require(visit: Visit, scope: str) -> None:
    """The token must have the scope. Raises RefusedError."""
    if scope not in visit.request.state.scopes:
        raise RefusedError(scope)
