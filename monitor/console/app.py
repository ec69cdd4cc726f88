"""The console as one web application: pages, event stream, JSON interface, and answers to failures."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from fastapi import FastAPI, Request, Response
from sqlalchemy.exc import InterfaceError, OperationalError, TimeoutError
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse
from starlette.staticfiles import StaticFiles

from alert_sinks.work_orders.errors import UnknownOrderError
from alert_sinks.work_orders.listing import count_by_state

from . import (
    api,
    exposition,
    pages_inbox,
    pages_numbers,
    pages_order,
    pages_provider,
    pages_sign_in,
    pages_steps,
    pages_users,
    stream,
)
from .access import RefusedError
from .language import language
from .visit import (
    Console,
    NewPasswordNeededError,
    SignInNeededError,
    StaleFormError,
    Visit,
    chosen_language,
    visit_of_anybody,
)

_STATIC = Path(__file__).parent / "static"
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def build(console: Console) -> FastAPI:
    """The application over an open desk."""
    app = FastAPI(title="Safety-Net Monitor", version="1", docs_url=None, redoc_url=None, openapi_url="/api")
    app.state.console = console
    app.mount("/static", StaticFiles(directory=_STATIC), name="static")
    for part in (
        pages_sign_in,
        pages_provider,
        pages_inbox,
        pages_order,
        pages_steps,
        pages_numbers,
        pages_users,
        stream,
    ):
        app.include_router(part.router, include_in_schema=False)
    app.include_router(api.router)
    app.include_router(exposition.router, include_in_schema=False)
    app.add_api_route("/livez", _alive, include_in_schema=False)
    app.add_api_route("/readyz", _ready, include_in_schema=False)
    app.middleware("http")(_with_headers)
    app.add_exception_handler(SignInNeededError, _sign_in_first)
    app.add_exception_handler(NewPasswordNeededError, _new_password_first)
    app.add_exception_handler(StaleFormError, _stale_form)
    for refused in (RefusedError, UnknownOrderError):
        app.add_exception_handler(refused, _refused)
    for away in (OperationalError, InterfaceError, TimeoutError):
        app.add_exception_handler(away, _database_away)
    api.add_handlers(app)
    return app


def _alive() -> dict[str, str]:
    return {"status": "alive"}


def _ready(request: Request) -> dict[str, object]:
    with request.app.state.console.desk.database.reading() as session:
        return {"status": "ready", "orders": count_by_state(session)}


async def _with_headers(request: Request, call: Callable[[Request], Awaitable[Response]]) -> Response:
    response = await call(request)
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if not request.url.path.startswith("/static/"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _sign_in_first(request: Request, _: Exception) -> Response:
    if request.url.path.startswith("/api"):
        return api.problem(401, "Not signed in", "Send a token as Authorization: Bearer …")
    if request.method == "GET":
        made = Visit(request.app.state.console, request, language(chosen_language(request)), None, 0)
        return RedirectResponse(f"/sign-in?next={made.next_path()}", status_code=303)
    return _plain(request, 401, "session_over")


def _new_password_first(_: Request, __: Exception) -> Response:
    return RedirectResponse("/password", status_code=303)


def _stale_form(request: Request, _: Exception) -> Response:
    return _plain(request, 403, "stale_form")


def _refused(request: Request, _: Exception) -> Response:
    if request.url.path.startswith("/api"):
        return api.problem(403, "Refused", "This is not for this account, or does not exist.")
    made = visit_of_anybody(request)
    if made.browser is not None:
        made.record("refused", request.url.path[:100])
    return made.page("message.html", 403, message="refused", retry=False)


def _database_away(request: Request, _: Exception) -> Response:
    if request.url.path in ("/readyz", "/livez"):
        return JSONResponse({"status": "database away"}, 503)
    if request.url.path.startswith("/api"):
        return api.problem(503, "Database away", "Nothing was changed. Try again in a moment.")
    response = _plain(request, 503, "database_away")
    response.headers["Retry-After"] = "5"
    return response


def _plain(request: Request, status: int, message: str) -> HTMLResponse:
    """A page that needs no database."""
    made = Visit(request.app.state.console, request, language(chosen_language(request)), None, 0)
    return made.page("message.html", status, message=message, retry=request.method == "GET")
