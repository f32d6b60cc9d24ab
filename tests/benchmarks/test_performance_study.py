"""The performance study compares like with like: the ordinary Mesa model follows the rules of the engines, the tables
and ratios say what the rows say, and a measurement that fails is named."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType
from typing import Any

import networkx as nx
import numpy as np
import pytest

from sim.engine.booking import make_campaign
from sim.engine.simulate import simulate
from sim.society.world import build_world

STUDY = Path(__file__).parents[2] / "experiments" / "performance"
RUNS, DAYS, PEOPLE = 12, 16, 2_500
CALM = ("parameters.appeal_spread=0.0",)
"""Appeals of posts vary so much that means over few runs would tell nothing."""
TALKATIVE = (*CALM, "parameters.conversion_rate=0.9", "parameters.base_visit=0.02", "parameters.need_share=0.8",
             "parameters.talk_rate=0.5", "parameters.share_rate=0.02")  # fmt: skip
"""Many buy and talk, so that word of mouth and social proof count."""


@pytest.fixture
def study(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Modules of the study by name; its folder is on the path as when its script runs."""
    monkeypatch.syspath_prepend(str(STUDY))

    def module(name: str) -> ModuleType:
        return importlib.import_module(name)

    return module


# --- the same rules ----------------------------------------------------------------------------------------


@pytest.fixture
def same_campaign(study: Any) -> Any:
    """Scenario, world and campaign of the study, small."""

    def made(overrides: tuple[str, ...]) -> tuple[Any, Any, Any]:
        scenario = study("campaign_runs").load_scenario(PEOPLE, 40, DAYS, 1, *overrides)
        world = build_world(scenario)
        return scenario, world, make_campaign(scenario, scenario.plan("all"), world)

    return made


def means_of_engine(scenario: Any, world: Any, campaign: Any) -> dict[str, float]:
    runs = [simulate(world, campaign, scenario.rates, 1, replicate) for replicate in range(2 * RUNS)]
    ways = ("followed", "recommended", "reshared", "word")
    return {
        "reach": np.mean([sum(run.total(f"reached_{way}") for way in ways) for run in runs]),
        "impressions": np.mean([sum(run.total(f"impressions_{way}") for way in ways) for run in runs]),
        "engagements": np.mean([run.total("engagements_drawn") for run in runs]),
        "clicks": np.mean([run.total("clicks_drawn") for run in runs]),
        "shares": np.mean([run.total("shares_drawn") for run in runs]),
        "expected_purchases": np.mean([run.total("conversions_expected") for run in runs]) / 2**32,
    }


def means_of_ordinary_mesa(study: Any, scenario: Any, world: Any, campaign: Any) -> dict[str, float]:
    ordinary = study("ordinary_mesa")
    graph = ordinary.follow_graph(world.society)
    counts = []
    for seed in range(1, RUNS + 1):
        model = ordinary.OrdinaryModel(world, campaign, scenario.rates, graph, rng=seed)
        for _ in range(campaign.days):
            model.step()
        assert len(model.datacollector.get_model_vars_dataframe()) == campaign.days
        counts.append(model.count)
    return {name: float(np.mean([count[name] for count in counts])) for name in counts[0]}


@pytest.mark.full
@pytest.mark.parametrize(
    ("overrides", "tolerance"),
    [
        (CALM, {"reach": 0.08, "impressions": 0.08, "engagements": 0.13, "clicks": 0.25, "shares": 0.3,
                "expected_purchases": 0.15}),
        (TALKATIVE, {"reach": 0.05, "impressions": 0.1, "engagements": 0.12, "clicks": 0.25, "shares": 0.25,
                     "expected_purchases": 0.03}),
    ],
    ids=["calm", "talkative"],
)  # fmt: skip
def test_the_ordinary_mesa_model_has_the_same_rules(
    study: Any, same_campaign: Any, overrides: tuple[str, ...], tolerance: dict[str, float]
) -> None:
    """Means over a few runs; the tolerances are about four standard errors of the difference."""
    scenario, world, campaign = same_campaign(overrides)
    engine = means_of_engine(scenario, world, campaign)
    ordinary = means_of_ordinary_mesa(study, scenario, world, campaign)
    off = {name: ordinary[name] / engine[name] for name in tolerance}
    assert all(abs(ratio - 1) <= tolerance[name] for name, ratio in off.items()), off


@pytest.mark.full
def test_the_check_of_rules_would_find_another_model(
    study: Any, monkeypatch: pytest.MonkeyPatch, same_campaign: Any
) -> None:
    """Without reshares and talk, which a careless rewrite forgets first, impressions are far off."""
    scenario, world, campaign = same_campaign(TALKATIVE)
    monkeypatch.setattr(
        study("ordinary_mesa"), "follow_graph", lambda society: nx.empty_graph(society.n_people, nx.DiGraph)
    )
    silent = means_of_ordinary_mesa(study, scenario, world, campaign)
    assert silent["impressions"] < 0.8 * means_of_engine(scenario, world, campaign)["impressions"]


# --- the graph of the cascades -----------------------------------------------------------------------------


