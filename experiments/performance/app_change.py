"""How long does the app take to answer a change? Beside the same comparison without an app, in the same minute.

    python experiments/performance/app_change.py

Needs the extra "test" and a Chromium. 50,000 people, four replicates, 60 days: what the app begins with.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "docs"))

from make_screenshots import LONGEST, chromium, served
from playwright.sync_api import Page, expect, sync_playwright

import sim

REPEATS = 5
SIZE = {"people": 50_000, "replicates": 4, "days": 60}


def changes(page: Page, address: str) -> list[float]:
    """Seconds from moving a slider to another answer."""
    page.goto(address)
    page.get_by_role("button", name="Run", exact=True).click(timeout=LONGEST)
    answer, took = page.locator(".answer").first, []
    answer.wait_for(timeout=LONGEST)
    slider = page.get_by_role("slider", name="Peer reach").first
    for _ in range(REPEATS):
        expect(page.get_by_role("button", name="Stop", exact=True)).to_be_disabled(timeout=LONGEST)
        before, begun = answer.inner_text(), time.perf_counter()
        slider.press("ArrowRight")
        expect(answer).not_to_have_text(before, use_inner_text=True, timeout=LONGEST)
        took.append(time.perf_counter() - begun)
    return took


def alone() -> list[float]:
    """Seconds of the same comparison from Python, its societies built before."""
    took = []
    for repeat in range(REPEATS + 1):
        begun = time.perf_counter()
        sim.compare("ten-micros-vs-one-celebrity", f"parameters.peer_reach={0.4 + repeat / 100}", **SIZE)
        took.append(time.perf_counter() - begun)
    return took[1:]


def main() -> None:
    """Print both, and their ratio."""
    with sync_playwright() as playwright, served() as address:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        app = statistics.median(changes(page, address))
        browser.close()
    without = statistics.median(alone())
    print(f"a change in the app: {app:.1f} s; the comparison alone: {without:.1f} s; {app / without:.1f} times")


if __name__ == "__main__":
    main()
