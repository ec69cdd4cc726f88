"""The application's outermost layer: headers of every answer, no request larger than a form with a file, and an answer
to whoever meets a fault of ours."""

from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 12 * 1024 * 1024
"""The largest file, and what a form holds beside it."""
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class Edge:
    """Wraps an ASGI application; `broken` answers where it raised."""

    def __init__(self, app: ASGIApp, broken: Callable[[Request, Exception], Response]) -> None:
        self._app = app
        self._broken = broken

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        begun = False

        async def send_with_headers(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                if not scope["path"].startswith("/static/"):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        refused = _too_large(Headers(scope=scope))
        app = self._app if refused is None else refused
        try:
            await app(scope, receive, send_with_headers)
        except Exception as error:
            if begun:
                raise
            await self._broken(Request(scope), error)(scope, receive, send_with_headers)


def _too_large(headers: Headers) -> PlainTextResponse | None:
    """The answer to a request that is larger than anything that the console takes, or does not say how large it is."""
    if "transfer-encoding" in headers:
        return PlainTextResponse("Say how long the request is (Content-Length).", 411)
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()) or int(length) > MOST_BYTES:
        return PlainTextResponse("The request is too large. 文件过大。", 413, {"Connection": "close"})
    return None