def test_the_graph_goes_both_ways_without_loops_or_repeats(study: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    tools = study("cascade_tools")
    for loop in ("_links", "_rows"):  # as plain Python: compiling would take longer
        monkeypatch.setattr(tools, loop, getattr(tools, loop).py_func)
    start, target = tools.barabasi_albert(2_000, 10)
    source = np.repeat(np.arange(2_000), np.diff(start))
    arcs = set(zip(source.tolist(), target.tolist(), strict=True))
    assert len(arcs) == len(target)
    assert all((b, a) in arcs and a != b for a, b in arcs)
    assert 18 < len(target) / 2_000 < 20
    assert np.diff(start).max() > 100  # a few are far better known than most


# --- rows, ratios, tables ----------------------------------------------------------------------------------


@pytest.fixture
def rows(study: Any) -> list[Any]:
    row = study("measured_rows").Row
    made = []
    for size in (100_000, 1_000_000, 10_000_000):
        made += [
            row("plan", "kernel", size, "ties", 40.0 * size, "ties"),
            row("plan", "kernel", size, "run CPU", 1e-9 * size**1.2, "s"),
            row("plan", "kernel", size, "agent-days per second", 2e8, "1/s"),
            row("plan", "kernel", size, "peak memory", size / 1e4, "MB"),
            row("limit", "1 thread", size, "arcs per second", 1e5 * size**-0.1, "M/s"),
        ]
    return [
        *made,
        row("plan", "ordinary Mesa", 100_000, "agent-days per second", 4e5, "1/s"),
        row("plan", "ordinary Mesa", 100_000, "run CPU", 15.0, "s"),
        row("plan", "ordinary Mesa", 100_000, "peak memory", 1000.0, "MB"),
        *(row("cascade", name, 10_000, "best time", ms, "ms") for name, ms in (("this project", 0.5), ("EoN", 100.0))),
        row("cascade", "this project", 10_000, "mean size", 3000.0, "nodes"),
        row("cascade", "EoN", 10_000, "mean size", 3005.0, "nodes"),
        *(row("cascade", name, 10_000, "standard error", 5.0, "nodes") for name in ("this project", "EoN")),
    ]  # fmt: skip


def test_ratios_are_those_of_the_rows(study: Any, rows: list[Any]) -> None:
    found = {(row.subject, row.size): row for row in study("ratios").ratios(rows)}
    assert found["agent-days per second: kernel / ordinary Mesa", 100_000].value == pytest.approx(500)
    assert found["peak memory: ordinary Mesa / kernel", 100_000].value == pytest.approx(100)
    assert found["growth exponent of the kernel's run time", 10_000_000].value == pytest.approx(1.2)
    net = found["growth exponent, run time in units of the machine's limit", 10_000_000]
    assert net.value == pytest.approx(1.1)
    assert found["time per cascade: EoN / this project", 10_000].value == pytest.approx(200)


def test_tools_that_disagree_are_named(study: Any, rows: list[Any]) -> None:
    note = study("ratios").agreement
    assert "DISAGREE" not in note(rows, "EoN", 10_000)
    changed = [row._replace(value=3300.0) if row[1:4] == ("EoN", 10_000, "mean size") else row for row in rows]
    assert "DISAGREE" in note(changed, "EoN", 10_000)


def test_what_is_extrapolated_says_so(study: Any, rows: list[Any]) -> None:
    made = study("ratios").extrapolated(rows, (100_000, 1_000_000))
    assert {row.size for row in made} == {1_000_000}
    assert all(row.note == "extrapolated from 100,000 people" for row in made)
    assert {row.quantity: row.value for row in made}["run CPU"] == pytest.approx(150)


def test_rows_survive_a_file_and_become_a_page(study: Any, rows: list[Any], tmp_path: Path) -> None:
    kept, tables = study("measured_rows"), study("tables")
    missing = kept.Row("cascade", "NDlib", 10_000, "time", None, "ms", "not installed")
    kept.save([*rows, missing], tmp_path / "results.csv")
    again = kept.read(tmp_path / "results.csv")
    assert [row[:4] for row in again] == [row[:4] for row in [*rows, missing]]
    page = tables.with_results((STUDY / "README.md").read_text(encoding="utf-8"), tables.report(again, "Here."))
    assert "| NDlib | 10,000 | – |" in page
    assert "not installed" in page
    with pytest.raises(ValueError, match="results"):
        tables.with_results("a page without marks", "results")


def test_the_figure_is_drawn(study: Any, rows: list[Any], tmp_path: Path) -> None:
    study("performance_figure").draw(
        [*rows, *study("ratios").extrapolated(rows, (1_000_000,))], tmp_path / "f" / "a.png"
    )
    assert (tmp_path / "f" / "a.png").stat().st_size > 10_000


def test_a_measurement_that_fails_or_takes_too_long_is_named(study: Any) -> None:
    measured = study("fresh_process").measured
    assert measured(60, "no_such_module", "f") == ([], "failed: ModuleNotFoundError: No module named 'no_such_module'")
    assert measured(0.01, "machine_limit", "philox_blocks") == ([], "not done in 0 s")
