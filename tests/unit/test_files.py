"""What ``compare`` leaves in its folder: whole, strict, and the same bytes for the same question."""

from __future__ import annotations

import csv
import json
import math
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from sim.ensemble import run_ensemble
from sim.record import DAILY
from sim.results.comparison import Comparison, compare_plans
from sim.results.measures import METRICS, run_by_day
from sim.results.tables import creator_means, creators_table, daily_table, day_spans, runs_table, sources_table
from sim.scenario.load import load
from sim.views import files
from sim.views.files import write_outputs

SMALL = Path(__file__).parents[1] / "samples" / "small.toml"
MARKET_FEE = "plan.three-small.deals.anna.fee='market'"
WRITTEN = {
    "summary.json", "runs.csv", "daily.csv", "creators.csv", "report.html", "scenario.toml", "run.log",
    "figures/comparison.png", "figures/daily.png", "figures/sources.png",
}  # fmt: skip


def compared(*overrides: str, **options: int) -> Comparison:
    return compare_plans(run_ensemble(load(SMALL, overrides, **options), workers=1, engine="agents"))


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return compared(MARKET_FEE)


@pytest.fixture(scope="module")
def folder(comparison: Comparison, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("out")
    write_outputs(comparison, path)
    return path


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_everything_is_written_and_nothing_half(folder: Path) -> None:
    assert set(contents(folder)) == WRITTEN


def test_the_same_question_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    paths = write_outputs(compared(MARKET_FEE), tmp_path)
    assert contents(tmp_path) == contents(folder)
    assert {path.relative_to(tmp_path).as_posix() for path in paths} == WRITTEN
    other = tmp_path / "other"
    write_outputs(compared(MARKET_FEE, seed=8), other)
    assert all(contents(other)[name] != content for name, content in contents(folder).items())


def test_a_file_is_replaced_whole_or_not_at_all(
    comparison: Comparison, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "runs.csv").write_text("before")

    def full_disk(*_: object) -> int:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "write_bytes", full_disk)
    with pytest.raises(OSError, match="disk full"):
        write_outputs(comparison, tmp_path)
    assert (tmp_path / "runs.csv").read_text() == "before"


def test_no_file_names_a_place(folder: Path) -> None:
    for name, content in contents(folder).items():
        assert str(Path.home()).encode() not in content, name
        assert str(folder).encode() not in content, name


def test_summary_is_strict_json(folder: Path) -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    document = json.loads((folder / "summary.json").read_text(encoding="utf-8"), parse_constant=refuse)
    assert set(document["plans"]) == {"none", "three-small", "one-big"}
    assert document["plans"]["one-big"]["overlap"]["mean"] is None


def test_runs_hold_every_figure_of_every_run(comparison: Comparison, folder: Path) -> None:
    table = rows(folder / "runs.csv")
    assert list(table[0]) == ["plan", "replicate", "world", *METRICS]
    assert [(row["plan"], int(row["replicate"])) for row in table] == [
        (plan, replicate) for plan in ("none", "three-small", "one-big") for replicate in range(4)
    ]
    assert {(row["replicate"], row["world"]) for row in table} == {("0", "0"), ("1", "1"), ("2", "0"), ("3", "1")}
    for row, cpa in zip(table[4:8], comparison.totals["three-small"].by_replicate(METRICS["cpa"]), strict=True):
        assert float(row["cpa"]) == cpa
    assert all(row["cpa"] == row["ctr"] == "" for row in table[:4])
    assert not any(cell in ("nan", "inf", "None") for row in table for cell in row.values())


def test_days_add_up_to_runs(folder: Path) -> None:
    days, runs = pd.read_csv(folder / "daily.csv"), pd.read_csv(folder / "runs.csv")
    assert len(days) == 3 * 4 * 6
    names = [name.removesuffix("_expected") for name in DAILY]
    assert set(days.columns) == {"plan", "replicate", "day", "date", "impressions", "reach", *names,
                                 "incremental_conversions"}  # fmt: skip
    sums = days.groupby(["plan", "replicate"], sort=False).sum(numeric_only=True).reset_index()
    for name in ("impressions", "reach", "engagements", "clicks", "conversions", "incremental_conversions"):
        assert sums[name].tolist() == pytest.approx(runs[name].tolist(), abs=1e-9), name
    assert days["date"].unique().tolist() == [f"2026-03-0{day}" for day in range(2, 8)]


