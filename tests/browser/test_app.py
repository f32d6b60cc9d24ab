"""The app in headless Chromium: every control, a run, a stop, uploads, downloads, two sessions, axe, sizes, memory."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from sim.parameters import PARAMETERS
from sim.views.app.controls import MATTER, PRICES, parameter_label
from sim.views.app.results import FILES, TABS

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "tests" / "samples"
LABELS = {**{name: parameter_label(PARAMETERS[name]).replace("\\", "") for name in (*MATTER, *PRICES)},
          "price": "Price (USD)", "margin": "Margin (share of the price)", "people": "People (agents)",
          "days": "Days", "replicates": "Replicates"}  # fmt: skip
KEYS = {**{name: f"parameters.{name}" for name in (*MATTER, *PRICES)}, "price": "product.price",
        "margin": "product.margin", "people": "society.people", "days": "run.days",
        "replicates": "run.replicates"}  # fmt: skip
SERIOUS = ("serious", "critical")
LONGEST = 240_000
"""Milliseconds: a first run may have to compile the engine."""
RUN_EVERY, GROWTH_MB = 4, 30.0


# --- the server --------------------------------------------------------------------------------------------


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """``influence app`` as a user starts it, ended by Ctrl-C."""
    words = [sys.executable, "-m", "sim.cli", "app", "--port", str(free_port())]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path_factory.mktemp("sessions"))}
    started = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment,
                               cwd=tmp_path_factory.mktemp("elsewhere"), preexec_fn=hear_ctrl_c)  # fmt: skip
    assert started.stdout is not None
    said = started.stdout.readline()
    found = re.search(r"http://127\.0\.0\.1:\d+", said)
    assert found is not None, said
    yield found[0], started
    started.send_signal(signal.SIGINT)
    assert started.wait(120) == 130
    left = started.stdout.read()
    assert "Traceback" not in left, left
    with pytest.raises(OSError), socket.create_connection(("127.0.0.1", int(found[0].rpartition(":")[2])), timeout=2):
        pass


def hear_ctrl_c() -> None:
    """In a job that runs behind, Ctrl-C is ignored from the start, and every process that it starts inherits that."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def opened(page: Page, address: str) -> Page:
    page.goto(address)
    expect(button(page, "Run")).to_be_enabled(timeout=LONGEST)
    return page


def with_small_scenario(page: Page, address: str) -> Page:
    """The page with a scenario of a second, uploaded as the user's own."""
    opened(page, address)
    choose(page, "my own scenario file")
    files(page, "Scenario").set_input_files(SAMPLES / "small.toml")
    expect(page.get_by_text("Do three small creators beat one creator")).to_be_visible(timeout=LONGEST)
    expect(button(page, "Run")).to_be_enabled(timeout=LONGEST)
    return page


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def choose(page: Page, scenario: str) -> None:
    page.get_by_role("combobox", name="Scenario").click()
    page.get_by_role("combobox", name="Scenario").fill(scenario)
    page.get_by_role("option", name=scenario, exact=True).click()


def files(page: Page, label: str) -> Locator:
    """The input of an uploader."""
    return page.get_by_test_id("stFileUploader").filter(has_text=re.compile(f"^{label}")).locator("input[type=file]")


def opened_part(page: Page, title: str) -> None:
    """Unfold a part of the side, where it is folded."""
    part = page.get_by_test_id("stExpander").filter(has=page.locator("summary", has_text=title))
    if part.locator("details").get_attribute("open") is None:
        part.locator("summary").click()


def settled(page: Page) -> None:
    """Until nothing runs any more and the page is made."""
    expect(button(page, "Stop")).to_be_disabled(timeout=LONGEST)
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=LONGEST)


def ran(page: Page) -> None:
    button(page, "Run").click()
    expect(page.locator(".answer").first).to_be_visible(timeout=LONGEST)
    settled(page)


def tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name, exact=True).click()


def changes(page: Page) -> list[str]:
    """What the app says was changed since the run before; the tab stays open while it runs again."""
    return page.get_by_role("tabpanel").filter(visible=True).locator("li").all_inner_texts()


def move(page: Page, label: str) -> None:
    """Move the control of this label by a step, with the keyboard."""
    field = page.get_by_role("spinbutton", name=label, exact=True)
    if field.count():
        field.press("ArrowUp")
        field.press("Enter")
    else:
        page.get_by_role("group", name=label, exact=True).get_by_role("slider").press("ArrowRight")


# --- what it does ------------------------------------------------------------------------------------------


def test_every_control_moves_what_it_says(offline_page: Page, server: tuple[str, object]) -> None:
    page = with_small_scenario(offline_page, server[0])
    opened_part(page, "Market prices")
    ran(page)
    for name, label in LABELS.items():
        tab(page, "Compared with before")
        move(page, label)
        expect(page.get_by_text(f"{KEYS[name]}:")).to_be_visible(timeout=LONGEST)
        settled(page)
        told = [line for line in changes(page) if not line.startswith(("plan ", "society.worlds"))]
        assert [line.partition(":")[0] for line in told] == [KEYS[name]], (name, told)
    check(page)


