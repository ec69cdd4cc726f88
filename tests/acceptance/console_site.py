"""A console that listens, for tests that look at it with a browser."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from axe_playwright_python.sync_playwright import Axe
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, Page

from tests.unit.monitor.console_office import PASSWORD

_WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@contextmanager
def listening(app: FastAPI) -> Iterator[str]:
    """Serve an application as long as the block lasts; its address."""
    taken = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1))
    serving = threading.Thread(target=server.run, kwargs={"sockets": [taken]})
    serving.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{taken.getsockname()[1]}/"
    server.should_exit = True
    serving.join(10)
    taken.close()


class Site:
    """A console at an address, and the browser that looks at it. `faults` are the scripts' errors, and what the
    content policy kept out."""

    def __init__(self, address: str, browser: Browser) -> None:
        self.address = address
        self.faults: list[str] = []
        self._browser = browser
        self._contexts: list[BrowserContext] = []

    def visitor(self, language: str = "zh-CN") -> Page:
        """A browser of its own, with nothing in it yet, on a screen of 1366 by 768."""
        context = self._browser.new_context(locale=language, viewport={"width": 1366, "height": 768})
        context.set_default_timeout(20_000)
        self._contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda said: self.faults.append(said.text) if "Security Policy" in said.text else None)
        return page

    def sign_in(self, name: str, language: str = "zh-CN", password: str = PASSWORD) -> Page:
        """Somebody at the first page after signing in."""
        page = self.visitor(language)
        page.goto(self.address)
        enter(page, name, password)
        page.wait_for_selector("form[action='/sign-out']")
        return page

    def close(self) -> None:
        for context in self._contexts:
            context.close()


def enter(page: Page, name: str, password: str = PASSWORD) -> None:
    """Fill in the form of the sign-in page."""
    page.fill("#name", name)
    page.fill("#password", password)
    page.click("button.primary")


def hindrances(page: Page) -> list[tuple[str, str]]:
    """What keeps people with a disability from using the page (WCAG 2.2 AA, by axe): the rule and the element."""
    options: dict[str, Any] = {"runOnly": {"type": "tag", "values": _WCAG}, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    return [(rule["id"], node["html"][:160]) for rule in found for node in rule["nodes"]]


def sideways(page: Page) -> int:
    """By how many pixels the page is wider than the screen."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
