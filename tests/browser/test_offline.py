"""The browser of these tests: what leaves the machine is seen and blocked."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page


def test_a_page_that_asks_nobody(offline_page: Page) -> None:
    offline_page.set_content("<p>alone</p>")
    assert offline_page.outside == []
    assert offline_page.inner_text("p") == "alone"


def test_a_page_that_asks_outside_is_caught(offline_page: Page) -> None:
    offline_page.set_content('<img src="https://example.org/pixel.png">', wait_until="networkidle")
    assert offline_page.outside == ["https://example.org/pixel.png"]
    offline_page.outside.clear()


@pytest.mark.parametrize("address", ["http://example.org", "http://93.184.215.14"])
def test_the_browser_itself_finds_no_other_machine(browser: Browser, address: str) -> None:
    page = browser.new_page()
    with pytest.raises(Exception, match="ERR_"):
        page.goto(address, timeout=5000)
    page.close()
