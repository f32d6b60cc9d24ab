"""What a person is shown: the console, the figures, the report, the resolved scenario."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from sim.ensemble import Replicate, run_ensemble
from sim.results.comparison import Comparison, compare_plans
from sim.results.measures import run_by_day
from sim.results.rounding import number, percent
from sim.results.statistics import Interval
from sim.results.tables import paired_overlaps
from sim.scenario.load import Scenario, load
from sim.society.overlap import pair_overlaps
from sim.society.world import build_world
from sim.views.console import comparison_table, run_table, world_table
from sim.views.page import Markup, table
from sim.views.plots import comparison_figure, daily_figure, pictures, source_figure
from sim.views.progress import Progress, time_left
from sim.views.report.page import report_html, write_report
from sim.views.resolved import scenario_toml, scenario_values
from sim.views.wording import KEY_FIGURES, best_text, margin_text, range_text

SAMPLES = Path(__file__).parents[1] / "samples"
SMALL = SAMPLES / "small.toml"
ONE_PLAN = "plan=[{name='alone', deals=[{creator='big'}]}]"


def compared(*overrides: str, path: Path = SMALL, **options: int) -> Comparison:
    return compare_plans(run_ensemble(load(path, overrides, **options), workers=1, engine="agents"))


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return compared()


@pytest.fixture(scope="module")
def single() -> Comparison:
    """One plan, one replicate, one day: nothing to compare and no intervals."""
    return compared(ONE_PLAN, replicates=1, days=1)


@pytest.fixture(scope="module")
def many() -> Comparison:
    """Six plans, one of them with the name of a long film."""
    plans = ", ".join(f"{{name='plan {n}', deals=[{{creator='big', start={n}}}]}}" for n in range(5))
    long = "{name='the one that everybody has been talking about since spring', deals=[{creator='anna'}]}"
    return compared(f"plan=[{plans}, {long}]", replicates=2)


def text(shown: object, width: int) -> str:
    console = Console(width=width, file=io.StringIO(), highlight=False)
    console.print(shown)
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_what_differs_by_rounding_alone_has_no_interval() -> None:
    last = 7330.1
    same, other = (Interval(last, low, last, 0.0, None) for low in (np.nextafter(last, 0.0), last - 100))
    assert (range_text("cost", same), margin_text("cost", same)) == ("", "")
    assert (range_text("cost", other), margin_text("cost", other)) == ("7,230 to 7,330", "±50")


# --- the console -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [80, 120])
def test_the_comparison_fits_its_console(comparison: Comparison, width: int) -> None:
    shown = text(comparison_table(comparison, Path("results/small")), width)
    assert max(map(len, shown.splitlines())) <= width
    assert "…" not in shown
    for part in ("three-small", "one-big", "Engagement rate by reach", "CPA (USD)", "undecided", "results/small"):
        assert part in shown
    assert ("±" in shown) == (width == 80)


def test_each_row_holds_mean_and_interval_of_each_plan(comparison: Comparison) -> None:
    row = next(line for line in text(comparison_table(comparison), 120).splitlines() if line.startswith("Reach"))
    for plan in ("three-small", "one-big"):
        reach = comparison.figures[plan]["reach"]
        assert reach is not None
        assert f"{number(reach.mean)} {number(reach.low)} to {number(reach.high)}" in row
    assert row.strip().endswith(best_text(comparison, "reach"))


@pytest.mark.parametrize("width", [60, 80, 120])
def test_many_plans_fit_too(many: Comparison, width: int) -> None:
    shown = text(comparison_table(many), width)
    assert max(map(len, shown.splitlines())) <= width
    assert all(f"plan {n}" in shown for n in range(5))


def test_one_plan_and_one_replicate_show_no_verdict_and_no_interval(single: Comparison) -> None:
    shown = text(comparison_table(single), 80)
    assert "alone" in shown
    assert "±" not in shown
    assert "better" not in shown
    assert all(best_text(single, key) == "–" for key in KEY_FIGURES)


def test_an_undefined_figure_is_a_dash(comparison: Comparison) -> None:
    rows = text(comparison_table(comparison), 120).splitlines()
    assert re.search(r"\d.*–", next(line for line in rows if line.startswith("Audience overlap")))


def test_names_are_not_markup() -> None:
    shown = text(comparison_table(compared("plan.one-big.name='[bold]'", replicates=1)), 80)
    assert "[bold]" in shown


def test_at_most_five_warnings_are_shown(comparison: Comparison) -> None:
    few = text(comparison_table(comparison), 80).count("note:")
    assert few == len(comparison.warnings) == 3
    extra = [f"columns not used: {n}" for n in range(9)]
    replicates = tuple(replace(each, warnings=tuple(extra)) for each in comparison.ensemble.replicates)
    shown = compare_plans(replace(comparison.ensemble, replicates=replicates))
    assert "note: and 4 more" in text(comparison_table(shown), 80)


def test_a_run_is_shown_day_by_day(comparison: Comparison) -> None:
    scenario = comparison.ensemble.scenario
    run = comparison.ensemble.replicates[0].plans["one-big"].run
    shown = text(run_table(scenario, "one-big", {"cost": 117.0, "days": run_by_day(scenario, run)}), 80)
    assert max(map(len, shown.splitlines())) <= 80
    assert all(f"2026-03-0{day}" in shown for day in range(2, 8))
    assert number(run.people_per_agent * run.total("clicks_expected") / 2**32) in shown


def test_a_long_run_is_shown_in_spans_that_add_up() -> None:
    scenario = load(SMALL, ["run.days=365"])
    days = [dict.fromkeys(("impressions", "reach", "engagements", "clicks", "shares", "conversions"), 1.0)] * 365
    rows = [{"day": day, **row} for day, row in enumerate(days)]
    lines = text(run_table(scenario, "one-big", {"days": rows}), 100).splitlines()
    spans = [line for line in lines if re.match(r"\d+ to \d+|\d+ ", line)]
    assert len(spans) <= 40
    assert sum(float(line.split()[-1]) for line in spans) == 365


def test_a_world_is_shown_section_by_section() -> None:
    world = {
        "society": {"people": 2000, "niches": {"beauty": 700, "food": 1300}, "in_the_market": None},
        "audiences": [{"creator": f"c{n}", "niche": None, "share_of_people": 0.0825} for n in range(50)],
    }
    shown = text(world_table(world), 80)
    for part in ("2,000", "beauty 700, food 1,300", "in the market", "–", "8.25 %", "c39", "and 10 more"):
        assert part in shown
    assert "c40" not in shown


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_a_bar_in_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    stream = Terminal()
    with Progress("simulating", stream=stream) as progress:
        progress(1, 4, 2.0)
    assert "1/4" in stream.getvalue()
    assert "6 s left" in stream.getvalue()


def test_progress_without_a_terminal_says_a_line_every_ten_seconds() -> None:
    stream = io.StringIO()
    with Progress("simulating", stream=stream) as progress:
        for finished in range(1, 11):
            progress(finished, 10, 3.0 * finished)
    assert stream.getvalue() == "simulating: 4 of 10, 18 s left\nsimulating: 8 of 10, 6 s left\n"


def test_progress_can_be_quiet() -> None:
    stream = Terminal()
    with Progress(quiet=True, stream=stream) as progress:
        progress(1, 2, 60.0)
    assert stream.getvalue() == ""


def test_time_left() -> None:
    assert [time_left(1, 2, s) for s in (8, 600, 9000)] == ["8 s left", "10 min left", "2.5 h left"]


# --- the figures -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("draw", [comparison_figure, daily_figure, source_figure])
@pytest.mark.parametrize("which", ["comparison", "single", "many"])
def test_each_figure_says_in_words_what_it_shows(draw: object, which: str, request: pytest.FixtureRequest) -> None:
    shown = request.getfixturevalue(which)
    figure, said = draw(shown)  # type: ignore[operator]
    assert all(plan in said for plan in shown.figures if plan != "none")
    assert "nan" not in said
    for axes in figure.axes:
        assert not axes.axison or axes.get_xlabel() or axes.get_ylabel()


def test_the_words_hold_the_numbers(comparison: Comparison) -> None:
    reach = comparison.figures["one-big"]["reach"]
    assert reach is not None
    said = f"{number(reach.mean)} ({number(reach.low)} to {number(reach.high)})"
    assert f"one-big {said}" in comparison_figure(comparison)[1]
    assert f"{said} by day 5" in daily_figure(comparison)[1]


def test_a_start_date_labels_the_days(comparison: Comparison) -> None:
    figure, _ = daily_figure(comparison)
    figure.canvas.draw()
    labels = [label.get_text() for label in figure.axes[-1].get_xticklabels()]
    assert "2026-03-02" in labels
    assert figure.axes[-1].get_xlabel() == "date"


@pytest.mark.full
def test_equal_comparisons_give_equal_pictures(comparison: Comparison) -> None:
    first, again, other = pictures(comparison), pictures(compared()), pictures(compared(seed=8))
    assert [p.png for p in first] == [p.png for p in again]
    assert all(a.png != b.png for a, b in zip(first, other, strict=True))
    assert all(p.png.startswith(b"\x89PNG") and b"Software" not in p.png and b"tIME" not in p.png for p in first)


def test_a_name_with_dollars_is_no_formula() -> None:
    shown = compared("plan.one-big.name='$10k^2_x$ \\\\frac'", replicates=1)
    assert len(pictures(shown)) == 3


# --- the report --------------------------------------------------------------------------------------------


class Outline(HTMLParser):
    """Open tags, and what every start tag says."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.mark.parametrize("which", ["comparison", "single", "many"])
