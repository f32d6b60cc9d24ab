"""Splits of a budget: what shares buy, which are best, what is as good, and what more or less money does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import sim
from sim.errors import InputError
from sim.results.statistics import mean_interval
from sim.scenario.load import Scenario, load
from sim.studies.split import BUDGETS, EXTRA, Split, asked
from sim.studies.splits import Terms, groups_of, points, ranges, share_grid, split_name, with_plans

SMALL = Path(__file__).parents[1] / "samples" / "small.toml"
GROUPS = "small=anna+ben+cleo,big=big"


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load(SMALL)


@pytest.fixture(scope="module")
def found() -> Split:
    """Six splits of 120 between three small creators and a big one, and the cheapest way to 60 engagements."""
    return sim.split(SMALL, 120.0, groups=GROUPS, metrics=["engagements", "roi", "cpe"], terms=Terms(2, every=3),
                     step=0.2, target=60.0, replicates=3)  # fmt: skip


# --- shares and what they buy ------------------------------------------------------------------------------


def test_shares_are_all_whole_steps() -> None:
    two, three = share_grid(2), share_grid(3)
    assert two == tuple((round(1 - k / 10, 10), k / 10) for k in range(11))
    assert len(three) == 15
    assert len(set(three)) == 15
    assert all(sum(row) == pytest.approx(1.0) for row in three)
    assert {0.0, 0.25, 0.5, 0.75, 1.0} == {share for row in three for share in row}
    assert share_grid(2, 0.5) == ((1.0, 0.0), (0.5, 0.5), (0.0, 1.0))


@pytest.mark.parametrize("step", [0.0, -0.1, 0.3, 1.5, float("nan"), 1e-9])
def test_a_step_that_does_not_divide_1_is_refused(step: float) -> None:
    with pytest.raises(InputError) as refused:
        share_grid(2, step)
    assert refused.value.key == "--step"


def test_groups_are_the_tiers_there_are_or_those_listed(scenario: Scenario) -> None:
    found = groups_of(load(SMALL, ("tiers.minor=[500, 2_000]", "tiers.major=[2_000, 9_000]")), None)
    assert [(group.name, sorted(group.handles)) for group in found] == [
        ("minor", ["anna", "ben", "cleo"]), ("major", ["big"])]  # fmt: skip
    assert groups_of(scenario, " a = anna + ben , b=big ") == groups_of(scenario, "a=anna+ben,b=big")


@pytest.mark.parametrize(
    ("listed", "value", "nearest"),
    [(None, "nano", None), ("nano", "nano", None), ("nano,nano", "nano,nano", None), ("a=anna,nan", "nan", "nano"),
     ("a=anna,b=bigg", "bigg", "big"), ("a=anna+big,b=big", "a=anna+big,b=big", None), ("a=,b=big", "a=", None),
     ("nano,macro", "macro", None), ("a=anna,b=ben,c=cleo,d=big", "a=anna,b=ben,c=cleo,d=big", None)],
)  # fmt: skip
def test_groups_that_are_not_there_are_refused(
    listed: str | None, value: str, nearest: str | None, scenario: Scenario
) -> None:
    with pytest.raises(InputError) as refused:
        groups_of(scenario, listed)
    assert (refused.value.key, refused.value.value, refused.value.nearest) == ("--groups", value, nearest)


def test_a_share_buys_what_the_split_of_a_plan_buys(tmp_path: Path) -> None:
    """The same deals as a plan with this split in the file."""
    keys = ("tiers.minor=[500, 2_000]", "tiers.major=[2_000, 9_000]")
    asked_for = load(SMALL, keys)
    groups = groups_of(asked_for, "minor,major")
    text = SMALL.read_text(encoding="utf-8")
    for shares in share_grid(2, 0.2):
        mine = points(asked_for, groups, 120.0, Terms(2, every=3), [shares])[0]
        split = f"{{ minor = {shares[0]}, major = {shares[1]} }}"
        plan = '\n[tiers]\nminor = [500, 2_000]\nmajor = [2_000, 9_000]\n[[plan]]\nname = "x"\nbudget = 120\n'
        theirs = from_text(f"{text}{plan}posts = 2\nevery = 3\nsplit = {split}\n", tmp_path)
        assert mine.plan.deals == theirs.plan("x").deals
        assert mine.left_over == pytest.approx(theirs.plan("x").left_over or 0.0)
        assert mine.cost + mine.left_over == pytest.approx(120.0)


def from_text(text: str, folder: Path) -> Scenario:
    path = folder / "scenario.toml"
    path.write_text(text, encoding="utf-8")
    return load(path)


def test_equal_purchases_are_run_once_and_shares_that_buy_nothing_are_left_out(scenario: Scenario) -> None:
    groups = groups_of(scenario, "cleo=cleo,big=big")
    bought = points(scenario, groups, 40.0, Terms(2), share_grid(2, 0.1))
    assert all(point.plan.deals for point in bought)
    whole, where = with_plans(scenario, bought)
    assert len(whole.plans) - 1 == len(set(where.values())) < len(bought) < 11
    for place, point in enumerate(bought):
        assert whole.plan(where[place]).deals == point.plan.deals


def test_ranges_are_runs_without_a_gap() -> None:
    assert ranges([4, 0, 1, 2, 7, 8]) == [(0, 2), (4, 4), (7, 8)]
    assert (ranges([]), ranges([3])) == ([], [(3, 3)])


@pytest.mark.parametrize(
    ("wrong", "key"),
    [({"budget": 0.0}, "--budget"), ({"budget": float("nan")}, "--budget"), ({"budget": 1.0}, "--budget"),
     ({"metrics": ["reech"]}, "--metric"), ({"metrics": ["overlap"]}, "--metric"), ({"metrics": ["cost"]}, "--metric"),
     ({"target": 5.0, "metrics": ["roi"]}, "--metric"), ({"target": -1.0}, "--target"),
     ({"terms": Terms(order="big")}, "--order"), ({"terms": Terms(start=6)}, "--start")],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused(wrong: dict[str, object], key: str, scenario: Scenario) -> None:
    words: dict[str, object] = {"budget": 120.0, "terms": Terms(2), "metrics": None, "step": None, "target": None}
    with pytest.raises(InputError) as refused:
        asked(scenario, groups_of(scenario, GROUPS), **(words | wrong))  # type: ignore[arg-type]
    assert refused.value.key == key


# --- the answer --------------------------------------------------------------------------------------------


def test_a_split_has_the_figures_of_the_same_plan_in_a_comparison(found: Split) -> None:
    """The whole budget to the big creator is the plan one-big at the market's price."""
    last = found.rows[-1]
    assert last.point.shares == (0.0, 1.0)
    (deal,) = last.point.plan.deals
    same = sim.compare(SMALL, f"plan.one-big.deals.big.fee={float(deal.fee)!r}", replicates=3)
    for metric in ("reach", "engagements", "incremental_conversions", "roi"):
        assert last.figures[metric] == same.figures["one-big"][metric]


