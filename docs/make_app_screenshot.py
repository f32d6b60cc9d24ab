"""Make docs/images/app.png: the app with an answer, in headless Chromium. Needs the extras app and test."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

IMAGE = Path(__file__).parent / "images" / "app.png"
SIZE = {"width": 1280, "height": 1000}
REPLICATES = "20"
"""As many as the scenario has: a picture should not show a verdict that four of them happened to give."""
LONGEST = 300_000
"""Milliseconds: the first run may have to compile the engine."""


def app_screenshot(address: str, path: Path) -> Path:
    """A picture of the app at this address after its first run."""
    named = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=named, args=["--no-sandbox"])
        page = browser.new_page(viewport=SIZE)
        page.goto(address)
        field = page.get_by_role("spinbutton", name="Replicates", exact=True)
        field.fill(REPLICATES, timeout=LONGEST)
        field.press("Enter")
        page.get_by_role("button", name="Run", exact=True).click(timeout=LONGEST)
        page.locator("figure img").nth(1).wait_for(timeout=LONGEST)
        expect(page.get_by_role("button", name="Stop", exact=True)).to_be_disabled(timeout=LONGEST)
        page.mouse.move(0, 0)
        page.wait_for_timeout(1000)
        page.screenshot(path=path)
        browser.close()
    return path


def main() -> None:
    """Start the app, take the picture, end the app."""
    words = [sys.executable, "-m", "sim.cli", "app"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        found = re.search(r"http://\S+", server.stdout.readline())
        try:
            if found is not None:
                print(app_screenshot(found[0], IMAGE))
        finally:
            server.terminate()


if __name__ == "__main__":
    main()
