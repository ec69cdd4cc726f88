"""The console as one web application: pages, event stream, JSON interface, and answers to failures."""

import traceback
from pathlib import Path

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import InterfaceError, OperationalError, TimeoutError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse
from starlette.staticfiles import StaticFiles

from alert_sinks.work_orders.errors import UnknownOrderError
from alert_sinks.work_orders.listing import count_by_state

from . import (
    api,
    exposition,
    pages_centres,
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
from .edge import Edge
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

_log = structlog.get_logger("monitor.console")
_STATIC = Path(__file__).parent / "static"


def build(console: Console) -> FastAPI:
    """The application over an open desk."""
    app = FastAPI(title="Safety-Net Monitor", version="1", docs_url=None, redoc_url=None, openapi_url="/api")
    app.state.console = console
    app.mount("/static", StaticFiles(directory=_STATIC), name="static")
    for part in (
        pages_sign_in,
        pages_provider,
        pages_centres,
        pages_inbox,
        pages_order,
        pages_steps,
        pages_numbers,
        pages_users,
        pages_centres,
        stream,
    ):
        app.include_router(part.router, include_in_schema=False)
    app.include_router(api.router)
    app.webhooks.include_router(api.webhooks.router)
    app.include_router(exposition.router, include_in_schema=False)
    app.add_api_route("/livez", _alive, include_in_schema=False)
    app.add_api_route("/readyz", _ready, include_in_schema=False)
    app.add_middleware(Edge, broken=_broken)
    app.add_exception_handler(SignInNeededError, _sign_in_first)
    app.add_exception_handler(NewPasswordNeededError, _new_password_first)
    app.add_exception_handler(StaleFormError, _stale_form)
    for refused in (RefusedError, UnknownOrderError):
        app.add_exception_handler(refused, _refused)
    for away in (OperationalError, InterfaceError, TimeoutError):
        app.add_exception_handler(away, _database_away)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    api.add_handlers(app)
    return app


def _alive() -> dict[str, str]:
    return {"status": "alive"}


def _ready(request: Request) -> dict[str, object]:
    with request.app.state.console.desk.database.reading() as session:
        return {"status": "ready", "orders": count_by_state(session)}


def _sign_in_first(request: Request, _: Exception) -> Response:
    if request.url.path.startswith("/api"):
        return api.problem(401, "Not signed in", "Send a token as Authorization: Bearer …")
    if request.method == "GET":
        return RedirectResponse(f"/sign-in?next={_visit_of_nobody(request).next_path()}", status_code=303)
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
    return made.page("message.html", 403, message="refused", retry=False, back="/")


def _http_error(request: Request, error: Exception) -> Response:
    """No such page, or not in this way."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    if not request.url.path.startswith("/api"):
        return _plain(request, status, "no_such_page")
    response = api.problem(status, "Not possible", str(getattr(error, "detail", "")))
    response.headers.update((error.headers if isinstance(error, HTTPException) else None) or {})
    return response


def _invalid(request: Request, error: Exception) -> Response:
    if not request.url.path.startswith("/api"):
        return _plain(request, 422, "no_such_page")
    places = [".".join(map(str, fault["loc"])) for fault in error.errors()] if hasattr(error, "errors") else []
    return api.problem(422, "Not as described", f"Wrong: {', '.join(places)}", ["invalid"])


def _broken(request: Request, error: Exception) -> Response:
    """A fault of the console's own. The log gets where it was and of what kind: its text may hold what was typed."""
    places = traceback.extract_tb(error.__traceback__)
    place = f"{Path(places[-1].filename).name}:{places[-1].lineno}" if places else ""
    _log.error("request failed", method=request.method, error=type(error).__name__, place=place)
    if request.url.path.startswith("/api"):
        return api.problem(500, "A fault of the service", "It has been logged. Nothing was changed.")
    return _plain(request, 500, "broken")


def _database_away(request: Request, _: Exception) -> Response:
    if request.url.path in ("/readyz", "/livez"):
        return JSONResponse({"status": "database away"}, 503)
    if request.url.path.startswith("/api"):
        return api.problem(503, "Database away", "Nothing was changed. Try again in a moment.")
    response = _plain(request, 503, "database_away")
    response.headers["Retry-After"] = "5"
    return response


def _plain(request: Request, status: int, message: str) -> HTMLResponse:
    """A page that needs no database. It leads back to the page whose form was sent."""
    back = request.url.path.partition("/steps/")[0] if request.url.path.startswith("/orders/WO-") else "/"
    retry = request.method == "GET" and status == 503
    return _visit_of_nobody(request).page("message.html", status, message=message, retry=retry, back=back)


def _visit_of_nobody(request: Request) -> Visit:
    return Visit(request.app.state.console, request, language(chosen_language(request)), None, 0)