def test_a_split_of_ones_own_and_its_budget_and_shares(offline_page: Page, server: tuple[str, object]) -> None:
    page = opened(offline_page, server[0])
    small(page)
    page.get_by_text("Split a budget of my own").click()
    ran(page)
    expect(page.get_by_role("columnheader", name="your-split").first).to_be_visible()
    for label in ("Budget (USD)", "Share for micro (%)"):
        if label.startswith("Budget"):
            page.get_by_role("spinbutton", name=label, exact=True).fill("7000")
            page.get_by_role("spinbutton", name=label, exact=True).press("Enter")
        else:
            move(page, label)
        tab(page, "Compared with before")
        expect(page.get_by_text("plan your-split: other deals")).to_be_visible(timeout=LONGEST)
        settled(page)
        ran_again(page)
    tab(page, "Split curve")
    button(page, "Work out the split curve").click()
    expect(page.get_by_role("img", name=re.compile("best with micro"))).to_be_visible(timeout=LONGEST)
    check(page)


def ran_again(page: Page) -> None:
    """The same once more, so that nothing is changed since the run before."""
    button(page, "Run").click()
    tab(page, "Compared with before")
    expect(page.get_by_text("Nothing was changed.")).to_be_visible(timeout=LONGEST)
    settled(page)


def small(page: Page) -> None:
    """A built-in scenario of few people and days."""
    for label, value in (("People (agents)", "4000"), ("Days", "5"), ("Replicates", "2")):
        field = page.get_by_role("spinbutton", name=label, exact=True)
        field.fill(value)
        field.press("Enter")
        settled(page)


def test_another_scenario_is_another_question(offline_page: Page, server: tuple[str, object]) -> None:
    page = opened(offline_page, server[0])
    choose(page, "honest-review-8k")
    expect(page.get_by_text("One honest review by a skincare reviewer")).to_be_visible(timeout=LONGEST)


def test_a_long_run_stops(offline_page: Page, server: tuple[str, object]) -> None:
    page = opened(offline_page, server[0])
    field = page.get_by_role("spinbutton", name="Replicates", exact=True)
    field.fill("100")
    field.press("Enter")
    button(page, "Run").click()
    expect(page.get_by_text(re.compile(r"simulating, [1-9]\d* of 100"))).to_be_visible(timeout=LONGEST)
    button(page, "Stop").click()
    expect(page.get_by_text("Stopped. What is shown is from before.")).to_be_visible(timeout=LONGEST)
    settled(page)
    assert page.locator(".answer").count() == 0


def test_a_moved_number_is_answered_without_asking(offline_page: Page, server: tuple[str, object]) -> None:
    """How long that takes at 50,000 people: experiments/performance/app_change.py."""
    page = opened(offline_page, server[0])
    ran(page)
    for _ in range(2):
        before = page.locator(".answer").first.inner_text()
        move(page, LABELS["peer_reach"])
        expect(page.locator(".answer").first).not_to_have_text(before, use_inner_text=True, timeout=LONGEST)
        settled(page)


def server_process(started: subprocess.Popen[str]) -> Path:
    """The process, below the command, that serves the page."""
    children = Path(f"/proc/{started.pid}/task/{started.pid}/children").read_text(encoding="utf-8").split()
    assert len(children) == 1
    return Path("/proc", children[0])


def test_uploads_good_and_malformed(offline_page: Page, server: tuple[str, object], tmp_path: Path) -> None:
    page = opened(offline_page, server[0])
    small(page)
    opened_part(page, "Your own files")
    files(page, "Roster").set_input_files(SAMPLES / "roster_problems.csv")
    problem = page.get_by_role("alert").filter(has_text="problems found")
    expect(problem).to_be_visible(timeout=LONGEST)
    assert "roster.csv, row 3" in problem.inner_text()
    assert not re.search(r"/\w+/", problem.inner_text())
    expect(button(page, "Run")).to_be_disabled()
    good = tmp_path / "my creators.csv"
    good.write_text("handle,followers,niche\nanna,30000,beauty\nben,45000,\nzoe,450000,\n", encoding="utf-8")
    files(page, "Roster").set_input_files(good)
    expect(button(page, "Run")).to_be_enabled(timeout=LONGEST)
    small(page)
    ran(page)
    expect(page.get_by_role("columnheader", name="your-split").first).to_be_visible()
    expect(page.get_by_role("columnheader", name="all-mid").first).to_be_visible()


