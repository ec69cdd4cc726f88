"""Signing in and out, one's own password, and the language."""

from fastapi import APIRouter, Response

from . import audit
from .accounts import LEAST_CHARACTERS, WrongPasswordError, change_password, sign_out
from .language import CODES
from .signing_in import sign_in
from .throttle import RestingError
from .visit import (
    COOKIE,
    LANGUAGE_COOKIE,
    Anybody,
    SentByAnybody,
    SignInNeededError,
    StaleFormError,
    own_path,
    redirect,
)

router = APIRouter()
_YEAR = 365 * 24 * 3600


@router.get("/sign-in")
def show(visit: Anybody, next: str = "/") -> Response:
    if visit.browser is not None:
        return redirect(own_path(next))
    return visit.page("sign_in.html", next=own_path(next), name="", problem="", seconds=0)


@router.post("/sign-in")
def enter(visit: Anybody, sent: SentByAnybody) -> Response:
    name, problem, seconds, token = sent["name"].lower(), "wrong_password", 0, None
    try:
        token = sign_in(visit.console.desk.database, name, sent["password"], visit.address, visit.now)
    except RestingError as error:
        problem, seconds = "locked", error.seconds
    if token is None:
        return visit.page("sign_in.html", 401, next=own_path(sent["next"]), name=name, problem=problem, seconds=seconds)
    response = redirect(own_path(sent["next"]))
    response.set_cookie(COOKIE, token, httponly=True, samesite="lax", secure=visit.secure)
    return response


@router.post("/sign-out")
def leave(visit: Anybody, sent: SentByAnybody) -> Response:
    _check(visit, sent)
    with visit.console.desk.database.writing() as session:
        sign_out(session, visit.request.cookies.get(COOKIE, ""))
        audit.write(session, visit.now, visit.viewer.name, "signed_out", "")
    response = redirect("/sign-in")
    response.delete_cookie(COOKIE)
    # The drafts that the pages keep in the browser are for whoever typed them.
    response.headers["Clear-Site-Data"] = '"storage"'
    return response


@router.get("/password")
def show_password(visit: Anybody) -> Response:
    if visit.browser is None:
        raise SignInNeededError
    return visit.page("password.html", problem="", least=LEAST_CHARACTERS, one_time=visit.browser.one_time)


@router.post("/password")
def set_password(visit: Anybody, sent: SentByAnybody) -> Response:
    _check(visit, sent)
    problem = ""
    if sent["new"] != sent["again"]:
        problem = "passwords_differ"
    else:
        try:
            with visit.console.desk.database.writing() as session:
                change_password(session, visit.viewer.name, sent["old"], sent["new"])
                audit.write(session, visit.now, visit.viewer.name, "password_changed", visit.viewer.name)
        except WrongPasswordError:
            problem = "wrong_password"
        except ValueError:
            problem = "password_too_short"
    if problem:
        one_time = visit.browser is not None and visit.browser.one_time
        return visit.page("password.html", 422, problem=problem, least=LEAST_CHARACTERS, one_time=one_time)
    return redirect("/", "password_changed")


@router.post("/language")
def choose_language(visit: Anybody, sent: SentByAnybody) -> Response:
    response = redirect(own_path(sent["next"]))
    if sent["language"] in CODES:
        response.set_cookie(LANGUAGE_COOKIE, sent["language"], max_age=_YEAR, samesite="lax", secure=visit.secure)
    return response


def _check(visit: Anybody, sent: SentByAnybody) -> None:
    if visit.browser is None:
        raise SignInNeededError
    if sent["form_token"] != visit.browser.form_token:
        raise StaleFormError
