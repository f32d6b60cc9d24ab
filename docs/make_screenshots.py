"""Make the pictures of pages that the README shows, in docs/images.

    python docs/make_screenshots.py            all of them, a minute or two
    python docs/make_screenshots.py app        this one

Needs the extra "test" and a Chromium: the one that CHROMIUM names, the system's, or Playwright's own.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

from sim.api import compare
from sim.views.report.page import write_report

IMAGES = Path(__file__).with_name("images")
REPORT, APP = {"width": 1060, "height": 1240}, {"width": 1280, "height": 1000}
LARGEST = 300_000
"""Bytes of a picture."""
REPLICATES = "20"
"""As many as the scenario has: a picture of the app should not show a verdict that four of them happened to give."""
LONGEST = 300_000
"""Milliseconds: the first run may have to compile the engine."""


def report(browser: Browser, folder: Path) -> bytes:
    """The upper part of the report of the built-in comparison."""
    page = browser.new_page(viewport=REPORT)
    page.goto(write_report(compare(), folder / "report.html").as_uri())
    return page.screenshot()


def app(browser: Browser, _: Path) -> bytes:
    """The app after its first run."""
    page = browser.new_page(viewport=APP)
    with served() as address:
        page.goto(address)
        field = page.get_by_role("spinbutton", name="Replicates", exact=True)
        field.fill(REPLICATES, timeout=LONGEST)
        field.press("Enter")
        page.get_by_role("button", name="Run", exact=True).click(timeout=LONGEST)
        page.locator("figure img").nth(1).wait_for(timeout=LONGEST)
        expect(page.get_by_role("button", name="Stop", exact=True)).to_be_disabled(timeout=LONGEST)
        page.mouse.move(0, 0)
        page.wait_for_timeout(1000)
        return page.screenshot()


SHOTS: dict[str, Callable[[Browser, Path], bytes]] = {"report": report, "app": app}


@contextmanager
def served() -> Iterator[str]:
    """The address of an app that runs meanwhile. Raises OSError where it does not start."""
    words = [sys.executable, "-m", "sim.cli", "app"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:
        try:
            found = re.search(r"http://\S+", server.stdout.readline() if server.stdout else "")
            if found is None:
                raise OSError("the app did not start")
            yield found[0]
        finally:
            server.terminate()


def chromium() -> str | None:
    """The path of a Chromium; None for Playwright's own."""
    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    return os.environ.get("CHROMIUM") or next(filter(None, found), None)


def main() -> None:
    """Make those asked for; a picture that is too large for a repository is refused."""
    parser = argparse.ArgumentParser(description="Make the pictures of pages that the README shows.")
    parser.add_argument("names", nargs="*", choices=[*SHOTS, []], help="default: all")
    names = parser.parse_args().names or SHOTS
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        for name in names:
            png, path = SHOTS[name](browser, Path(folder)), IMAGES / f"{name}.png"
            if len(png) > LARGEST:
                raise ValueError(f"{name}: {len(png):,} bytes, more than {LARGEST:,}")
            path.write_bytes(png)
            print(path)
        browser.close()


if __name__ == "__main__":
    main()
