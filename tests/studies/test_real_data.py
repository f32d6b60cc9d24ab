"""The study on real data: known answers without any data, and the data's own figures where a folder of it is named.

INFLUENCE_SIM_DATA names the folder. What it should hold, and where that can be got, stands in
experiments/real_data/data_sources.py; none of it is part of the project.
"""

from __future__ import annotations

import importlib
import os
import re
import runpy
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import linregress, spearmanr

from sim.scenario.schema import TIERS

STUDY = Path(__file__).parents[2] / "experiments" / "real_data"
DATA = "INFLUENCE_SIM_DATA"
SCRIPTS = ("instagram", "twitter", "twitch")


@pytest.fixture(autouse=True)
def on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """The study's folder is on the path as when its scripts run."""
    monkeypatch.syspath_prepend(str(STUDY))


def module(name: str) -> Any:
    return importlib.import_module(name)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few resamples, few draws, few replicates."""
    for script in SCRIPTS:
        module(script)  # before anything is changed that one module takes from another
    for name, values in {
        "rates_by_size": {"RESAMPLES": 20}, "ten_against_one": {"RESAMPLES": 4, "DRAWS": 1_000},
        "seeding_gain": {"SEEDS": (1, 2), "REPLICATES": 2, "CHOICES": 4, "RUNS": 5},
        "graph_study": {"SEEDS": (1,)}, "streamers": {"SEEDS": (1, 2), "RESAMPLES": 20},
    }.items():  # fmt: skip
        for key, value in values.items():
            monkeypatch.setattr(module(name), key, value)


def creators_table(n: int = 1_800, power: float = -0.2, seed: int = 1) -> pd.DataFrame:
    """Invented creators of every size whose rate is followers^power times chance."""
    rng = np.random.default_rng(seed)
    followers = np.exp(rng.uniform(np.log(1e3), np.log(9e6), n)).round()
    rate = 0.2 * followers**power * np.exp(0.3 * rng.standard_normal(n))
    niches = np.array(["food", "travel", ""])[np.arange(n) % 3]
    return pd.DataFrame(
        {"handle": [f"made{k}" for k in range(n)], "followers": followers, "niche": niches, "rate": rate}
    )


def star(folder: Path, leaves: int = 199) -> Path:
    """An edge list in which everybody follows node 0, and nobody else is followed."""
    path = folder / "star.csv"
    path.write_text("src,dst\n" + "".join(f"0,{leaf}\n" for leaf in range(1, leaves + 1)), encoding="utf-8")
    return path


# --- where the data comes from -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_without_the_folder_says_where_the_data_can_be_got(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [f"{name}.py"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(STUDY / f"{name}.py"), run_name="__main__")
    assert str(ended.value).startswith("no folder given")
    assert ".csv[.gz]  " in str(ended.value)
    assert re.search(r"(WWW 2020|WSDM 2021|Networks, 2021)", str(ended.value))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("data", "file", "cited"),
    [("INSTAGRAM", "instagram_creators_2019.csv", "Kim"), ("TWITTER", "twitter_brand_followers.csv", "Saveski"),
     ("TWITCH", "twitch_DE_target.csv", "Rozemberczki")],
)  # fmt: skip
def test_a_folder_without_the_files_is_told_which(tmp_path: Path, data: str, file: str, cited: str) -> None:
    sources = module("data_sources")
    with pytest.raises(SystemExit, match=f"no {file}") as refused:
        sources.locate(tmp_path, getattr(sources, data))
    assert cited in str(refused.value)


def test_plain_and_gzip_files_are_found_and_one_that_is_missing_is_named(tmp_path: Path) -> None:
    sources = module("data_sources")
    (tmp_path / "twitch_DE_edges.csv.gz").touch()
    with pytest.raises(SystemExit) as refused:
        sources.locate(tmp_path, sources.TWITCH)
    assert (
        str(refused.value)
        .splitlines()[0]
        .endswith("no twitch_DE_target.csv, plain or gzip. The data is no part of the project.")
    )
    (tmp_path / "twitch_DE_target.csv").touch()
    found = sources.locate(tmp_path, sources.TWITCH)
    assert [path.name for path in found] == ["twitch_DE_edges.csv.gz", "twitch_DE_target.csv"]


# --- rates by size -----------------------------------------------------------------------------------------


def test_slopes_are_those_of_the_law_behind_them(quick: None) -> None:  # noqa: ARG001
    table = creators_table(power=-0.3)
    followers = table["followers"].to_numpy()
    found = {f.group: f for f in module("rates_by_size").slopes("x", followers, 0.2 * followers**-0.3)}
    assert {name: f.value for name, f in found.items()} == pytest.approx(dict.fromkeys(found, -0.3))
    assert len(found) == 3


def test_a_slope_is_that_of_least_squares_and_holds_quality() -> None:
    rng, slope = np.random.default_rng(3), module("rates_by_size").slope
    x, q = rng.standard_normal((2, 500))
    y = -0.2 * x + 1.5 * (q + x) + 0.1 * rng.standard_normal(500)
    assert slope(np.column_stack([x, y])[None])[0] == pytest.approx(linregress(x, y).slope)
    assert slope(np.column_stack([x, q + x, -0.2 * x + 1.5 * (q + x)])[None])[0] == pytest.approx(-0.2)


def test_medians_by_size_beside_the_reference_bin(quick: None) -> None:  # noqa: ARG001
    sizes = module("rates_by_size")
    followers = np.repeat([5e3, 2e4, 1e5, 2e5, 5e5, 2e6], 21)
    rate = np.repeat([0.04, 0.02, 0.01, 0.01, 0.01, 0.005], 21) * np.tile(np.exp(np.linspace(-1, 1, 21)), 6)
    found = {(f.group, f.name): f for f in sizes.by_size("x", followers, rate)}
    relative = [found[name, "relative"].value for name in sizes.BINS]
    assert relative == pytest.approx([2.0, 1.0, 0.5, 0.5, 0.5, 0.25])
    assert found["1k-10k", "median"].value == pytest.approx(0.04)
    assert found["1k-10k", "spread"].value == pytest.approx(np.linspace(-1, 1, 21).std(ddof=1))
    low, high = found["above 1M", "median"].low, found["above 1M", "median"].high
    assert low < 0.005 < high


# --- ten against one ---------------------------------------------------------------------------------------


def test_skew_alone_lets_ten_win_64_draws_of_100() -> None:
    tens, rng = module("ten_against_one"), np.random.default_rng(1)
    alike = tens.Creators(np.ones(200_000), np.exp(0.9 * rng.standard_normal(200_000)))
    found = tens.duel(alike, alike, rng, 100_000)
    assert found.share == pytest.approx(0.64, abs=0.01)
    assert found.ratio == pytest.approx(1.42, abs=0.03)
    assert found.total == pytest.approx(10 * found.ratio, rel=1e-9)


def test_equal_rates_make_followers_decide_the_total_and_nothing_else() -> None:
    tens = module("ten_against_one")
    small, large = tens.Creators(np.full(30, 2e4), np.full(30, 0.03)), tens.Creators(np.full(5, 1e6), np.full(5, 0.03))
    found = tens.duel(small, large, np.random.default_rng(1), 50)
    assert found == pytest.approx((0.0, 1.0, 0.2))


def test_ten_different_creators_are_drawn() -> None:
    rows = module("ten_against_one").different(12, 500, np.random.default_rng(1))
    assert all(len(set(row)) == 10 for row in rows.tolist())
    assert np.bincount(rows.ravel(), minlength=12).min() > 350


@pytest.mark.parametrize("way", ["equal medians", "dealt anew", "lognormal"])
def test_without_size_a_tenfold_rate_of_small_creators_is_gone(way: str) -> None:
    tens, rng = module("ten_against_one"), np.random.default_rng(1)
    chance = np.exp(0.9 * rng.standard_normal((2, 4_000)))
    small, large = tens.Creators(np.full(4_000, 2e4), 10 * chance[0]), tens.Creators(np.full(4_000, 2e5), chance[1])
    assert tens.duel(small, large, rng).ratio == pytest.approx(14.2, rel=0.1)
    assert tens.duel(*tens.without_size(way, small, large, rng), rng).ratio == pytest.approx(1.42, rel=0.1)


# --- creators ----------------------------------------------------------------------------------------------


def test_the_table_is_read_and_a_missing_column_named(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("creator,category,followers,median_likes,median_comments\na,other,1000,40,10\nb,food,500,5,0\n")
    table = module("creators_sample").read_creators(path)
    assert table["rate"].tolist() == [0.05, 0.01]
    assert table["niche"].tolist() == ["", "food"]
    path.write_text("creator,followers\na,1\n")
    with pytest.raises(SystemExit, match="no column category, median_comments, median_likes"):
        module("creators_sample").read_creators(path)


def test_samples_share_no_creator_and_have_as_many_of_every_bin() -> None:
    sample = module("creators_sample")
    table = creators_table()
    table.loc[0, "followers"] = 9e7
    three = sample.samples(table, 10, 3)
    handles = [handle for one in three for handle in one["handle"]]
    assert len(handles) == len(set(handles)) == 3 * 10 * len(sample.BINS)
    assert "made0" not in handles
    for one in three:
        assert [int(sample.within(one["followers"].to_numpy(), name).sum()) for name in sample.BINS] == [10] * 6


def test_likes_are_withheld_from_the_model(tmp_path: Path) -> None:
    sample = module("creators_sample")
    large = creators_table(60).query("followers > 1_000_000").head(4)
    scenario = sample.scenario_of(large, tmp_path, seed=3, people=4_000)
    assert {spec.engagement_rate for spec in scenario.creators.values()} == {None}
    assert {spec.niche for spec in scenario.creators.values()} <= {"food", "travel", None}
    assert (tmp_path / "roster.csv").read_text().splitlines()[0] == "handle,followers,niche"
    assert scenario.market.population == 20_000_000

    once = sample.with_simulated(large, 3, people=4_000)
    other = sample.with_simulated(large.assign(rate=0.5), 3, people=4_000)
    assert (once["simulated"] > 0).all()
    assert once["simulated"].tolist() == other["simulated"].tolist()


# --- graphs ------------------------------------------------------------------------------------------------


def test_structure_of_known_graphs(make_society: Callable[..., Any]) -> None:
    graphs = module("graph_structure")
    triangles = [(3 * k + a, 3 * k + b) for k in range(10) for a in range(3) for b in range(3) if a != b]
    found = graphs.structure(make_society(31, [*triangles, (0, 30)]))
    assert found["clustering", "2-4"] == 1.0
    assert np.isnan(found["clustering", "5-9"])
    assert found["ties", "returned"] == pytest.approx(60 / 61)
    assert found["ties", "share in the largest circle"] == pytest.approx(3 / 31)
    assert found["ties", "mean distance in it"] == 1.0
    assert found["followers", "p100"] == 3.0
    assert found["following", "p100"] == 2.0


def test_distances_of_a_ring(make_society: Callable[..., Any]) -> None:
    ring = [(k, (k + 1) % 40) for k in range(40)]
    assert module("graph_structure").circle(make_society(40, ring)) == {
        "share in the largest circle": 1.0, "mean distance in it": 20.0,
    }  # fmt: skip


def test_friends_of_a_hub_who_are_strangers_are_not_clustered(make_society: Callable[..., Any]) -> None:
    spokes = [pair for k in range(1, 300) for pair in ((0, k), (k, 0))]
    degree, local = module("graph_structure").clustering(make_society(300, spokes))
    assert degree.tolist() == [299]
    assert local.tolist() == [0.0]


def test_ties_carry_influence_from_the_followed(make_society: Callable[..., Any]) -> None:
    graphs = module("given_graph")
    graph = graphs.ties_of(make_society(4, [(2, 0), (2, 1)]))
    assert graph.names == ("0", "1", "2", "3")
    assert list(zip(graph.sources.tolist(), graph.targets.tolist(), strict=True)) == [(2, 0), (2, 1)]


@pytest.fixture
def on_a_star(quick: None, tmp_path: Path) -> dict[tuple[str, str, str], Any]:  # noqa: ARG001
    """Everything measured on a star and beside it, by subject, group and name."""
    found = module("graph_study").graph_figures(star(tmp_path), tmp_path, directed=True)
    return {(f.of, f.group, f.name): f for f in found}


def test_on_a_star_the_hub_is_all_that_counts(on_a_star: dict[tuple[str, str, str], Any]) -> None:
    assert on_a_star["given", "followers: p100", "mean"].value == 199.0
    assert on_a_star["given", "ties: returned", "mean"].value == 0.0
    assert on_a_star["generated", "ties: people", "mean"].value == 200.0
    cascade = "independent cascade, p weighted"
    assert on_a_star["given", cascade, "top"].value == 100.0  # every leaf follows the hub alone: p = 1
    assert on_a_star["given", cascade, "random"].value < 60.0
    for name in ("top", "random"):
        assert 0.0 <= on_a_star["given", "people reached by a campaign", name].value <= 100.0


def test_a_generated_society_is_of_the_given_size(tmp_path: Path, make_society: Callable[..., Any]) -> None:
    graphs = module("given_graph")
    rng = np.random.default_rng(1)
    arcs = {(int(a), int(b)) for a, b in rng.integers(0, 2_000, (12_000, 2)) if a != b}
    like = make_society(2_000, sorted(arcs))
    made = graphs.society_of(graphs.generated(like), tmp_path)
    assert made.n_people == 2_000
    assert made.n_ties == pytest.approx(like.n_ties, rel=0.05)
    mutual = graphs.society_of(graphs.generated(like, "mutual", returned_share=1.0), tmp_path)
    assert graphs.reciprocated(mutual) == pytest.approx(1.0)
    assert graphs.reciprocated(made) < 0.7


# --- streamers ---------------------------------------------------------------------------------------------


def test_rank_correlations_are_those_of_scipy() -> None:
    streamers, rng = module("streamers"), np.random.default_rng(1)
    a, b, c = rng.integers(0, 50, (3, 400)).astype(float)
    assert streamers.spearman(np.column_stack([a, b])) == pytest.approx(spearmanr(a, b).statistic)
    both = 0.5 * (spearmanr(a, c).statistic + spearmanr(b, c).statistic)
    assert streamers.mean_spearman(np.column_stack([a, b, c])) == pytest.approx(both)


def test_what_degree_explains_is_taken_out() -> None:
    streamers, rng = module("streamers"), np.random.default_rng(1)
    degree, one, other = rng.standard_normal((3, 20_000))
    columns = np.column_stack([degree + one, degree + other, degree])
    assert streamers.spearman(columns[:, :2]) == pytest.approx(0.48, abs=0.03)
    assert streamers.partial_spearman(columns) == pytest.approx(0.0, abs=0.03)


def test_one_post_of_each_streamer(quick: None, tmp_path: Path) -> None:  # noqa: ARG001
    """Streamer k of 20 has 8·(20 - k) friends among 160 others, and the more views (nearly) the fewer friends."""
    streamers = module("streamers")
    edges, targets = tmp_path / "edges.csv", tmp_path / "targets.csv"
    edges.write_text("from,to\n" + "".join(f"{k},{20 + j}\n" for k in range(20) for j in range(8 * (20 - k))))
    targets.write_text("id,views,new_id\n" + "".join(f"{900 + k},{10 * (k ^ 1)},{k}\n" for k in range(180)))
    table = streamers.read_streamers(edges, targets)
    sample = table.head(20)
    assert sample["degree"].tolist() == [8 * (20 - k) for k in range(20)]
    reach = streamers.simulated_reach(sample, edges, tmp_path)
    assert reach.shape == (2, 20)
    assert reach[:, 0].min() > reach[:, -1].max()
    found = {f.group: f.value for f in streamers.order_figures(table, sample, reach) if f.part == "order"}
    mean = reach.mean(axis=0)
    assert found["degree and views"] == pytest.approx(spearmanr(sample["degree"], sample["views"]).statistic)
    assert found["degree and views"] < -0.9
    assert found["degree and mean reach of 2 posts"] == pytest.approx(spearmanr(sample["degree"], mean).statistic)
    assert found["views and mean reach of 2 posts"] == pytest.approx(spearmanr(sample["views"], mean).statistic)
    targets.write_text("id,views\n1,2\n")
    with pytest.raises(SystemExit, match="no column new_id"):
        streamers.read_streamers(edges, targets)


# --- what is published -------------------------------------------------------------------------------------


@pytest.fixture
def instagram_figures(quick: None) -> Any:  # noqa: ARG001
    """Figures of invented creators, as the script finds them."""
    table = creators_table()
    sample = table.assign(simulated=table["rate"], quality=np.exp(np.sin(np.arange(len(table)))))
    return module("measured_figures").Figures(module("instagram").figures(table, sample.head(900)))


def test_figures_come_back_from_their_file(instagram_figures: Any, tmp_path: Path) -> None:
    path = tmp_path / "figures.csv"
    instagram_figures.save(path)
    again = module("measured_figures").Figures.read(path)
    assert [f[:4] for f in again.rows] == [f[:4] for f in instagram_figures.rows]
    assert [f.value for f in again.rows] == pytest.approx([f.value for f in instagram_figures.rows], rel=1e-5)
    assert again("rates", "measured", "10k-50k", "median").low is not None


def test_tables_and_figure_of_creators(instagram_figures: Any, tmp_path: Path) -> None:
    instagram = module("instagram")
    text = instagram.report(instagram_figures)
    assert all(f"| {name} |" in text for name in module("rates_by_size").BINS)
    assert "nan" not in text
    instagram.draw(instagram_figures, tmp_path / "made.png")
    assert (tmp_path / "made.png").read_bytes().startswith(b"\x89PNG")


def test_tables_and_figure_of_a_graph(on_a_star: dict[tuple[str, str, str], Any], tmp_path: Path) -> None:
    twitter = module("twitter")
    figures = module("measured_figures").Figures(on_a_star.values())
    text = twitter.report(figures)
    assert "| followers: p100 | 199 |" in text
    assert "nan" not in text
    twitter.draw(figures, tmp_path / "made.png")
    assert (tmp_path / "made.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_page_says_what_the_figures_say(name: str) -> None:
    figures = module("measured_figures").Figures.read(STUDY / f"{name}.csv")
    page = (STUDY / "README.md").read_text(encoding="utf-8")
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    part = page[page.index(begin) + len(begin) : page.index(end)].strip()
    assert part == module(name).report(figures)
    assert f"]({name}.png)" in page


@pytest.mark.parametrize("path", sorted(STUDY.glob("*.csv")), ids=lambda path: path.name)
def test_nothing_of_the_rows_is_published(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 300, "aggregate figures, not rows"
    assert not re.search(r"\bc\d{5}\b", text), "a creator's name"


# --- a table that is no roster -----------------------------------------------------------------------------

CAMPAIGNS = """\
campaign_id,influencer_tier,platform,followers,engagement_rate,ad_spend_usd,clicks
1,Micro,YouTube,2866509,0.081,26550.78,109356
2,Mega,Instagram,2084924,-0.006,12115.35,-4
3,Micro,TikTok,45000,0.03,900,12
"""


def check(folder: Path, roster: Path) -> subprocess.CompletedProcess[str]:
    """What `influence check` says of a scenario with that roster."""
    scenario = folder / "scenario.toml"
    scenario.write_text(
        f'schema = 1\n[market]\npopulation = 50_000_000\n[creators]\nroster = "{roster.as_posix()}"\n'
        '[[plan]]\nname = "one"\ndeals = [{ creator = "1" }]\n', encoding="utf-8",
    )  # fmt: skip
    return subprocess.run([sys.executable, "-m", "sim.cli", "check", str(scenario)], capture_output=True, text=True,
                          check=False)  # fmt: skip


def test_a_table_of_campaigns_is_refused_with_all_its_problems_at_once(tmp_path: Path) -> None:
    (tmp_path / "campaigns.csv").write_text(CAMPAIGNS, encoding="utf-8")
    done = check(tmp_path, tmp_path / "campaigns.csv")
    assert done.returncode == 2
    assert "3 problems found" in done.stderr
    assert "row 1, handle: missing" in done.stderr
    assert "row 2, influencer_tier: a Micro creator with 2,866,509 followers" in done.stderr
    assert "row 3, engagement_rate: out of range (got '-0.006')" in done.stderr
    assert "row 4" not in done.stderr
    assert "Traceback" not in done.stderr


# --- with the data -----------------------------------------------------------------------------------------


@pytest.fixture
def data() -> Iterator[Callable[[str], Path]]:
    """A file of the folder that INFLUENCE_SIM_DATA names; the test is skipped where there is none."""

    def file(name: str) -> Path:
        folder = os.environ.get(DATA)
        if not folder:
            pytest.skip(f"{DATA} names no folder of the data, which is no part of the project")
        path = Path(folder) / name
        if not path.is_file():
            pytest.skip(f"no {name} in the folder that {DATA} names")
        return path

    return file


def test_known_figures_of_the_creators(data: Callable[[str], Path]) -> None:
    sizes, tens = module("rates_by_size"), module("ten_against_one")
    table = module("creators_sample").read_creators(data("instagram_creators_2019.csv.gz"))
    followers, rate = table["followers"].to_numpy(), table["rate"].to_numpy()
    medians = {name: np.median(rate[sizes.within(followers, name)]) for name in sizes.BINS}
    assert medians["1k-10k"] == pytest.approx(0.040, abs=0.0015)
    assert medians["10k-50k"] == pytest.approx(0.029, abs=0.0015)
    assert medians["above 1M"] == pytest.approx(0.023, abs=0.0015)

    def some(name: str) -> Any:
        return tens.Creators(followers[sizes.within(followers, name)], rate[sizes.within(followers, name)])

    found = tens.duel(some("10k-50k"), some("150k-250k"), np.random.default_rng(1))
    assert found.share == pytest.approx(0.67, abs=0.02)
    assert found.ratio == pytest.approx(1.48, abs=0.05)
    huge = tens.duel(some("10k-50k"), some("above 1M"), np.random.default_rng(1))
    assert huge.share == pytest.approx(0.71, abs=0.02)
    assert huge.total == pytest.approx(0.17, abs=0.02)


def test_known_figures_of_the_brand_graph(data: Callable[[str], Path], tmp_path: Path) -> None:
    graphs = module("given_graph")
    place = graphs.given(data("twitter_brand_followers.csv.gz"), directed=True, folder=tmp_path)
    found = module("graph_structure").structure(graphs.society_of(place, tmp_path))
    assert place.n_people == 3_726
    assert found["ties", "returned"] == pytest.approx(0.377, abs=0.001)
    assert [int(found["following", f"p{p}"]) for p in (50, 90, 99)] == [2, 14, 56]


def test_known_figures_of_the_streamers(data: Callable[[str], Path]) -> None:
    streamers = module("streamers")
    table = streamers.read_streamers(data("twitch_DE_edges.csv.gz"), data("twitch_DE_target.csv.gz"))
    assert len(table) == 9_498
    assert table["degree"].sum() == 2 * 153_138
    assert streamers.spearman(table[["degree", "views"]].to_numpy(float)) == pytest.approx(0.54, abs=0.005)


def test_invented_campaigns_are_refused(data: Callable[[str], Path], tmp_path: Path) -> None:
    done = check(tmp_path, data("malformed_campaigns.csv"))
    assert done.returncode == 2
    assert "row 1, handle: missing" in done.stderr
    assert "row 2, influencer_tier: a Micro creator with 2,866,509 followers" in done.stderr
    assert f"expected {TIERS['micro'][0]:,.0f} followers or more" in done.stderr
    assert "Traceback" not in done.stderr