def test_downloads_open(offline_page: Page, server: tuple[str, object], tmp_path: Path) -> None:
    page = with_small_scenario(offline_page, server[0])
    ran(page)
    tab(page, "Downloads")
    for name in FILES:
        with page.expect_download(timeout=LONGEST) as download:
            button(page, name).click()
        assert download.value.suggested_filename == name
        download.value.save_as(tmp_path / name)
    words = [sys.executable, "-m", "sim.cli", "compare", "scenario.toml", "--out", "again", "--workers", "1", "--quiet"]
    subprocess.run(words, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True, capture_output=True)
    for name in ("runs.csv", "daily.csv", "creators.csv"):
        assert (tmp_path / name).read_bytes() == (tmp_path / "again" / name).read_bytes()
    report = page.context.new_page()
    report.goto((tmp_path / "report.html").as_uri())
    expect(report.get_by_role("heading", level=1)).to_have_text("small")


def test_world_and_replay(offline_page: Page, server: tuple[str, object], screenshots: Path) -> None:
    page = with_small_scenario(offline_page, server[0])
    ran(page)
    tab(page, "World")
    button(page, "Describe the world").click()
    expect(page.get_by_role("region", name="Audiences")).to_be_visible(timeout=LONGEST)
    assert page.get_by_role("region", name="Audiences").get_by_role("row").count() == 1 + 4
    check(page)
    tab(page, "Replay")
    button(page, "Make the replay").click()
    inside = page.frame_locator("iframe")
    expect(inside.get_by_role("heading", level=1)).to_be_visible(timeout=LONGEST)
    page.wait_for_timeout(1000)
    page.set_viewport_size({"width": 1280, "height": 1400})
    page.screenshot(path=screenshots / "app-1280-replay-made.png")


def test_two_users_do_not_see_each_others_state(
    browser: Browser, offline_page: Page, server: tuple[str, object]
) -> None:
    page = with_small_scenario(offline_page, server[0])
    ran(page)
    other = browser.new_context()
    second = opened(other.new_page(), server[0])
    assert second.locator(".answer").count() == 0
    expect(second.get_by_text("do ten micro-influencers beat").first).to_be_visible()
    move(page, "Price (USD)")
    settled(page)
    assert second.get_by_role("spinbutton", name="Price (USD)").input_value() == "48.00"
    other.close()


# --- how it looks ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_serious(
    offline_page: Page, server: tuple[str, object], width: int, screenshots: Path
) -> None:
    offline_page.set_viewport_size({"width": width, "height": 900})
    page = with_small_scenario(offline_page, server[0]) if width > 800 else opened(offline_page, server[0])
    if width < 800:
        unfolded(page)
        small(page)
        folded(page)
    check(page)
    ran(page)
    for name in TABS:
        tab(page, name)
        page.wait_for_timeout(300)
        check(page)
        page.screenshot(path=screenshots / f"app-{width}-{name.lower().replace(' ', '-')}.png")
    page.set_viewport_size({"width": width, "height": 3000})
    tab(page, "Answer")
    page.wait_for_timeout(500)
    page.screenshot(path=screenshots / f"app-{width}-long.png")
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider <= 0


def unfolded(page: Page) -> None:
    """On a narrow screen the controls are behind a button."""
    page.get_by_test_id("stExpandSidebarButton").click()
    page.wait_for_timeout(600)


def folded(page: Page) -> None:
    page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()
    page.wait_for_timeout(600)


def check(page: Page) -> None:
    found = Axe().run(page).response["violations"]
    bad = [(one["id"], one["nodes"][0]["html"][:200]) for one in found if one["impact"] in SERIOUS]
    assert not bad


def test_axe_would_find_a_serious_violation(offline_page: Page) -> None:
    offline_page.set_content('<html lang="en"><body><img src="data:,"><button></button></body></html>')
    with pytest.raises(AssertionError, match="image-alt"):
        check(offline_page)


# --- how long it holds --------------------------------------------------------------------------------------


@pytest.mark.parametrize("interactions", [80, pytest.param(200, marks=pytest.mark.slow)])
def test_after_many_interactions_the_memory_holds(
    interactions: int, offline_page: Page, server: tuple[str, subprocess.Popen[str]]
) -> None:
    page = with_small_scenario(offline_page, server[0])
    ran(page)
    page.get_by_text("Run at each change").click()
    steps = ["Price (USD)", LABELS["peer_reach"], LABELS["endorsement"], "Margin (share of the price)"]
    sizes = []
    for turn in range(1, interactions + 1):
        if turn % RUN_EVERY:
            move(page, steps[turn // 25 % len(steps)])
        else:
            button(page, "Run").click()
            tab(page, TABS[turn // RUN_EVERY % len(TABS)])
        page.wait_for_timeout(150)
        settled(page)
        if turn in (interactions // 2, interactions):
            sizes.append(resident_mb(server[1]))
    print(f"resident after {interactions // 2} and {interactions} interactions: {sizes[0]:.0f} and {sizes[1]:.0f} MB")
    assert sizes[1] - sizes[0] < GROWTH_MB


def resident_mb(started: subprocess.Popen[str]) -> float:
    """Resident memory of the server, in MB."""
    found = re.search(r"VmRSS:\s+(\d+)", (server_process(started) / "status").read_text(encoding="utf-8"))
    assert found is not None
    return int(found[1]) / 1024
