"""A visit: one request of somebody, with the console that it came to and the language that it is answered in."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from secrets import compare_digest
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import Depends, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.datastructures import FormData, UploadFile
from starlette.responses import HTMLResponse, RedirectResponse

from alert_sinks.routing import Routing
from alert_sinks.work_orders import Desk
from alert_sinks.work_orders.tables import WorkOrder
from detectors.alerts import SEVERITIES, Text

from . import audit
from .access import Power, RefusedError, Viewer
from .accounts import Browser, find_browser, note_seen
from .cleaning import clean
from .households import FindLine, Unseal
from .language import CODES, Language, language
from .masking import masked_text
from .provider import Provider

COOKIE = "monitor_session"
LANGUAGE_COOKIE = "monitor_language"
_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, kw_only=True)
class Console:
    """What the pages stand on. `clock` gives the time as an instant, `titles` are those of rules and detectors."""

    desk: Desk
    find_line: FindLine
    unseal: Unseal
    clock: Callable[[], int]
    titles: Mapping[str, Text] = field(default_factory=dict)
    provider: Provider | None = None

    @property
    def routing(self) -> Routing:
        return self.desk.routing


class SignInNeededError(Exception):
    """The page is for people who are signed in."""


class NewPasswordNeededError(Exception):
    """The one-time password has to be changed first."""


class StaleFormError(Exception):
    """The form was not made by this sign-in."""


@dataclass(frozen=True)
class Visit:
    """A request, who makes it, and when."""

    console: Console
    request: Request
    language: Language
    browser: Browser | None
    now: int

    @property
    def viewer(self) -> Viewer:
        if self.browser is None:
            raise SignInNeededError
        return self.browser.viewer

    @property
    def secure(self) -> bool:
        """The browser speaks HTTPS, be it to a proxy on this machine: its cookies are for HTTPS only."""
        return self.request.url.scheme == "https"

    @property
    def address(self) -> str:
        """Where the request came from; what a trusted proxy forwarded counts as coming from the proxy's client."""
        return self.request.client.host if self.request.client is not None else ""

    def require(self, power: Power) -> Viewer:
        """The viewer, who must have the power. Raises RefusedError."""
        viewer = self.viewer
        if not viewer.may(power):
            raise RefusedError(power)
        return viewer

    def record(self, action: str, about: str, **detail: object) -> None:
        """Write an entry of the audit log, in a transaction of its own."""
        with self.console.desk.database.writing() as session:
            audit.write(session, self.now, self.viewer.name, action, about, detail)

    def page(self, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """A page in the visit's language."""
        texts = self.language
        values.setdefault("said", self.said)
        html = _ENVIRONMENT.get_template(template).render(
            _=texts,
            word=self._word,
            visit=self,
            viewer=self.browser.viewer if self.browser else None,
            form_token=self.browser.form_token if self.browser else "",
            now=self.now,
            severities=SEVERITIES,
            centres=self.console.routing.centres,
            path=self.request.url.path,
            here=self._here(),
            notice=self.request.query_params.get("done", ""),
            **values,
        )
        return HTMLResponse(html, status_code=status)

    def _word(self, kind: str, word: str | None) -> str:
        """A word as a page shows it; sources by the titles that the configuration gives them."""
        if kind == "source" and word and word in self.console.titles:
            return self.language.of(self.console.titles[word])
        return self.language.word(kind, word)

    def said(self, text: str | None) -> str:
        """What somebody typed, as this person may read it: numbers masked; for analysts, not at all."""
        if not text or self.browser is None:
            return ""
        return masked_text(text) if self.viewer.may("persons") else "—"

    def next_path(self) -> str:
        """This page, quoted, to come back to after signing in."""
        return quote(self._here(), safe="/")

    def _here(self) -> str:
        """This page's path, without what it was told to say."""
        query = urlencode([(name, value) for name, value in self.request.query_params.multi_items() if name != "done"])
        return self.request.url.path + (f"?{query}" if query else "")


def visit(request: Request) -> Visit:
    """The visit of a page for people who are signed in."""
    made = visit_of_anybody(request)
    if made.browser is None:
        raise SignInNeededError
    if made.browser.one_time:
        raise NewPasswordNeededError
    return made


def visit_of_anybody(request: Request) -> Visit:
    """The visit of a page for everybody."""
    console: Console = request.app.state.console
    now = console.clock()
    token = request.cookies.get(COOKIE)
    browser = None
    if token:
        with console.desk.database.reading() as session:
            browser = find_browser(session, token, now)
            console.desk.current.of(session)  # pages name the centres that there are now
        if browser is not None and browser.unnoted:
            with console.desk.database.writing() as session:
                note_seen(session, token, now)
    return Visit(console, request, language(chosen_language(request)), browser, now)


def chosen_language(request: Request) -> str:
    """As chosen on a page, else as the browser asks; Chinese first."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in CODES:
        return chosen
    asked = request.headers.get("accept-language", "").lower()
    return "en" if asked.startswith("en") else "zh"


class Form:
    """What a form sent: texts by name, and files."""

    def __init__(self, data: FormData) -> None:
        self._data = data

    def __getitem__(self, name: str) -> str:
        value = self._data.get(name, "")
        return clean(value) if isinstance(value, str) else ""

    def list(self, name: str) -> list[str]:
        """All texts of one name."""
        return [value for value in self._data.getlist(name) if isinstance(value, str)]

    def number(self, name: str) -> int:
        """A whole number; -1 where there is none."""
        text = self[name]
        return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else -1

    def beginning_with(self, prefix: str) -> Mapping[str, str]:
        """Texts whose names begin with a prefix, by the rest of the name."""
        return {
            name.removeprefix(prefix): clean(value)
            for name, value in self._data.items()
            if name.startswith(prefix) and isinstance(value, str) and value
        }

    def file(self, name: str) -> UploadFile | None:
        """An uploaded file, None where none was chosen."""
        value = self._data.get(name)
        return value if isinstance(value, UploadFile) and value.filename else None

    @property
    def texts(self) -> Mapping[str, str]:
        """All texts, so that a page can show them again."""
        return {name: value for name, value in self._data.items() if isinstance(value, str)}


async def form(request: Request) -> AsyncIterator[Form]:
    """The form of a POST; its files are closed after the answer. Raises StaleFormError for a form of another site."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise StaleFormError
    async with request.form(max_files=1, max_part_size=64 * 1024) as data:
        yield Form(data)


def checked_form(made: Annotated[Visit, Depends(visit)], sent: Annotated[Form, Depends(form)]) -> Form:
    """The form of somebody who is signed in. Raises StaleFormError for a form of another sign-in."""
    if made.browser is None or not compare_digest(sent["form_token"].encode(), made.browser.form_token.encode()):
        raise StaleFormError
    return sent


Here = Annotated[Visit, Depends(visit)]
Anybody = Annotated[Visit, Depends(visit_of_anybody)]
Sent = Annotated[Form, Depends(checked_form)]
SentByAnybody = Annotated[Form, Depends(form)]


def redirect(path: str, done: str = "") -> RedirectResponse:
    """To a page of the console after a POST; `done` names what has been done."""
    joint = "&" if "?" in path else "?"
    return RedirectResponse(f"{path}{joint}done={quote(done)}" if done else path, status_code=303)


def own_path(path: str) -> str:
    """A path of this console; the inbox for anything that leads elsewhere."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"


def order_number(order_id: str) -> int:
    """The number in an order's name; -1 for what is none."""
    digits = order_id.removeprefix("WO-")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 19 else -1


def seen_order(viewer: Viewer, order: WorkOrder | None) -> WorkOrder:
    """The order, if the viewer may see it. Raises RefusedError; what does not exist is refused alike."""
    if order is None or not viewer.sees(order):
        raise RefusedError("order")
    return order


_ENVIRONMENT = Environment(
    loader=FileSystemLoader(_TEMPLATES),
    autoescape=select_autoescape(default=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
