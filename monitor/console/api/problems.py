"""Errors as problem details (RFC 9457)."""

from typing import Any

from fastapi import FastAPI, Request, Response
from pydantic import BaseModel
from starlette.responses import JSONResponse

from alert_sinks.work_orders.errors import ConflictError, StepError
from streams.errors import NamedError

_TYPE = "application/problem+json"
_NOT_FOUND = frozenset({"no_user", "no_centre", "no_route"})


class Problem(BaseModel):
    """What went wrong (RFC 9457). `reasons` are words that programs may rely on."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    reasons: list[str] = []


ANSWERS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "content": {_TYPE: {}}, "description": text}
    for status, text in {
        401: "No valid token",
        403: "Not for this token, or it does not exist",
        404: "There is no such user, centre or route",
        409: "The order has changed since the version named in If-Match; or it does not go with the users and centres "
        "that there are",
        422: "Not as described, or not possible; `reasons` say why",
        503: "The database is away; nothing was changed",
    }.items()
}


def problem(status: int, title: str, detail: str, reasons: list[str] | None = None) -> JSONResponse:
    """A problem as an answer."""
    content = Problem(title=title, status=status, detail=detail, reasons=reasons or []).model_dump()
    return JSONResponse(content, status, media_type=_TYPE)


def add_handlers(app: FastAPI) -> None:
    """Let what is not possible be a problem."""
    app.add_exception_handler(ConflictError, _conflict)
    app.add_exception_handler(StepError, _impossible)
    app.add_exception_handler(NamedError, _cannot_be)


def _conflict(_: Request, error: Exception) -> Response:
    """The order has changed since it was seen."""
    current = error.current if isinstance(error, ConflictError) else 0
    return problem(409, "The order has changed", f"It is at version {current}.", ["conflict"])


def _impossible(_: Request, error: Exception) -> Response:
    """The step is not possible."""
    reasons = list(error.reasons) if isinstance(error, StepError) else []
    return problem(422, "Not possible", ", ".join(reasons), reasons)


def _cannot_be(_: Request, error: Exception) -> Response:
    """What an administrator asked for does not go with what there is."""
    name = error.name if isinstance(error, NamedError) else ""
    return problem(404 if name in _NOT_FOUND else 409, "Not possible", str(error), [name])
