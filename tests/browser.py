"""A browser for the tests that look at pages, and what every look at a page asks of it."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.debian import chromium


@contextmanager
def browser() -> Iterator[Browser]:
    """A running Chromium; where the machine has none and none can be fetched, the test is left out, and says so."""
    try:
        program = chromium()
    except RuntimeError as error:
        pytest.skip(f"NOT SEEN IN A BROWSER: {error}")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=program.path, args=["--no-sandbox"], env={**program.environment}
        )
        try:
            yield running
        finally:
            running.close()
