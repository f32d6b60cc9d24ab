"""The study of statistics: its parts have known answers, and at full size its promises hold.

Rule for shares: what is promised, give or take twice the standard error of that many repeats. The seeds are fixed, so
the outcome does not vary. Beside each promise stands something that does not keep it, to see that it is found.
"""

from __future__ import annotations

import importlib
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from sim.results.comparison import p_value, paired
from sim.results.measures import METRICS, PlanTotals
from sim.results.statistics import mean_interval
from sim.scenario.load import load

STUDY = Path(__file__).parents[2] / "experiments" / "statistics"
LOW, HIGH = 0.93, 0.97
SIZES = (8, 20, 50)


@pytest.fixture
def study(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Modules of the study by name; its folder is on the path as when its script runs."""
    monkeypatch.syspath_prepend(str(STUDY))
    return importlib.import_module


def tolerance(share: float, repeats: int) -> float:
    """Twice the standard error of a share."""
    return 2.0 * math.sqrt(share * (1.0 - share) / repeats)


def covered(rows: list[Any], **wanted: object) -> dict[tuple[str, str, str, int], float]:
    """Coverage by source, societies, figure and replicates."""
    return {
        (row.source, row.societies, row.figure, row.replicates): row.value
        for row in rows
        if row.quantity == "coverage" and all(getattr(row, name) == value for name, value in wanted.items())
    }


# --- coverage ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "repeats", [pytest.param(400, marks=pytest.mark.full), pytest.param(1_000, marks=pytest.mark.slow)]
)
@pytest.mark.parametrize("n", SIZES)
def test_intervals_hold_the_truth_in_93_to_97_per_cent(n: int, repeats: int, study: Any) -> None:
    coverage = study("interval_coverage")
    rows = list(coverage.synthetic(repeats, (n,)))
    low, high = LOW - tolerance(LOW, repeats), HIGH + tolerance(HIGH, repeats)
    found = covered(rows, method=coverage.BY_SOCIETY)
    assert len(found) == 2 * 3 * 3, "shapes, societies, figures"
    assert {key: value for key, value in found.items() if not low <= value <= high} == {}
    alike = covered(rows, method=coverage.BY_REPLICATE, societies=coverage.EQUAL)
    assert {key: value for key, value in alike.items() if not low <= value <= high} == {}
    blind = covered(rows, method=coverage.BY_REPLICATE, societies=coverage.MUCH)
    assert all(value < low for value in blind.values()), "what does not know the societies is found"


def test_intervals_hold_the_truth_at_a_glance(study: Any) -> None:
    """Normal data in five societies, 150 repeats: four standard errors about 95 %."""
    coverage, repeats, labels = study("interval_coverage"), 150, np.arange(20) % 5
    truth = coverage.truths("normal")["difference of means"]
    for between, fails in ((0.0, False), (1.0, True)):
        draws, held = np.random.default_rng(1), {coverage.BY_REPLICATE: 0, coverage.BY_SOCIETY: 0}
        for _ in range(repeats):
            columns = coverage.made_up("normal", draws, labels, between)
            for method, by in ((coverage.BY_REPLICATE, None), (coverage.BY_SOCIETY, labels)):
                held[method] += coverage.holds(coverage.MAKERS["difference of means"](columns, by), truth)
        bound = 2.0 * tolerance(0.95, repeats)
        assert abs(held[coverage.BY_SOCIETY] / repeats - 0.95) <= bound
        assert (abs(held[coverage.BY_REPLICATE] / repeats - 0.95) > bound) is fails


def test_made_up_data_have_the_means_and_spreads_they_say(study: Any) -> None:
    coverage = study("interval_coverage")
    n = 200_000
    values = coverage.skewed(np.random.default_rng(2), 150.0, 0.7, n)
    assert values.mean() == pytest.approx(150.0, rel=0.01)
    assert values.std() == pytest.approx(0.7 * 150.0, rel=0.02)
    for shape in coverage.SHAPES:
        columns = coverage.made_up(shape, np.random.default_rng(3), np.arange(n) % 1000, 0.25)
        true = coverage.truths(shape)
        difference = columns["a orders"] - columns["b orders"]
        assert difference.mean() == pytest.approx(true["difference of means"], rel=0.1)
        assert columns["a engagements"].sum() / columns["a reach"].sum() == pytest.approx(0.13, rel=0.1)
        by_society = difference.reshape(-1, 1000)
        between = by_society.mean(axis=0).var() - by_society.var(axis=0).mean() / len(by_society)
        assert between / by_society.var(axis=0).mean() == pytest.approx(0.25, rel=0.2)


def test_the_wider_of_two_intervals_is_found_and_an_undefined_one_holds_nothing(study: Any) -> None:
    coverage = study("interval_coverage")
    narrow, wide = mean_interval([1.0, 2.0, 3.0]), mean_interval([0.0, 2.0, 4.0])
    assert coverage.wider(narrow, wide) == coverage.wider(wide, narrow) == wide
    assert coverage.wider(None, wide) is None
    assert (coverage.holds(narrow, 2.0), coverage.holds(narrow, 99.0), coverage.holds(None, 2.0)) == (True, False, None)


def test_johnsons_t_is_students_where_nothing_is_skewed(study: Any) -> None:
    holds = study("interval_coverage").johnson_holds
    even = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
    high = stats.t.ppf(0.975, 4) * stats.sem(even)
    assert (holds(even, 0.999 * high), holds(even, 1.001 * high)) == (True, False)
    long_tail = np.array([0.0, 0.0, 0.0, 0.0, 10.0])
    student = stats.t.interval(0.95, 4, long_tail.mean(), stats.sem(long_tail))
    assert holds(long_tail, 1.2 * student[1]), "it reaches further to the side of the tail"
    assert not holds(long_tail, student[0] + 0.2)


def test_blocks_of_a_pool_keep_their_societies(study: Any) -> None:
    coverage = study("interval_coverage")
    labels, places = np.arange(20) % 5, np.arange(60).reshape(6, 10)
    society = np.repeat(np.arange(6.0), 10)
    pool = coverage.Pool(PlanTotals("a", {"x": society}), PlanTotals("b", {"x": society}), places)
    draws = np.random.default_rng(4)
    a, b = pool.block(draws, labels, as_simulated=True)
    assert all(len(set(a.of("x")[labels == label])) == 1 for label in range(5))
    assert (a.of("x") == b.of("x")).all()
    mixed, _ = pool.block(draws, labels, as_simulated=False)
    assert any(len(set(mixed.of("x")[labels == label])) > 1 for label in range(5))


# --- variance ----------------------------------------------------------------------------------------------


def test_ratios_of_variances_have_known_answers(study: Any) -> None:
    """Two plans that share luck of variance 9 and have 1 of their own each; counts with 50 more each."""
    draws, n = np.random.default_rng(5), 4_000
    shared = 3.0 * draws.standard_normal(n)
    plans = []
    for name in "ab":
        expected = shared + draws.standard_normal(n)
        drawn = expected + math.sqrt(50.0) * draws.standard_normal(n)
        plans.append(PlanTotals(name, {"conversions": expected, "conversions_drawn": drawn}))
    variance = study("paired_variance")
    found = variance.ratios(*plans, "conversions")
    wanted = {variance.BY_PAIRING: 20 / 2, variance.BY_EXPECTED: 102 / 2, variance.BY_BOTH: 120 / 2}
    for name, ratio in wanted.items():
        value, low, high = found[name]
        assert value == pytest.approx(ratio, rel=0.08)
        assert low < ratio < high


# --- equal plans -------------------------------------------------------------------------------------------


def test_equal_plans_differ_in_nothing_but_names(study: Any, tmp_path: Path) -> None:
    (tmp_path / "equal.toml").write_text(study("equal_plans").scenario_text())
    scenario = load(tmp_path / "equal.toml")
    a, b = scenario.plan("a"), scenario.plan("b")
    assert {d.creator for d in a.deals}.isdisjoint(d.creator for d in b.deals)
    assert [d.model_copy(update={"creator": ""}) for d in a.deals] == [
        d.model_copy(update={"creator": ""}) for d in b.deals
    ]
    assert len({(c.followers, c.niche, c.quality, c.fake_share) for c in scenario.booked}) == 1


def test_a_cost_of_one_is_tested_by_what_the_money_buys(study: Any) -> None:
    """At the same cost, whether orders cost the same is whether there are as many."""
    stopping, coverage = study("stopping"), study("interval_coverage")
    draws = np.random.default_rng(6)
    a, b = (stopping.made_up_totals(p, draws, coverage.ONE, 12, lognormal=True) for p in "ab")
    found = {}
    for key in ("conversions", "cpa", "cpe"):
        interval = paired(a, b, METRICS[key], [0] * 12)
        assert interval is not None
        found[key] = p_value(a, b, METRICS[key], interval, [0] * 12)
        assert (found[key] == interval.p_value) is (key == "conversions")
    assert found["cpa"] == pytest.approx(found["conversions"], rel=1e-9)
    assert found["cpe"] != pytest.approx(found["conversions"], rel=1e-3)


@pytest.mark.parametrize(
    "repeats", [pytest.param(80, marks=pytest.mark.full), pytest.param(500, marks=pytest.mark.slow)]
)
def test_equal_plans_are_seldom_called_different(repeats: int, study: Any) -> None:
    equal = study("equal_plans")
    found = {(row.figure, row.method): row.value for row in equal.false_verdicts(repeats, 1, lambda _, __: None)}
    assert len(found) == 6 * 3
    most = 0.05 + tolerance(0.05, repeats)
    assert found[equal.ANY, equal.TOGETHER] <= most
    alone = {key: share for key, share in found.items() if key[1] == equal.ALONE and key[0] != equal.ANY}
    assert {key: share for key, share in alone.items() if share > most} == {}


@pytest.mark.full
def test_unequal_plans_are_called_different(study: Any, tmp_path: Path) -> None:
    equal = study("equal_plans")
    text = equal.scenario_text().replace('"b1", followers = 10_000', '"b1", followers = 60_000')
    (tmp_path / "unequal.toml").write_text(text)
    found = [equal.repeat(tmp_path / "unequal.toml", seed).found for seed in range(1, 11)]
    assert sum(any(judged[2] for judged in one.values()) for one in found) >= 8


# --- precision ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "repeats", [pytest.param(150, marks=pytest.mark.full), pytest.param(500, marks=pytest.mark.slow)]
)
@pytest.mark.parametrize("name", ["normal, 20 %", "skewed, 20 %", "two equal plans, skewed, 20 %"])
def test_the_look_that_stops_holds_the_truth(name: str, repeats: int, study: Any) -> None:
    stopping = study("stopping")
    setting = next(setting for setting in stopping.SETTINGS if setting.name == name)
    rows = list(stopping.promised(repeats, (setting,)))
    corrected = {
        row.figure: row.value for row in rows if (row.method, row.quantity) == (stopping.CORRECTED, "coverage")
    }
    assert corrected.keys() == {"reach", "engagements", "incremental_conversions"}
    assert min(corrected.values()) >= 0.95 - tolerance(0.95, repeats)
    wrong = [row.value for row in rows if (row.method, row.quantity) == (stopping.CORRECTED, "false verdicts")]
    assert len(wrong) == setting.equal
    assert all(share <= 0.05 + tolerance(0.05, repeats) for share in wrong)
    if name == "skewed, 20 %":
        naive = [row.value for row in rows if (row.method, row.quantity) == (stopping.NAIVE, "coverage")]
        assert min(naive) < 0.95 - tolerance(0.95, repeats), "looking without the correction is found"


# --- the page ----------------------------------------------------------------------------------------------


def test_the_page_shows_the_results(study: Any) -> None:
    rows, page = study("statistics_rows").read(STUDY / "results.csv"), (STUDY / "README.md").read_text(encoding="utf-8")
    tables = study("statistics_tables")
    told = re.search("<!-- circumstances:begin -->\n\n(.*?)\n\n<!-- circumstances:end -->", page, flags=re.DOTALL)
    assert told is not None
    assert tables.with_results(page, tables.parts(rows, told[1])) == page
    assert "![" in page
    assert "](coverage.png)" in page


def test_rows_are_read_as_they_were_saved(study: Any, tmp_path: Path) -> None:
    rows = study("statistics_rows")
    row = rows.Row("coverage", "normal", "5, equal", 20, "reach", "by society", "coverage", 0.25, 100)
    rows.save([row], tmp_path / "rows.csv")
    assert rows.read(tmp_path / "rows.csv") == [row]
    assert row.error == pytest.approx(math.sqrt(0.25 * 0.75 / 100))
    assert rows.chosen([row], figure="reach", replicates=20) == [row]
    assert rows.chosen([row], figure="clicks") == []