def test_the_best_split_has_the_best_mean(found: Split) -> None:
    for metric, better in (("engagements", max), ("cpe", min)):
        means = {place: row.figures[metric].mean for place, row in enumerate(found.rows) if row.figures[metric]}  # type: ignore[union-attr]
        best = found.best[metric]
        assert means[best.place] == better(means.values())
        assert best.place in best.near
        assert set(best.near) <= means.keys()


def test_splits_of_one_purchase_are_told_apart_by_nothing(found: Split) -> None:
    for metric in found.metrics:
        near = found.best[metric].near
        plans = {found.rows[place].plan for place in near}
        assert {place for place, row in enumerate(found.rows) if row.plan in plans} == set(near)


def test_where_nobody_clicks_no_split_is_worse() -> None:
    dead = sim.split(SMALL, 120.0, "parameters.click_rate=0", groups=GROUPS, metrics=["clicks"], step=0.5,
                     terms=Terms(2, every=3), replicates=3)  # fmt: skip
    assert dead.best["clicks"].near == tuple(range(len(dead.rows)))


def test_where_the_difference_is_plain_the_worse_split_is_told() -> None:
    """A third of the followers is surely less."""
    reach = sim.split(SMALL, 200.0, groups="cleo=cleo,big=big", metrics=["reach"], step=1.0, terms=Terms(2, every=3),
                      replicates=8, worlds=1)  # fmt: skip
    assert reach.best["reach"].near == (1,)


def test_the_next_money_is_the_difference_of_two_plans(found: Split) -> None:
    following = found.following
    assert following is not None
    best = found.best_row
    assert best is not None
    assert following.spent == pytest.approx(following.point.cost - best.point.cost)
    assert following.spent > 0
    assert following.extra % EXTRA == 0
    scenario, where = with_plans(load(SMALL, replicates=3), [best.point, following.point])
    compared = sim.compare(scenario)
    less, more = (compared.totals[where[place]].of("engagements") for place in (0, 1))
    gained = mean_interval((more - less) * EXTRA / following.spent, compared.ensemble.worlds)
    assert following.per_extra == {"engagements": gained}


def test_the_cheapest_split_reaches_the_target_and_none_cheaper_does(found: Split) -> None:
    cheapest, scenario = found.cheapest, load(SMALL, replicates=3)
    assert cheapest is not None
    assert cheapest.in_the_mean is not None
    tried = [point for k in range(1, BUDGETS + 1)
             for point in points(scenario, found.groups, 12.0 * k, Terms(2, every=3), share_grid(2, 0.2))]  # fmt: skip
    whole, where = with_plans(scenario, tried)
    compared = sim.compare(whole)
    means = {name: compared.totals[name].of("engagements").mean() for name in set(where.values())}
    costs = sorted(point.cost for place, point in enumerate(tried) if means[where[place]] >= 60.0)
    assert cheapest.in_the_mean.point.cost == pytest.approx(costs[0])
    assert cheapest.tried == len(means)
    surely = cheapest.surely
    assert surely is None or surely.point.cost >= costs[0]


def test_the_answer_does_not_depend_on_workers_or_on_other_splits() -> None:
    words = {"groups": GROUPS, "metrics": ["engagements"], "terms": Terms(2, every=3), "replicates": 2}
    fine = sim.split(SMALL, 120.0, step=0.25, **words)  # type: ignore[arg-type]
    coarse = sim.split(SMALL, 120.0, step=0.5, **words)  # type: ignore[arg-type]
    by_shares = {row.point.shares: row.figures for row in fine.rows}
    for row in coarse.rows:
        assert row.figures == by_shares[row.point.shares]
        assert np.isfinite(row.point.cost)
        assert split_name(coarse.groups, row.point.shares) == row.point.plan.name
