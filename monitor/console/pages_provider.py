"""Signing in by the identity provider: there, and back."""

from secrets import compare_digest

import structlog
from fastapi import APIRouter, Response

from . import audit
from .access import RefusedError
from .accounts import sign_in_vouched
from .provider import Begun, Provider, ProviderError
from .visit import COOKIE, Anybody, own_path, redirect

router = APIRouter()
PATH = "/sign-in/provider"
_COOKIE = "monitor_provider"
_NEXT = "monitor_provider_next"
_SECONDS = 600
_log = structlog.get_logger("monitor.console")


@router.get(PATH)
def go(visit: Anybody, next: str = "/") -> Response:
    try:
        address, begun = _provider(visit).begin()
    except ProviderError as error:
        return _failed(visit, "provider_away", str(error), 503)
    response = Response(status_code=303, headers={"Location": address})
    for name, value in ((_COOKIE, begun.encode()), (_NEXT, own_path(next))):
        response.set_cookie(
            name, value, max_age=_SECONDS, path=PATH, httponly=True, samesite="lax", secure=visit.secure
        )
    return response


@router.get(f"{PATH}/back")
def back(visit: Anybody, state: str = "", code: str = "") -> Response:
    provider = _provider(visit)
    begun = Begun.decode(visit.request.cookies.get(_COOKIE, ""))
    if begun is None or not code or not compare_digest(begun.state.encode(), state.encode()):
        return _failed(visit, "provider_refused", "the answer is to no question of this browser", 401)
    try:
        name = provider.name_of(code, begun)
    except ProviderError as error:
        return _failed(visit, "provider_refused", str(error), 401)
    with visit.console.desk.database.writing() as session:
        token = sign_in_vouched(session, name, visit.now)
        audit.write(session, visit.now, name[:32], "signed_in" if token else "sign_in_failed", "provider")
    if token is None:
        return _failed(visit, "no_account", "no account of that name", 403)
    response = redirect(own_path(visit.request.cookies.get(_NEXT, "/")))
    response.set_cookie(COOKIE, token, httponly=True, samesite="lax", secure=visit.secure)
    return _forgotten(response)


def _provider(visit: Anybody) -> Provider:
    if visit.console.provider is None:
        raise RefusedError("provider")
    return visit.console.provider


def _failed(visit: Anybody, problem: str, reason: str, status: int) -> Response:
    _log.warning("sign-in by the provider failed", reason=reason)
    return _forgotten(visit.page("sign_in.html", status, next="/", name="", problem=problem, seconds=0))


def _forgotten(response: Response) -> Response:
    """A question is asked once."""
    for name in (_COOKIE, _NEXT):
        response.delete_cookie(name, path=PATH)
    return response
