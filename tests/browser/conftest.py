"""A browser without a network: what the project shows is opened in Chromium, and nothing may be asked from outside."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Error, Page, Playwright, Route, expect, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1, EXCLUDE [::1]",
)
LOOPBACK = ("localhost", "127.0.0.1", "::1")
MISSING = (
    "no Chromium: install the system's package (`apt-get install chromium`) or run `playwright install chromium`, "
    "or name one in the environment variable CHROMIUM"
)


PATIENCE = 120_000
"""Milliseconds after which a page hangs: a machine at work on other things may be slow."""
expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is in this folder and is not slow takes minutes in all."""
    for item in items:
        if Path(__file__).parent in item.path.parents and item.get_closest_marker("slow") is None:
            item.add_marker(pytest.mark.full)


def is_outside(address: str) -> bool:
    """Whether asking for it would leave this machine."""
    parts = urlsplit(address)
    return parts.scheme not in ("file", "data", "blob", "about") and parts.hostname not in LOOPBACK


def launched(playwright: Playwright) -> Browser:
    """Chromium: the one that CHROMIUM names, else the system's, else Playwright's own."""
    named = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    try:
        return playwright.chromium.launch(executable_path=named, args=list(ARGUMENTS))
    except Error as error:
        raise pytest.fail.Exception(f"{MISSING}\n\n{error}", pytrace=False) from None


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One browser for all tests of this folder.

    It ends with them: while Playwright's loop runs, no other test of the process could start one of its own.
    """
    with sync_playwright() as playwright:
        started = launched(playwright)
        yield started
        started.close()


@pytest.fixture
def offline_page(browser: Browser) -> Iterator[Page]:
    """A new page; ``outside`` lists what it asked for from other machines. All of it is blocked, and fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE)
    page, outside = context.new_page(), []

    def judge(route: Route) -> None:
        if is_outside(route.request.url):
            outside.append(route.request.url)
            route.abort()
        else:
            route.continue_()

    context.route("**/*", judge)
    page.on("websocket", lambda socket: outside.append(socket.url) if is_outside(socket.url) else None)
    page.outside = outside
    yield page
    context.close()
    assert outside == []


@pytest.fixture
def screenshots(tmp_path: Path) -> Path:
    """Where pictures of pages go: the folder INFLUENCE_SIM_SCREENSHOTS, else one of the test's own."""
    folder = Path(os.environ.get("INFLUENCE_SIM_SCREENSHOTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