def test_the_report_is_one_sound_page_without_addresses(which: str, request: pytest.FixtureRequest) -> None:
    shown = request.getfixturevalue(which)
    page = report_html(shown)
    outline = Outline(page)
    assert not outline.open
    assert "http" not in page
    assert "nan" not in re.sub(r'src="[^"]*"', "", page)
    ids = {attributes["id"] for _, attributes in outline.tags if "id" in attributes}
    sections = {f"#{attributes['id']}" for attributes in outline.all("section")}
    links = {attributes["href"] for attributes in outline.all("a")}
    assert sections <= links <= {f"#{key}" for key in ids}
    images = outline.all("img")
    assert len(images) == 3
    assert all(str(image["src"]).startswith("data:image/png;base64,") for image in images)
    assert all(plan in str(image["alt"]) for image in images for plan in shown.figures if plan != "none")


def test_the_report_holds_what_a_reader_needs(comparison: Comparison) -> None:
    page = report_html(comparison)
    scenario = comparison.ensemble.scenario
    wanted = ["How sure", "Holm", "dashboard rate", "influence compare scenario.toml", "three-small minus one-big",
              "word of mouth", "click_rate", "2026-03-02"]  # fmt: skip
    assert [part for part in (scenario.question, *wanted, *comparison.warnings) if part not in page] == []
    assert all(f'<th scope="row">{handle}</th>' in page for handle in ("anna", "ben", "cleo", "big"))


