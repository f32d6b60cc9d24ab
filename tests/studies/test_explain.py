"""Why one plan won: Shapley values of games with known answers, shares that add up, and where the lead changes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.ensemble import run_ensemble
from sim.errors import InputError, Interrupted
from sim.mechanisms import GROUPS, MECHANISMS, off_values
from sim.parameters import PARAMETERS, Rates
from sim.results.comparison import Comparison, compare_plans
from sim.results.measures import METRICS, plan_totals
from sim.results.statistics import Interval
from sim.scenario.load import Scenario, load
from sim.society.world import build_world
from sim.studies import explain_runs
from sim.studies.crossing import Axis, Crossing, search, solve
from sim.studies.explain import Explanation, explain
from sim.studies.explain_asked import Asked, asked, at_proportional_prices, explained_scenario
from sim.studies.explain_levers import levers, switch_overs
from sim.studies.explain_money import creator_fees, money_of, plan_fee, price_curve
from sim.studies.explain_runs import Question, Setting, altered, measure, niche_names
from sim.studies.shapley import PAIRS, design, drawn_orders, exact, sampled

SAMPLES = Path(__file__).parents[1] / "samples"
SMALL = SAMPLES / "small.toml"
PLANS = ("three-small", "one-big")
Value = Callable[[frozenset[int]], float]


def values(coalitions: Sequence[int], game: Value, players: int) -> np.ndarray:
    members = (frozenset(p for p in range(players) if c >> p & 1) for c in coalitions)
    return np.array([game(group) for group in members])


# --- Shapley values ----------------------------------------------------------------------------------------


def glove(group: frozenset[int]) -> float:
    """Player 0 has a left glove, 1 and 2 have right ones; a pair is worth 1."""
    return float(min(len(group & {0}), len(group & {1, 2})))


@pytest.mark.parametrize(
    ("game", "players", "expected"),
    [
        (lambda group: sum(group) + 5.0, 4, [0, 1, 2, 3]),
        (glove, 3, [2 / 3, 1 / 6, 1 / 6]),
        (lambda group: float(len(group) >= 2), 3, [1 / 3] * 3),
        (lambda group: float(0 in group and len(group) >= 2), 4, [3 / 4, 1 / 12, 1 / 12, 1 / 12]),
        (lambda group: float({0, 1} <= group), 3, [1 / 2, 1 / 2, 0]),
    ],
    ids=["additive", "gloves", "majority", "one with a veto", "two together"],
)
def test_exact_values_are_those_of_the_textbook(game: Value, players: int, expected: list[float]) -> None:
    plan = exact(players)
    v = values(plan.coalitions, game, players)
    assert plan.values(v) == pytest.approx(expected, abs=1e-12)
    assert plan.values(v).sum() == pytest.approx(v[-1] - v[0])
    assert not plan.errors(v).any()


def test_drawn_orders_add_up_and_are_exact_for_pairs_of_players() -> None:
    """An order and its reverse together see each pair both ways: no error where nothing takes three players."""
    names, players = [f"g{k}" for k in range(8)], 8
    plan = design(names, seed=1)
    assert not plan.exact
    assert (plan.coalitions[0], plan.coalitions[-1]) == (0, 2**players - 1)
    assert len(plan.coalitions) <= 2 + PAIRS * 2 * (players - 1)
    v = values(plan.coalitions, lambda group: len(group) ** 2 + 3.0 * sum(group), players)
    assert plan.values(v) == pytest.approx([8 + 3.0 * k for k in range(8)])
    assert plan.errors(v) == pytest.approx(0.0, abs=1e-9)


def test_the_error_of_drawn_orders_is_what_they_vary_by() -> None:
    """Three of seven players are worth something together: a third each."""
    names, estimates, errors = [f"g{k}" for k in range(7)], [], []
    for seed in range(300):
        plan = design(names, seed)
        v = values(plan.coalitions, lambda group: float({0, 1, 2} <= group), 7)
        assert plan.values(v).sum() == pytest.approx(1.0)
        estimates.append(plan.values(v)[0])
        errors.append(plan.errors(v)[0])
    assert np.mean(estimates) == pytest.approx(1 / 3, abs=0.01)
    assert math.sqrt(np.mean(np.square(errors))) == pytest.approx(np.std(estimates), rel=0.15)


def test_another_player_leaves_the_order_of_the_others() -> None:
    few, more = drawn_orders(["a", "b", "c"], 20, 3), drawn_orders(["a", "x", "b", "c"], 20, 3)
    kept = [[{0: 0, 2: 1, 3: 2}[player] for player in order if player != 1] for order in more]
    assert kept == few
    assert len({tuple(order) for order in few}) > 3
    assert sampled([[0, 1, 2]]).coalitions == (0, 1, 3, 4, 6, 7)


def test_up_to_six_groups_are_played_in_every_combination() -> None:
    assert len(design(list("abcdef"), 1).coalitions) == 64
    assert design(list("abcdef"), 1).exact
    assert not design(list("abcdefg"), 1).exact


# --- where a difference changes its sign -------------------------------------------------------------------


def around(mean: float, half: float = 1.0) -> Interval:
    return Interval(mean, mean - half, mean + half, None, None)


def found(axis: Axis, difference: Callable[[float], Interval]) -> Crossing:
    return solve(axis, difference, steps=4)


def test_a_line_crosses_where_it_does() -> None:
    crossing = found(Axis(2.0, 0.0, 10.0), lambda x: around(2.0 * (7.0 - x)))
    assert (crossing.value, crossing.low, crossing.high) == (pytest.approx(7.0), pytest.approx(6.5), pytest.approx(7.5))
    assert crossing.above
    assert crossing.evaluations <= 9


def test_a_curve_on_a_logarithmic_axis_is_met_in_few_evaluations() -> None:
    crossing = found(Axis(1e-3, 1e-6, 1.0, log=True), lambda x: around(x / (x + 2e-5) - 0.5, 0.05))
    assert crossing.value == pytest.approx(2e-5, rel=0.1)
    assert crossing.above is False
    assert crossing.evaluations <= 9


def test_the_nearest_crossing_is_given_and_none_where_there_is_none() -> None:
    both = found(Axis(5.0, 0.0, 10.0), lambda x: around((x - 1.0) * (9.5 - x), 0.1))
    assert both.value == pytest.approx(1.0, abs=0.05) or both.value == pytest.approx(9.5, abs=0.05)
    assert found(Axis(5.0, 0.0, 10.0), lambda x: around(x + 1.0)).value is None


def test_an_unsure_lead_is_open_towards_the_end_of_the_range() -> None:
    crossing = found(Axis(2.0, 0.0, 10.0), lambda x: around(0.5 * (9.0 - x), 2.0))
    assert crossing.value == pytest.approx(9.0)
    assert crossing.low == pytest.approx(5.0)
    assert crossing.high is None


def test_whole_steps_are_kept_to() -> None:
    allowed = tuple(1 / k for k in range(50, 0, -1))
    axis, asked_for = Axis(0.1, 0.02, 1.0, log=True, allowed=allowed), []

    def difference(share: float) -> Interval:
        asked_for.append(share)
        return around(share - 0.29, 0.01)

    assert found(axis, difference).value == pytest.approx(0.29, abs=0.003)
    assert set(asked_for) <= set(allowed)
    assert len(asked_for) == len(set(asked_for))


def test_the_current_value_is_asked_for_first() -> None:
    assert next(search(Axis(2.0, 0.0, 10.0)))[0] == 2.0


# --- groups of mechanisms ----------------------------------------------------------------------------------


def test_groups_are_made_of_mechanisms_and_say_what_off_means() -> None:
    members = [name for group in GROUPS.values() for name in group.mechanisms]
    assert set(members) <= MECHANISMS.keys()
    assert len(members) == len(set(members))
    for name, group in GROUPS.items():
        assert len(group.off) > 20
        assert off_values([name], Rates()).keys() <= PARAMETERS.keys()
        assert off_values([name], Rates()), name
    assert off_values(["trust"], replace(Rates(), trust_reference=0.33))["trust_floor"] == 0.33
    assert off_values(["fakes"], replace(Rates(), fake_share=0.2)) == {
        "fake_share": 0.2, "fake_width": 0.0, "fake_slope": 0.0}  # fmt: skip


def question(*overrides: str, path: Path = SMALL, **options: int) -> Question:
    scenario = load(path, overrides, **options)
    return asked(scenario, groups=["trust"]).question


def neutral(*kept: str) -> list[str]:
    """Every mechanism off but those whose parameters are named, appetites nearly equal."""
    off = [f"parameters.{name}={p.neutral!r}" for name, p in PARAMETERS.items()
           if p.neutral is not None and name not in kept]  # fmt: skip
    return [*off, "parameters.appetite_shape=50.0"]


def test_off_means_that_creators_and_people_are_alike() -> None:
    asked_for = question("creator.anna.fake_share=0.6", "creator.ben.quality=4.0")
    off = altered(asked_for, Setting(off=frozenset(["trust", "quality", "fakes", "relevance"])))
    world = build_world(off)
    assert world.trust == pytest.approx(off.rates.trust_reference)
    assert len(set(world.quality)) == 1
    assert world.quality[0] == pytest.approx((4.0 + 3 * 1.0) / 4)
    assert np.ptp(world.real_followers / world.followers) < 1e-12
    assert world.real_followers.sum() / world.followers.sum() == pytest.approx(1 - (0.6 + 3 * 0.3) / 4)
    assert (world.interest == 1).all()
    usual = asked_for.scenario.rates
    assert {deal.fit for plan in off.plans for deal in plan.deals} == {usual.general_affinity}
    assert off.rates.engagement_rate == pytest.approx(usual.engagement_rate * (1 + 2 * usual.cross_affinity) / 3)
    before, after = (r.rank_reference * r.engagement_rate for r in (usual, off.rates))
    assert before == pytest.approx(after)


def test_a_quality_found_from_a_measured_rate_stays_when_mechanisms_are_off() -> None:
    asked_for = question("creator.anna.engagement_rate=0.02")
    world = build_world(asked_for.scenario)
    solved = {"anna": float(world.quality[world.index_of("anna")])}
    off = altered(asked_for, Setting(off=frozenset(["trust"])), solved)
    again = build_world(off)
    assert again.quality[again.index_of("anna")] == solved["anna"]
    assert again.engagement_rate[again.index_of("anna")] != pytest.approx(0.02)


def test_niches_in_use_stay_whatever_their_number() -> None:
    scenario = load(SMALL)
    assert niche_names(scenario, 2) == ["beauty", "food"]
    assert niche_names(scenario, 3) == ["beauty", "food", "sport"]
    assert len(set(niche_names(scenario, 7))) == 7


# --- shares on the simulation ------------------------------------------------------------------------------


def explained(*overrides: str, groups: Sequence[str], metric: str | None = None, **more: Any) -> Explanation:
    what = asked(load(SMALL, overrides, replicates=3), groups=list(groups), metric=metric)
    return explain(what.question, what.metric, what.groups, workers=1, **more)


@pytest.mark.parametrize("metric", ["incremental_conversions", "roi", "reach"])
@pytest.mark.full
def test_shares_add_up_to_the_difference_that_compare_finds(metric: str) -> None:
    explanation = explained(groups=["trust", "feed"], metric=metric)
    parts = [share.interval.mean for share in explanation.shares]
    assert sum(parts) + explanation.remainder.mean == pytest.approx(explanation.difference.mean, rel=1e-9)
    row = explanation.comparison.difference(*PLANS, metric)
    assert explanation.difference.mean == pytest.approx(row.mean, rel=1e-9)
    assert (explanation.difference.low, explanation.difference.high) == (
        pytest.approx(row.low, rel=1e-6), pytest.approx(row.high, rel=1e-6))  # fmt: skip
    assert all(part != 0 for part in parts)
    assert (explanation.exact, explanation.combinations) == (True, 4)


def test_one_group_alone_gets_all_that_the_others_cannot_have() -> None:
    """With trust the only mechanism on, the other groups get nothing at all."""
    alone = [*neutral("trust_gain"), "parameters.answers_a_day=3"]
    explanation = explained(*alone, groups=["trust", "feed", "word", "quality"], metric="engagements")
    others = [share.interval.mean for share in explanation.shares if share.group != "trust"]
    assert others == pytest.approx([0.0] * 3, abs=1e-9)
    assert explanation.share("trust").interval.mean == pytest.approx(
        explanation.difference.mean - explanation.remainder.mean)  # fmt: skip
    assert abs(explanation.share("trust").interval.mean) > 1


@pytest.mark.full
def test_price_moves_money_as_the_price_curve_says() -> None:
    """At market prices without noise: posts·c·(F/10,000)^0.85, and with price off the same to the power of 1."""
    market = [f"plan.{plan}.deals.{handle}.fee=market" for plan, handle in
              (("three-small", "anna"), ("three-small", "ben"), ("one-big", "big"))]  # fmt: skip
    market += ["parameters.price_noise=0.0", "creator.cleo.fee=18.5"]
    explanation = explained(*market, groups=["trust", "price"], metric="cost")
    small, big = ([160 * (followers / 10_000) ** power for power in (0.85, 1.0)] for followers in (1_000, 3_000))
    on, off = (2 * (2 * small[k] + 18.5 - big[k]) for k in (0, 1))
    assert explanation.difference.mean == pytest.approx(on)
    assert explanation.remainder.mean == pytest.approx(off)
    assert explanation.share("price").interval.mean == pytest.approx(on - off)
    assert explanation.share("trust").interval.mean == pytest.approx(0.0, abs=1e-9)


def test_what_is_left_unchanged_is_not_built_again_and_the_figures_are_those_of_plain_runs() -> None:
    asked_for = question(replicates=2)
    setting = Setting(off=frozenset(["overlap", "trust"]))
    together = [measure(asked_for, [setting, Setting(), Setting(niches=6)], number) for number in (0, 1)]
    for place, one in enumerate([setting, Setting(), Setting(niches=6)]):
        ensemble = run_ensemble(altered(asked_for, one), workers=1)
        for column, plan in enumerate(PLANS):
            plain = plan_totals(ensemble, plan)
            for number in (0, 1):
                row = dict(zip(together[number].names, together[number].values[place, column], strict=True))
                assert row["conversions"] == plain.of("conversions")[number]
                assert row["profit"] == plain.of("profit")[number]


@pytest.mark.full
def test_more_than_six_groups_are_explained_along_drawn_orders() -> None:
    explanation = explained(groups=list(GROUPS), metric="engagements")
    assert not explanation.exact
    assert 30 < explanation.combinations < 2 + PAIRS * 14
    total = sum(share.interval.mean for share in explanation.shares) + explanation.remainder.mean
    assert total == pytest.approx(explanation.difference.mean)
    assert explanation.share("price").interval.mean == pytest.approx(0.0, abs=1e-9)
    assert any(share.error > 0 for share in explanation.shares)


@pytest.mark.full
def test_a_stopped_explanation_is_completed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = explained(groups=["trust"], folder=tmp_path)
    kept = sorted(tmp_path.rglob("replicate-*.npz"))
    assert {path.parent.name for path in kept} >= {"as-asked", "combinations-0", "search-0"}
    (tmp_path / "combinations-0" / "replicate-00001.npz").unlink()
    played = []
    plain = explain_runs.measure
    monkeypatch.setattr(explain_runs, "measure", lambda *a: played.append(a[2]) or plain(*a))  # type: ignore[func-returns-value]
    again = explained(groups=["trust"], folder=tmp_path)
    assert played == [1]
    assert (again.shares, again.switches) == (first.shares, first.switches)


@pytest.mark.parametrize("keeps", [True, False])
def test_a_stop_says_how_much_of_the_whole_is_kept(
    keeps: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = explain_runs.measure

    def stopped(asked_for: Question, settings: Sequence[Setting], number: int) -> Any:
        if number == 1:  # of replicates 0, 2 and 1, in the order of their societies
            raise KeyboardInterrupt
        return plain(asked_for, settings, number)

    monkeypatch.setattr(explain_runs, "measure", stopped)
    kept = "7 of 9 runs are kept; the same command completes them" if keeps else "nothing was kept"
    with pytest.raises(Interrupted, match=f"^stopped; {kept}$"):
        explained(groups=["trust"], folder=tmp_path if keeps else None)


# --- what is asked -----------------------------------------------------------------------------------------


def default_groups(*overrides: str, path: Path = SMALL, metric: str | None = None) -> tuple[str, ...]:
    return found_groups(path, overrides, metric).groups


def found_groups(path: Path, overrides: Sequence[str], metric: str | None) -> Asked:
    scenario = explained_scenario(path, overrides, {})
    return asked(scenario, metric=metric, at_prices=lambda: at_proportional_prices(path, overrides, {}))


def test_the_groups_that_can_matter_are_chosen() -> None:
    six = ("trust", "relevance", "feed", "word", "overlap", "quality")
    assert default_groups() == six
    assert default_groups(metric="roi") == six
    market = default_groups("plan.one-big.deals.big.fee=market", metric="roi")
    assert market == ("trust", "relevance", "price", "feed", "word", "overlap")
    assert default_groups("plan.one-big.deals.big.fee=market", metric="reach") == six
    assert default_groups(path=SAMPLES / "campaign.toml", metric="reach")[2] == "price"  # it buys other posts
    assert "overlap" not in default_groups("parameters.appetite_shape=50.0", "parameters.audience_clumping=0.0")


def test_at_proportional_prices_a_budget_buys_something_else() -> None:
    path = SAMPLES / "campaign.toml"
    what = found_groups(path, ["parameters.price_noise=0.5"], "reach")
    assert what.question.priced is not None
    both = (what.question.scenario.plans, what.question.priced)
    bought = [sum(deal.posts for deal in plans[-1].deals) for plans in both]
    assert bought[0] != bought[1]


def test_a_budget_that_buys_nothing_at_those_prices_leaves_price_out() -> None:
    scenario = load(SMALL)

    def poor() -> Scenario:
        raise InputError("buys not one post", key="plan.split.budget")

    what = asked(scenario, at_prices=poor)
    assert "price" not in what.groups
    assert "price is left out" in what.notes[0]
    with pytest.raises(InputError, match="buys not one post"):
        asked(scenario, groups=["price"], at_prices=poor)


def test_replicates_are_few_unless_asked_for() -> None:
    name = "ten-micros-vs-one-celebrity"
    path = Path(__file__).parents[2] / "scenarios" / f"{name}.toml"
    assert explained_scenario(path, (), {}).run.replicates == 10
    assert explained_scenario(path, (), {"replicates": 20}).run.replicates == 20
    assert explained_scenario(path, ["run.replicates=15"], {}).run.replicates == 15
    assert explained_scenario(SMALL, (), {}).run.replicates == 4


@pytest.mark.parametrize(
    ("wrong", "key"),
    [({"a": "x"}, "--a"), ({"b": "one-bg"}, "--b"), ({"a": "one-big", "b": "one-big"}, "--b"),
     ({"metric": "rich"}, "--metric"), ({"groups": ["trust", "trsut"]}, "--groups"), ({"groups": []}, "--groups"),
     ({"groups": ["feed", "feed"]}, "--groups")],
)  # fmt: skip
def test_what_cannot_be_explained_is_refused(wrong: dict[str, Any], key: str) -> None:
    with pytest.raises(InputError) as error:
        asked(load(SMALL), **wrong)
    assert error.value.key == key


def test_plans_left_open_are_the_first_two_and_none_may_be_one() -> None:
    scenario = load(SMALL)
    chosen = [asked(scenario, a, b).question for a, b in ((None, None), ("one-big", None), (None, "three-small"))]
    assert [(one.a, one.b) for one in chosen] == [PLANS, PLANS[::-1], PLANS[::-1]]
    assert asked(scenario, "one-big", "none").question.scenario.booked[0].handle == "big"


# --- where the lead changes --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return compare_plans(run_ensemble(load(SMALL, replicates=8), workers=1))


def again(comparison: Comparison, *overrides: str) -> Comparison:
    scenario = comparison.ensemble.scenario
    return compare_plans(run_ensemble(load(SMALL, overrides, replicates=scenario.run.replicates), workers=1))


def test_at_the_tie_fee_both_plans_have_the_same_profit_and_return(comparison: Comparison) -> None:
    small, big = (money_of(comparison, plan) for plan in PLANS)
    fee, profit, roi = plan_fee(big, small, comparison.ensemble.worlds) or (0.0, None, None)
    assert fee == pytest.approx(58.5)
    assert profit is not None
    tied = again(comparison, f"plan.one-big.deals.big.fee={profit.mean!r}")
    first, second = (tied.totals[plan].of("profit").mean() for plan in PLANS)
    assert first == pytest.approx(second, rel=1e-9)
    assert roi is not None
    tied = again(comparison, f"plan.one-big.deals.big.fee={roi.mean!r}")
    figures = [tied.totals[plan].of("profit").sum() / tied.totals[plan].of("cost").sum() for plan in PLANS]
    assert figures[0] == pytest.approx(figures[1], rel=1e-9)


def test_at_the_break_even_fees_a_plan_earns_just_its_cost(comparison: Comparison) -> None:
    money = [money_of(comparison, plan) for plan in PLANS]
    fees = {one.creator: one for one in creator_fees(*money, comparison.ensemble.worlds)}
    assert fees["cleo"].fee == pytest.approx(18.5)
    told = {handle: one.break_even.mean for handle, one in fees.items() if one.break_even is not None}
    assert told.keys() == {"anna", "ben", "cleo", "big"}
    changed = [f"plan.three-small.deals.{handle}.fee={told[handle]!r}" for handle in ("anna", "ben", "cleo")]
    paid = again(comparison, *changed)
    assert paid.totals["three-small"].of("profit").mean() == pytest.approx(0.0, abs=1e-6)


def test_gifts_commission_and_codes_are_no_fees() -> None:
    deal = "plan.one-big.deals.big"
    extras = [f"{deal}.gift=30.0", f"{deal}.commission=0.2", f"{deal}.code=0.1"]
    dear = compare_plans(run_ensemble(load(SMALL, extras, replicates=2), workers=1))
    money = money_of(dear, "one-big")
    assert money.fees == pytest.approx(np.full((2, 1), 117.0))
    assert (money.other > 30.0).all()
    assert money.cost == pytest.approx(dear.totals["one-big"].of("cost"))


def test_the_exponent_of_the_price_curve_has_a_closed_form(comparison: Comparison) -> None:
    """Three creators of 1,000 against one of 3,000, the same posts: earned ÷ 3·1^β = earned ÷ 3^β."""
    money = [money_of(comparison, plan) for plan in PLANS]
    earned = [float(one.earned.sum()) for one in money]
    boosted = replace(money[0], earned=money[0].earned * 3**0.2 * earned[1] / earned[0])
    curve = price_curve(comparison.ensemble.scenario, boosted, money[1], comparison.ensemble.worlds)
    assert curve is not None
    assert curve[1].value == pytest.approx(0.8, abs=1e-3)


def test_no_exponent_where_prices_decide_who_posts(comparison: Comparison) -> None:
    scenario, money = comparison.ensemble.scenario, [money_of(comparison, plan) for plan in PLANS]
    picky = replace(scenario, rates=replace(scenario.rates, reservation_share=0.5))
    assert price_curve(picky, money[0], money[1], comparison.ensemble.worlds) is None


def test_the_fit_at_which_the_lead_changes_is_the_ratio_of_the_orders() -> None:
    """With clicks the only way to an order, and no floor under fit, orders go with the fit of the creators."""
    only_clicks = ["parameters.fit_floor=0.0", "parameters.visit_rate=0.0", "parameters.base_visit=0.0",
                   "parameters.persuasion=0.0", "parameters.social_proof=0.0", "parameters.talk_rate=0.0",
                   "plan.three-small.deals.cleo.fit=1.0"]  # fmt: skip
    what = asked(load(SMALL, only_clicks, replicates=2), groups=["trust"])
    explanation = explain(what.question, what.metric, what.groups, workers=1)
    totals = explanation.comparison.totals
    orders = {plan: totals[plan].of("incremental_conversions").mean() for plan in PLANS}
    current = {"three-small": 1.0, "one-big": 0.5}
    expected = {one: current[one] * orders[other] / orders[one] for one, other in (PLANS, PLANS[::-1])}
    inside = {plan: fit for plan, fit in expected.items() if fit <= 1}
    assert inside
    for plan, fit in inside.items():
        (one,) = (one for one in explanation.switches if one.key == f"fit of {plan}")
        assert one.crossing.value == pytest.approx(fit, rel=0.03)
        assert one.crossing.above == (fit > current[plan])


def test_several_searches_go_on_side_by_side() -> None:
    scenario, rounds = load(SMALL), []
    chosen = [lever for lever in levers(scenario) if lever.key in ("trust_gain", "base_visit")]

    def simulated(number: int, settings: Sequence[Setting]) -> list[Interval]:
        rounds.append((number, len(settings)))
        return [around(dict(one.rates).get("trust_gain", 1.0) - 0.3, 0.1) for one in settings]

    found = {one.key: one.crossing for one in switch_overs("reach", chosen, around(0.3, 0.1), simulated)}
    assert found["trust_gain"].value == pytest.approx(0.3, abs=1e-3)
    assert found["base_visit"].value is None
    assert rounds[0] == (0, 8)
    assert len(rounds) <= 6


def test_there_is_something_to_move_in_every_scenario() -> None:
    keys = [lever.key for lever in levers(load(SMALL))]
    assert keys == ["trust_gain", "niche_share", "fit of three-small", "fit of one-big", "base_visit"]
    assert all(lever.axis.low <= lever.axis.current <= lever.axis.high for lever in levers(load(SMALL)))
    assert METRICS.keys() >= {"incremental_conversions", "roi"}


@pytest.mark.full
def test_processes_do_not_change_an_explanation() -> None:
    """Two workers find what one finds, share by share and turning point by turning point."""
    what = asked(load(SMALL, replicates=3), groups=["trust", "feed"])
    one, two = (explain(what.question, what.metric, what.groups, workers=workers) for workers in (1, 2))
    assert one.shares == two.shares
    assert one.switches == two.switches
    assert one.creators == two.creators
