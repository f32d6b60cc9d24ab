"""Make the pictures of pages that the README shows, in docs/images.

    python docs/make_screenshots.py            all of them, a minute or two
    python docs/make_screenshots.py report     these

Needs the extra "test" and a Chromium: the one that CHROMIUM names, the system's, or Playwright's own.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from sim.api import compare
from sim.views.report import write_report

IMAGES = Path(__file__).with_name("images")
SIZE = {"width": 1060, "height": 1240}
LARGEST = 300_000
"""Bytes of a picture."""


def report(browser: Browser, folder: Path) -> Path:
    """The upper part of the report of the built-in comparison."""
    page = browser.new_page(viewport=SIZE)
    page.goto(write_report(compare(), folder / "report.html").as_uri())
    return _taken(page.screenshot(), "report")


SHOTS: dict[str, Callable[[Browser, Path], Path]] = {"report": report}


def _taken(png: bytes, name: str) -> Path:
    """Write a picture; raises ValueError for one that is too large for a repository."""
    if len(png) > LARGEST:
        raise ValueError(f"{name}: {len(png):,} bytes, more than {LARGEST:,}")
    path = IMAGES / f"{name}.png"
    path.write_bytes(png)
    return path


def main() -> None:
    """Make those asked for."""
    parser = argparse.ArgumentParser(description="Make the pictures of pages that the README shows.")
    parser.add_argument("names", nargs="*", choices=[*SHOTS, []], help="default: all")
    names = parser.parse_args().names or SHOTS
    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    chromium = os.environ.get("CHROMIUM") or next(filter(None, found), None)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name in names:
            print(SHOTS[name](browser, Path(folder)))
        browser.close()


if __name__ == "__main__":
    main()