def test_a_plan_that_reaches_nobody_is_shown_as_such(comparison: Comparison) -> None:
    def nobody(replicate: Replicate) -> Replicate:
        paid = replace(replicate.plans["one-big"], run=replicate.plans["none"].run)
        return replace(replicate, plans={**replicate.plans, "one-big": paid})

    ensemble = comparison.ensemble
    shown = compare_plans(replace(ensemble, replicates=tuple(map(nobody, ensemble.replicates))))
    page = report_html(shown)
    assert not re.search(r"\bnan\b", re.sub(r'src="[^"]*"', "", page))
    assert "one-big: followed 0 (–)" in page
    assert "one-big" in text(comparison_table(shown), 80)


def test_the_report_tells_the_overlap_of_each_two_creators(comparison: Comparison) -> None:
    """One society twice, the other twice: the mean over replicates is that of the worlds."""
    shares = paired_overlaps(comparison, "three-small")
    worlds = [build_world(comparison.ensemble.scenario, number) for number in range(4)]
    at = [worlds[0].index_of(handle) for handle in ("anna", "ben", "cleo")]
    expected = [pair_overlaps([world.audience_of(one) for one in at], world.n_people) for world in worlds]
    np.testing.assert_allclose(shares.to_numpy(), np.mean(expected, axis=0), rtol=1e-12)
    page = report_html(comparison)
    rows = re.findall('<th scope="row">([123]\\. .*?)</th>(.*?)</tr>', page)
    assert [(name, re.findall(">([^<]+)</td>", cells)) for name, cells in rows] == [
        ("1. anna", []), ("2. ben", [percent(shares.loc["ben", "anna"])]),
        ("3. cleo", [percent(shares.loc["cleo", "anna"]), percent(shares.loc["cleo", "ben"])]),
    ]  # fmt: skip
    assert paired_overlaps(comparison, "one-big").empty


def test_the_report_escapes_what_users_write() -> None:
    evil = "<script>alert(1)</script>"
    keys = ("plan.one-big.name", "creator.anna.handle", "plan.three-small.deals.anna.creator", "market.currency")
    page = report_html(compared(*(f"{key}='{evil}'" for key in keys), replicates=1))
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert not Outline(page).open


@pytest.mark.full
def test_the_same_report_twice(comparison: Comparison, tmp_path: Path) -> None:
    path = write_report(comparison, tmp_path / "report.html")
    assert path.read_text(encoding="utf-8") == report_html(compared())


def test_a_table_escapes_all_but_markup() -> None:
    made = table("a & b", ["<h>", "n"], [["<x>", Markup("<b>1</b>")]])
    assert "a &amp; b" in made
    assert "&lt;x&gt;" in made
    assert "<b>1</b>" in made


# --- the resolved scenario ---------------------------------------------------------------------------------


def resolved(scenario: Scenario, folder: Path) -> Scenario:
    path = folder / "resolved.toml"
    path.write_bytes(scenario_toml(scenario).encode())
    return load(path)


