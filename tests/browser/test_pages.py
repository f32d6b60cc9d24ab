"""The pages that commands leave: without a network, judged by axe in light and dark, by keyboard and on paper."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from typer.testing import CliRunner

from sim.cli import app

SMALL = str(Path(__file__).parents[1] / "samples" / "small.toml")
PLAIN = ("--replicates", "2", "--workers", "1", "--quiet")
SWEEP = f'scenario = "{SMALL}"\nreplicates = 1\nfigures = ["reach", "roi"]\n[vary]\nclick_rate = [0.1, 0.5, 0.9]\n'
MORRIS = SWEEP.replace("[vary]", 'of = "three-small - one-big"\ndesign = "morris"\ntrajectories = 4\n[vary]')
MORRIS = MORRIS.replace("click_rate = [0.1, 0.5, 0.9]", "click_rate = {low = 0.1, high = 0.9}\nreach = {}")
COMMANDS = {
    "compare": ("compare", SMALL),
    "explain": ("explain", SMALL, "--groups", "trust"),
    "split": ("split", SMALL, "--budget", "120", "--groups", "small=anna+ben,big=big", "--step", "0.5"),
    "select": ("select", SMALL, "--budget", "80", "--posts", "2", "--every", "3", "--choose-on", "2"),
    "sensitivity": ("sensitivity", "morris.toml"),
    "sweep": ("sweep", "sweep.toml"),
}
PAPER = 680
"""Pixels between the margins of an A4 page."""


def influence(*words: str) -> None:
    found = CliRunner().invoke(app, list(words))
    assert found.exit_code == 0, (found.output, found.exception)


@pytest.fixture(scope="package")
def page_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The page of a command, made once."""
    folder = tmp_path_factory.mktemp("pages")

    def made(command: str) -> Path:
        out = folder / command
        page = folder / "sweep.report.html" if command == "sweep" else out / "report.html"
        if not page.exists():
            for name, text in (("sweep", SWEEP), ("morris", MORRIS)):
                (folder / f"{name}.toml").write_text(text)
            words = [
                str(folder / word) if word in ("sweep.toml", "morris.toml") else word for word in COMMANDS[command]
            ]
            size = PLAIN if command not in ("sweep", "sensitivity") else PLAIN[2:]
            where = ("--store", str(folder / f"{command}.sqlite")) if command in ("sweep", "sensitivity") else ()
            influence(*words, *size, *where, *(() if command == "sweep" else ("--out", str(out))))
            if command == "sweep":
                influence("report", str(folder / "sweep.sqlite"))
        return page

    return made


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("command", COMMANDS)
def test_axe_finds_nothing_serious(
    offline_page: Page, page_of: Callable[[str], Path], screenshots: Path, command: str, scheme: str
) -> None:
    offline_page.emulate_media(color_scheme=scheme)
    offline_page.goto(page_of(command).as_uri())
    offline_page.screenshot(path=screenshots / f"{command}-{scheme}.png")
    found = [(each["id"], each["impact"], [node["html"] for node in each["nodes"]][:3])
             for each in Axe().run(offline_page).response["violations"]]  # fmt: skip
    assert [each for each in found if each[1] in ("serious", "critical")] == []
    assert offline_page.outside == []


def test_axe_sees_faults(offline_page: Page) -> None:
    offline_page.set_content(
        '<html><body><img src="data:,"><p style="color:#ccc;background:#fff">pale</p></body></html>'
    )
    found = {each["id"] for each in Axe().run(offline_page).response["violations"]}
    assert {"image-alt", "color-contrast", "html-has-lang"} <= found


@pytest.mark.parametrize("command", COMMANDS)
def test_a_page_fits_telephones_and_paper(
    offline_page: Page, page_of: Callable[[str], Path], screenshots: Path, command: str
) -> None:
    offline_page.goto(page_of(command).as_uri())
    for width, media in ((390, "screen"), (PAPER, "print")):
        offline_page.set_viewport_size({"width": width, "height": 800})
        offline_page.emulate_media(media=media)
        assert offline_page.evaluate("document.documentElement.scrollWidth") <= width
    cut = (
        "[...document.querySelectorAll('table, img')].filter(e => e.getBoundingClientRect().right > innerWidth).length"
    )
    assert offline_page.evaluate(cut) == 0
    assert not offline_page.locator("nav").is_visible()
    sheet = offline_page.pdf(path=screenshots / f"{command}.pdf", prefer_css_page_size=True)
    assert sheet.startswith(b"%PDF")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_page_is_in_order(offline_page: Page, page_of: Callable[[str], Path], command: str) -> None:
    offline_page.goto(page_of(command).as_uri())
    levels = offline_page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(e => +e.tagName[1])")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    lost = (
        "[...document.querySelectorAll('a[href^=\"#\"]')].filter(a => !document.getElementById(a.hash.slice(1))).length"
    )
    assert offline_page.evaluate(lost) == 0
    assert offline_page.evaluate("[...document.querySelectorAll('th:not([scope])')].length") == 0
    texts = offline_page.evaluate("[...document.querySelectorAll('img')].map(e => e.alt.length)")
    assert texts
    assert min(texts) > 40
    for part in ("again", "definitions", "assumptions"):
        assert offline_page.locator(f"section#{part}").count() == 1


def test_definitions_show_under_pointer_and_focus(offline_page: Page, page_of: Callable[[str], Path]) -> None:
    offline_page.goto(page_of("compare").as_uri())
    term = offline_page.locator(".term", has=offline_page.locator("a[href='#means-reach']")).first
    link, tip = term.locator("a"), term.locator(".tip")
    assert not tip.is_visible()
    link.hover()
    assert tip.is_visible()
    offline_page.mouse.move(0, 0)
    assert not tip.is_visible()
    link.focus()
    assert tip.is_visible()
    box = tip.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 1280
    assert box["y"] + box["height"] <= 900
    assert "distinct people shown at least one post" in tip.inner_text()
    offline_page.keyboard.press("Enter")
    assert offline_page.url.endswith("#means-reach")


def test_the_first_tab_leads_past_the_top(offline_page: Page, page_of: Callable[[str], Path]) -> None:
    offline_page.goto(page_of("compare").as_uri())
    offline_page.keyboard.press("Tab")
    assert offline_page.evaluate("document.activeElement.className") == "skip"
    assert offline_page.locator(".skip").bounding_box()["x"] >= 0
    offline_page.keyboard.press("Enter")
    offline_page.keyboard.press("Tab")
    assert offline_page.evaluate("document.activeElement.closest('main') !== null")


def test_pages_need_no_script(browser: Browser, page_of: Callable[[str], Path]) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(page_of("compare").as_uri())
    assert page.locator("h1").inner_text() == "small"
    assert page.locator("script").count() == 0
    context.close()
