"""The equal-budget sign rule: known answers of its arithmetic, of how audiences are dealt, and how it is shown."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from sim.studies.validation import sign_rule
from sim.studies.validation.sign_rule import EXPONENTS, FIGURES, N_SMALL, OVERLAPS, Point
from sim.views.sign_rule import (
    alternative,
    sign_rule_figure,
    sign_rule_frame,
    sign_rule_picture,
    sign_rule_section,
)

Make = Callable[..., Any]

# --- arithmetic --------------------------------------------------------------------------------------------


def test_what_ten_small_bring_of_one_large() -> None:
    predicted = [sign_rule.predicted(epsilon, 1.0) for epsilon in (0.0, 0.5, 1.0, 2.0)]
    assert predicted == pytest.approx([10.0, math.sqrt(10.0), 1.0, 0.1])
    assert sign_rule.predicted(0.85, 0.85) == 1.0
    assert sign_rule.predicted(1.0, 0.65) < 1.0 < sign_rule.predicted(1.0, 1.1)


def test_ten_small_cost_as_much_as_one_large() -> None:
    for exponent in EXPONENTS:
        cost = N_SMALL * sign_rule.size_of_small(exponent) ** exponent
        assert cost == pytest.approx(sign_rule.LARGE**exponent, rel=1e-4)


def test_exponents_are_slopes_of_sums_over_seeds() -> None:
    followers = np.geomspace(3e4, 1e6, 40)
    brought = np.array([[seed * followers**power for power in (0.5, 0.9, 1.0)] for seed in (1.0, 3.0)])
    brought[:, :, followers < 1e5] *= 7.0
    assert sign_rule.exponents(followers, brought, 1e5).tolist() == pytest.approx([0.5, 0.9, 1.0])
    assert sign_rule.exponents(followers, brought, 1e4)[2] < 0.9
    brought[:, 1, -1] = 0.0
    assert np.isnan(sign_rule.exponents(followers, brought, 1e5)).tolist() == [False, True, False]


EPSILON = np.array([0.8, 0.9, 0.3])
FALL = {0.0: 1.0, 0.2: 0.9, 0.4: 0.7}
"""Reach at an overlap ÷ at none."""


def seeds(off: Any = (1.0, 1.0, 1.0), fall: dict[float, float] = FALL) -> list[dict[str, Any]]:
    """Three seeds that differ by a factor, in which the rule holds but for the factor ``off`` by figure."""
    followers = np.geomspace(sign_rule.size_of_small(0.65), 1e6, 80)
    one = np.array([1e5, 1e3, 10.0])
    rule = np.array([[sign_rule.predicted(epsilon, exponent) for epsilon in EPSILON] for exponent in EXPONENTS])
    ten = np.array([[one * row * off * [fall[overlap], 1.0, 1.0] for overlap in OVERLAPS] for row in rule])
    brought = np.array([followers**epsilon for epsilon in EPSILON])
    return [{"one": k * one, "ten": k * ten, "followers": followers, "brought": k * brought} for k in (1.0, 1.1, 1.3)]


def test_the_rule_holds_exactly_where_it_was_put_in() -> None:
    points = sign_rule.pooled(seeds())
    assert len(points) == len(FIGURES) * len(EXPONENTS) * len(OVERLAPS)
    assert all(point.epsilon == pytest.approx(EPSILON[FIGURES.index(point.figure)]) for point in points)
    found = sign_rule.facts(points)
    assert [found[name] for name in ("SF10a", "SF10b", "SF10c")] == pytest.approx([0.0, 0.0, 0.0], abs=1e-12)
    assert (found["SF10d"], found["SF10e"]) == (pytest.approx(0.9), 2.0)
    found = sign_rule.facts(sign_rule.pooled(seeds(np.array([1.0, 1.3, 0.9]))))
    assert [found[name] for name in ("SF10a", "SF10b", "SF10c")] == pytest.approx([0.0, 0.3, 0.1], abs=1e-12)


@pytest.mark.parametrize(
    ("fall", "largest"),
    [({0.0: 1.0, 0.2: 0.9, 0.4: 0.95}, 0.95 / 0.9), ({0.0: 1.0, 0.2: 1.1, 0.4: 0.7}, 1.1),
     ({0.0: 1.0, 0.2: 0.5, 0.4: 0.4}, 0.8)],
)  # fmt: skip
def test_reach_must_fall_at_each_step_of_overlap(fall: dict[float, float], largest: float) -> None:
    assert sign_rule.facts(sign_rule.pooled(seeds(fall=fall)))["SF10d"] == pytest.approx(largest)


def test_ratios_are_those_of_sums_with_the_interval_over_seeds() -> None:
    several = seeds()
    several[0]["ten"] = several[0]["ten"] * 1.2
    for point in sign_rule.pooled(several):
        factor = FALL[point.overlap] if point.figure == "reach" else 1.0
        assert point.simulated == pytest.approx(point.rule * factor * (1.2 + 1.1 + 1.3) / 3.4)
        assert point.low is not None
        assert point.high is not None
        assert point.low < point.simulated < point.high
    assert {point.low for point in sign_rule.pooled(several[:1])} == {None}
    nothing = [{**seed, "one": seed["one"] * [1.0, 1.0, 0.0]} for seed in several]
    found = sign_rule.facts(sign_rule.pooled(nothing))
    assert math.isnan(found["SF10c"])
    assert not math.isnan(found["SF10b"])


# --- dealing -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("overlap", "shared"), [(0.0, 0), (0.2, 4), (0.4, 8), (1.0, 20)])
def test_audiences_overlap_as_asked_and_have_the_expected_sizes(
    overlap: float, shared: int, make_society: Make, make_world: Make
) -> None:
    world = make_world(make_society(500), [*([range(20)] * N_SMALL), range(100, 400)])
    people = np.arange(500)[::-1]
    dealt = sign_rule.dealt(world, people, range(N_SMALL), overlap)
    small = [set(dealt.audience_of(creator).tolist()) for creator in range(N_SMALL)]
    assert [len(audience) for audience in small] == [20] * N_SMALL
    assert {len(a & b) for a, b in combinations(small, 2)} == {shared}
    union = set.union(*small)
    assert union == set(people[: shared + N_SMALL * (20 - shared)].tolist())
    assert len(dealt.audience_of(N_SMALL)) == 0
    assert all(np.all(np.diff(dealt.audience_of(creator)) > 0) for creator in range(N_SMALL))
    assert sign_rule.dealt(world, people, [N_SMALL]).audience_of(N_SMALL).tolist() == list(range(200, 500))


@pytest.mark.parametrize("overlap", [0.0, 0.4])
def test_audiences_of_several_sizes_keep_them(overlap: float, make_society: Make, make_world: Make) -> None:
    sizes = [20 + 3 * creator for creator in range(N_SMALL)]
    world = make_world(make_society(500), [range(300), *map(range, sizes)])
    dealt = sign_rule.dealt(world, np.arange(500), range(1, N_SMALL + 1), overlap)
    small = [set(dealt.audience_of(creator).tolist()) for creator in range(1, N_SMALL + 1)]
    assert [len(audience) for audience in small] == sizes
    assert {len(a & b) for a, b in combinations(small, 2)} == {int(overlap * 20)}


def test_an_audience_is_in_agents(make_society: Make, make_world: Make) -> None:
    world = make_world(make_society(100), [range(30)], w=20.0)
    assert len(sign_rule.dealt(world, np.arange(100), [0]).audience_of(0)) == 30


@pytest.mark.full
def test_those_whom_everybody_follows_are_dealt_to_nobody() -> None:
    one, other = (sign_rule.Market.of(seed, [1_000_000], {}) for seed in (1, 2))
    followed = np.diff(one.world.society.follower_start)
    assert followed[one.people].max() <= 2_000 < followed.max()
    left_out = one.world.n_people - len(one.people)
    assert 0 < left_out < 500
    assert len(set(one.people.tolist())) == len(one.people)
    assert np.array_equal(one.people, sign_rule.Market.of(1, [50_000], {"click_rate": 0.5}).people)
    assert not np.array_equal(one.people[:1000], other.people[:1000])


# --- how it is shown ---------------------------------------------------------------------------------------


def points(**columns: Any) -> list[Point]:
    usual = sign_rule.pooled(seeds(np.array([1.1, 0.9, 1.0])))
    return [Point(**{**vars(point), **columns}) for point in usual]


def test_the_rows_hold_every_number() -> None:
    frame = sign_rule_frame(points())
    assert list(frame) == ["figure", "price_exponent", "overlap", "followers_of_each", "epsilon", "rule", "simulated",
                           "low", "high"]  # fmt: skip
    assert len(frame) == 54
    row = frame[(frame["figure"] == "reach") & (frame["price_exponent"] == 0.85) & (frame["overlap"] == 0.2)].iloc[0]
    assert row["followers_of_each"] == sign_rule.size_of_small(0.85)
    assert row["simulated"] / row["rule"] == pytest.approx(1.1 * 0.9)


def test_the_figure_draws_the_rule_what_is_accepted_and_every_ratio() -> None:
    shown = points()
    panels = sign_rule_figure(shown).axes
    assert [axes.get_title(loc="left") for axes in panels] == ["Reach", "Engagements", "Revenue"]
    for axes, figure in zip(panels, FIGURES, strict=True):
        own = [point for point in shown if point.figure == figure]
        marks = {str(line.get_label()): line for line in axes.lines}
        for overlap, name in zip(OVERLAPS, ("no overlap", "overlap 0.2", "overlap 0.4"), strict=True):
            drawn = [point.simulated for point in own if point.overlap == overlap]
            assert marks[name].get_ydata().tolist() == pytest.approx(drawn)
        rule = dict(zip(marks["rule"].get_xdata().round(3), marks["rule"].get_ydata(), strict=True))
        assert all(rule[point.exponent] == pytest.approx(point.rule) for point in own)
        heights = axes.collections[0].get_paths()[0].vertices[:, 1]
        assert heights.max() == pytest.approx(1.25 * max(rule.values()))
        low, high = axes.get_ylim()
        assert low < min(point.simulated for point in own) <= max(point.simulated for point in own) < high


def test_words_and_table_hold_the_numbers() -> None:
    said = alternative(points())
    assert "Reach: β 0.65 rule 0.588, simulated 0.647, 0.582, 0.453; β 0.75" in said
    assert all(f"{figure.capitalize()}: β 0.65 rule" in said for figure in FIGURES)
    page = "".join(sign_rule_section(points()))
    assert page.count('<th scope="row">') == 18
    assert page.count("<small>") == 54
    assert "28,943" in page


def test_what_is_undefined_is_not_drawn_and_never_shown_as_nan() -> None:
    alone = points(low=None, high=None)
    assert "<small>" not in "".join(sign_rule_section(alone))
    lost = [Point(**{**vars(p), **({"simulated": math.nan, "epsilon": math.nan, "rule": math.nan}
                                   if p.figure == "revenue" else {})}) for p in alone]  # fmt: skip
    page = re.sub(r'src="data:image/png;base64,[^"]*"', "", "".join(sign_rule_section(lost)))
    assert not re.search(r"\b(nan|inf|None)\b", page + alternative(lost))
    assert "–" in page


def test_equal_ratios_give_equal_figures_and_others_do_not() -> None:
    assert sign_rule_picture(points()).png == sign_rule_picture(points()).png
    assert sign_rule_picture(points()).png != sign_rule_picture(points(simulated=1.0)).png