def test_days_equal_those_of_a_single_run(comparison: Comparison) -> None:
    scenario, replicate = comparison.ensemble.scenario, comparison.ensemble.replicates[2]
    table = daily_table(comparison)
    mine = table[(table["plan"] == "one-big") & (table["replicate"] == 2)].to_dict("records")
    for row, other in zip(mine, run_by_day(scenario, replicate.plans["one-big"].run), strict=True):
        assert {key: row[key] for key in other} == pytest.approx(other)


def test_days_without_a_start_date_have_no_date() -> None:
    scenario = load(SMALL, replicates=1)
    undated = replace(scenario, run=scenario.run.model_copy(update={"start_date": None}))
    table = daily_table(compare_plans(run_ensemble(undated, workers=1, engine="agents")))
    assert "date" not in table.columns
    assert table["day"].tolist() == [*range(6)] * 3


def test_creators_cost_what_the_plan_costs(folder: Path) -> None:
    creators, runs = pd.read_csv(folder / "creators.csv"), pd.read_csv(folder / "runs.csv")
    assert creators["creator"].tolist() == ["anna", "ben", "cleo"] * 4 + ["big"] * 4
    costs = creators.groupby(["plan", "replicate"])["cost"].sum()
    paid = runs.set_index(["plan", "replicate"])["cost"]
    for place, cost in costs.items():
        assert cost == pytest.approx(paid[place])
    assert creators["cost"][creators["creator"] == "anna"].nunique() == 4, "market fees are drawn in each replicate"
    one = creators[creators["creator"] == "big"].iloc[0]
    assert one["engagement_rate_followers"] == pytest.approx(one["engagements"] / (3000 * 2))


def test_posts_after_the_last_day_cost_nothing() -> None:
    table = creators_table(compared("plan.one-big.deals.big.posts=9", replicates=1))
    big = table[table["creator"] == "big"].iloc[0]
    assert (big["posts"], big["cost"]) == (2, 2 * 58.5)


def test_means_are_over_replicates(comparison: Comparison) -> None:
    single, mean = creators_table(comparison), creator_means(comparison)
    clicks = single["clicks"][single["creator"] == "ben"].mean()
    assert mean["clicks"][mean["creator"] == "ben"].item() == pytest.approx(clicks)


def test_sources_add_up_to_reach(comparison: Comparison) -> None:
    table = sources_table(comparison)
    for plan, rows_of_plan in table.groupby("plan"):
        reach = comparison.figures[str(plan)]["reach"]
        assert reach is not None
        assert rows_of_plan["people"].sum() == pytest.approx(reach.mean)
        assert rows_of_plan["share"].sum() == pytest.approx(1.0)


def test_a_drawn_count_stands_beside_the_expected_one(comparison: Comparison) -> None:
    table = runs_table(comparison)
    assert all(math.isfinite(value) for value in table["conversions_drawn"])


@pytest.mark.parametrize(("days", "most"), [(1, 40), (40, 40), (41, 40), (365, 12), (3650, 40)])
def test_spans_cover_each_day_once(days: int, most: int) -> None:
    spans = day_spans(days, most)
    assert len(spans) <= most
    assert [day for first, last in spans for day in range(first, last + 1)] == list(range(days))


def test_the_log_tells_costs_and_warnings(comparison: Comparison, folder: Path) -> None:
    log = (folder / "run.log").read_text(encoding="utf-8")
    assert "plan one-big: 2 posts, cost 117" in log
    assert all(f"note: {warning}" in log for warning in comparison.warnings)
    assert files.log_text(comparison) == log
