"""The replay's page in a browser without a network: its clock, its keys, its stories, its tables."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

import sim
from sim.randomness import BY_AUTHOR, RECOMMENDED
from sim.record import Event
from sim.studies.replay import Played, Replay, replay
from sim.views.replay.data import FIGURES, shown_figures, whole_figures
from sim.views.replay.page import ReplayPage

SAMPLES = Path(__file__).parents[1] / "samples"


@pytest.fixture(scope="module")
def shown() -> Replay:
    """Every mechanism at work, 500 people of 2,000."""
    return replay(sim.load(SAMPLES / "everything.toml"), most=500)


@pytest.fixture(scope="module")
def file(shown: Replay, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ReplayPage.of(shown).save(tmp_path_factory.mktemp("replay") / "replay.html")


@pytest.fixture
def page(offline_page: Page, file: Path) -> Page:
    """The page, opened; what it complains about fails the test."""
    return opened(offline_page, file)


def opened(page: Page, file: Path) -> Page:
    def fail(problem: object) -> None:
        raise AssertionError(problem)

    page.on("pageerror", fail)
    page.on("console", lambda message: fail(message.text) if message.type in ("error", "warning") else None)
    page.goto(file.as_uri())
    return page


def day(page: Page) -> int:
    """The day that the page says, in both places at one moment."""
    text, value = page.evaluate("[document.getElementById('when').textContent, document.getElementById('day').value]")
    assert text == f"Day {value} of 11"
    return int(value)


# --- the clock ---------------------------------------------------------------------------------------------


def test_buttons_step_and_the_slider_goes_anywhere(page: Page) -> None:
    assert day(page) == 0
    for button, expected in (
        ("On a day", 1),
        ("On a day", 2),
        ("Back a day", 1),
        ("To the start", 0),
        ("Back a day", 0),
    ):
        page.get_by_role("button", name=button).click()
        assert day(page) == expected
    page.get_by_label("Day", exact=True).fill("7")
    assert day(page) == 7


def test_play_advances_pause_stops_and_the_end_ends(page: Page) -> None:
    page.clock.install()
    page.get_by_label("Speed", exact=True).select_option("4")
    page.get_by_role("button", name="Play").click()
    page.clock.run_for(1100)
    assert day(page) >= 3
    page.get_by_role("button", name="Pause").click()
    stopped = day(page)
    page.clock.run_for(700)
    assert day(page) == stopped
    page.get_by_label("Speed", exact=True).select_option("1")
    page.get_by_role("button", name="Play").click()
    page.clock.run_for(2100)
    assert stopped + 1 <= day(page) <= stopped + 5
    page.get_by_label("Speed", exact=True).select_option("8")
    page.clock.run_for(2500)
    assert day(page) == 11
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    page.get_by_role("button", name="Play").click()
    assert day(page) == 0


def test_keys_play_and_step(page: Page) -> None:
    page.clock.install()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    assert day(page) == 1
    page.keyboard.press("Space")
    expect(page.locator("#play")).to_have_text("Pause")
    page.clock.run_for(1200)
    assert day(page) >= 2
    page.keyboard.press("Space")
    expect(page.locator("#play")).to_have_text("Play")
    page.locator("#player").focus()
    page.keyboard.press("End")
    assert day(page) == 11
    page.keyboard.press("ArrowUp")
    assert page.locator("#speed").input_value() == "4"
    page.locator("#person").focus()
    page.keyboard.press("ArrowLeft")
    assert day(page) == 11  # the key belongs to the field


def test_reduced_motion_moves_by_days_only(browser: Browser, file: Path) -> None:
    context = browser.new_context(reduced_motion="reduce")
    page = opened(context.new_page(), file)
    page.clock.install()
    page.get_by_role("button", name="Play").click()
    parts = set()
    for _ in range(8):
        page.clock.run_for(230)
        parts.add(page.evaluate("part"))
    assert day(page) >= 2
    assert parts == {1}
    context.close()


# --- what is told ------------------------------------------------------------------------------------------


def test_figures_so_far_are_those_of_the_run(page: Page, shown: Replay) -> None:
    for at in (0, 5, 11):
        page.get_by_label("Day", exact=True).fill(str(at))
        for number, played in enumerate(shown.plans):
            whole, here = whole_figures(played.run), shown_figures(played)
            for name in FIGURES:
                assert page.locator(f"#whole{number}{name}").inner_text() == f"{whole[name][: at + 1].sum():,}"
                assert page.locator(f"#here{number}{name}").inner_text() == f"{here[name][: at + 1].sum():,}"


def told(played: Played, shown: Replay, person: int) -> list[str]:
    """What the story must say of each thing seen, in order, and of buying."""
    posts, handles = played.campaign.posts, shown.world.handles
    order = {p.address: sorted((q.day, q.address) for q in posts if q.creator == p.creator).index((p.day, p.address))
             for p in posts}  # fmt: skip
    forms = {p.address: p.form for p in posts}
    lines = []
    for row in played.events[played.events["person"] == person]:
        post, shower = played.told[int(row["post"])] if row["post"] else None, int(row["shower"])
        if row["kind"] == Event.BUY:
            lines.append(f"Day {row['day']}: .*bought for the first time")
        if row["kind"] != Event.SEE or post is None:
            continue
        if post.creator >= 0:
            form, number = forms[int(row["post"])], order[int(row["post"])] + 1
            what = f"{handles[post.creator]}’s " + (
                f"post {number}" if form == "post" else f"{form} \\(post {number}\\)"
            )
            how = {BY_AUTHOR: "followed", RECOMMENDED: "recommended by the feed"}.get(
                shower, f"passed on by person {shower}"
            )
        else:
            what = f"a (good word|bad word|post) by person {post.person}"
            how = "from them" if shower == post.person else f"passed on by person {shower}"
        lines.append(f"Day {row['day']}: .*saw {what}.* \\({how}; trust {row['value']:.2f}\\)")
    return sorted(lines, key=lambda line: int(line.split()[1].strip(":")))


def test_stories_say_what_the_events_say(page: Page, shown: Replay) -> None:
    people = [p for p in shown.shown.people.tolist() if any(told(played, shown, p) for played in shown.plans)]
    for person in people[::12]:
        page.get_by_label("Person number").fill(str(person))
        page.keyboard.press("Enter")
        expect(page.locator("#story h3").first).to_have_text(f"Person {person}")
        for number, played in enumerate(shown.plans):
            lines = page.locator(".stories > div").nth(number).locator("li").all_inner_texts()
            for expected in told(played, shown, person):
                assert any(re.match(expected, line) for line in lines), (expected, lines)
            seen = [line for line in lines if " saw " in line]
            assert len(seen) == sum("saw " in line for line in told(played, shown, person))


def test_pointing_at_a_dot_tells_its_story_and_a_click_holds_it(page: Page, shown: Replay) -> None:
    people = shown.shown.people.tolist()
    for panel, place in ((0, 17), (1, 250), (0, 499)):
        page.locator("#player").scroll_into_view_if_needed()
        x, y = page.evaluate(f"replay.place({panel}, {place})")
        page.mouse.wheel(0, y - 400)
        page.wait_for_function(f"Math.abs(replay.place({panel}, {place})[1] - {y}) > 0.5 || {abs(y - 400)} < 1")
        x, y = page.evaluate(f"replay.place({panel}, {place})")
        page.mouse.move(x, y)
        expect(page.locator("#story h3").first).to_have_text(f"Person {people[place]}")
    page.mouse.click(x, y)
    other = page.evaluate("replay.place(0, 17)")
    page.mouse.move(*other)
    expect(page.locator("#story h3").first).to_have_text(f"Person {people[499]}")


def test_a_story_is_found_by_keyboard_and_says_why(page: Page, shown: Replay) -> None:
    bought = {int(p) for played in shown.plans for p in played.events["person"][played.events["kind"] == Event.BUY]}
    page.get_by_label("Somebody").select_option("bought")
    found = set()
    for _ in range(5):
        page.get_by_role("button", name="Next").focus()
        page.keyboard.press("Enter")
        found.add(int(page.get_by_label("Person number").input_value()))
    assert len(found) == 5
    assert found <= bought
    page.get_by_label("Somebody").select_option("missed")
    page.get_by_role("button", name="Previous").click()
    person = int(page.get_by_label("Person number").input_value())
    assert shown.world.need[person] > 0
    assert any(person not in played.events["person"][played.events["kind"] == Event.SEE] for played in shown.plans)
    page.get_by_label("Person number").fill("1999999")
    page.keyboard.press("Enter")
    assert "No person of that number" in page.locator("#story").inner_text()


# --- for everybody -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_serious_in_the_way_of_anybody(
    browser: Browser, file: Path, screenshots: Path, scheme: Any, width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = opened(context.new_page(), file)
    page.get_by_label("Day", exact=True).fill("8")
    page.get_by_role("button", name="Next").click()
    for summary in page.locator("summary").all():
        summary.click()
    found = Axe().run(page).response["violations"]
    serious = [one for one in found if one["impact"] in ("serious", "critical")]
    assert not [(one["id"], [node["html"] for node in one["nodes"]]) for one in serious]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    tops = [page.locator(f"#canvas{number}").bounding_box() for number in (0, 1)]
    assert (tops[0]["y"] == tops[1]["y"]) == (width == 1280)
    page.screenshot(path=screenshots / f"replay-{width}-{scheme}.png", full_page=True)
    context.close()


def test_the_picture_changes_with_the_day(page: Page) -> None:
    picture = "document.getElementById('canvas0').toDataURL()"
    first = page.evaluate(picture)
    page.get_by_role("button", name="On a day").click()
    second = page.evaluate(picture)
    page.get_by_role("button", name="Back a day").click()
    assert page.evaluate(picture) == first != second