CAMPAIGN = SAMPLES / "campaign.toml"


@pytest.mark.parametrize(
    ("path", "overrides"),
    [
        (SMALL, []),
        (SMALL, ["parameters.click_rate=0.0123456789012345", "platform.preset='youtube'", "product.price=1e-3"]),
        (SMALL, ["run.replicates=1", "society.worlds=7", "market.population=2e4"]),
        (CAMPAIGN, []),
        (CAMPAIGN, ["plan.mix.split.nano=0.04", "plan.mix.budget=333.33"]),
        (CAMPAIGN, ["plan.mix.split={tiny=1.0}", "tiers={tiny=[1, 10_000]}", "plan.mix.posts=1"]),
        (Path("ten-micros-vs-one-celebrity.toml"), []),
    ],
)
def test_the_resolved_scenario_asks_the_same(path: Path, overrides: list[str], tmp_path: Path) -> None:
    asked = load(path if path.is_absolute() else Path(__file__).parents[2] / "scenarios" / path, overrides)
    again = resolved(asked, tmp_path)
    assert again.digest("x") == asked.digest("x")
    assert (again.name, again.question, again.run) == (asked.name, asked.question, asked.run)
    assert [plan.budget for plan in again.plans] == [plan.budget for plan in asked.plans]
    assert dict(again.tiers) == dict(asked.tiers)


def test_another_scenario_has_another_digest(tmp_path: Path) -> None:
    again = resolved(load(SMALL), tmp_path)
    assert again.digest("x") != load(SMALL, ["product.price=41.0"]).digest("x")
    assert again.digest("x") != again.digest("y")


@pytest.mark.parametrize("name", ['"', "'", "\\n", "# no", "]] [[x]]", "a = 1", "ünï ☂ 漢", "\\u0041", "{}", "a.b"])
def test_any_name_survives(name: str, tmp_path: Path) -> None:
    quoted = json.dumps(name)
    asked = load(
        SMALL, [f"plan.one-big.name={quoted}", f"name={quoted}", f"market.niches=['beauty', 'food', {quoted}]"]
    )
    again = resolved(asked, tmp_path)
    assert again.digest("x") == asked.digest("x")
    assert (again.name, again.plans[2].name) == (name, name)


def test_a_given_graph_is_named_by_its_place(tmp_path: Path) -> None:
    (tmp_path / "edges.csv").write_text("".join(f"{hub},p{n}\n" for hub in ("anna", "big") for n in range(30)))
    source = tmp_path / "graph.toml"
    source.write_text(
        'schema = 1\ncreator = [{handle = "anna", followers = 30}, {handle = "big", followers = 30}]\n'
        '[society]\ngraph = "edges.csv"\ndirected = true\n'
        '[[plan]]\nname = "a"\ndeals = [{creator = "anna"}]\n[[plan]]\nname = "b"\ndeals = [{creator = "big"}]\n'
    )
    asked = load(source)
    (tmp_path / "elsewhere").mkdir()
    again = resolved(asked, tmp_path / "elsewhere")
    assert again.graph == asked.graph
    assert again.digest("x") == asked.digest("x")
    assert again.question == ""


def test_a_long_question_stays_one(tmp_path: Path) -> None:
    question = "Is it worth the trouble, or not? " * 20
    source = tmp_path / "long.toml"
    source.write_text(f"# {question}\n" + SMALL.read_text().partition("\n")[2])
    text_of = scenario_toml(load(source))
    assert resolved(load(source), tmp_path).question == question.strip()
    assert all(len(line) <= 102 for line in text_of.partition("schema")[0].splitlines())


def test_each_value_says_where_it_came_from() -> None:
    scenario = load(SMALL, ["platform.preset='youtube'"], days=4)
    rows = {key: (value, unit, origin, source) for key, value, unit, origin, source in scenario_values(scenario)}
    assert rows["run.days"] == (4, "days", "command line --days", "")
    assert rows["product.price"] == (40.0, "USD", "scenario file", "")
    assert rows["parameters.click_rate"] == (0.03, "per impression", "scenario file", "")
    assert rows["parameters.reach"][2:] == ("default", "Minter.io 2019 medians 37.7 to 19.1 %; later figures are lower")
    assert rows["parameters.half_life_hours"][2:] == (
        "platform preset youtube",
        "8 d, range 5-10 d (Graffius); 6 d (TubeMogul 2010)",
    )
    written = scenario_toml(scenario)
    assert "days = 4 # days; command line --days" in written
    assert "half_life_hours = 192.0 # hours; platform preset youtube; 8 d, range 5-10 d (Graffius); 6 d" in written
