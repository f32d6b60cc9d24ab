"""Plans in two stages: a test, then the rest of the budget to the creators that did best in it."""

from __future__ import annotations

import dataclasses
from collections import Counter

import pytest

import sim
from sim.engine.booking import make_campaign
from sim.engine.simulate import simulate
from sim.engine.staging import final_campaign

FEES = {"anna": 20.0, "ben": 10.0, "cleo": 18.5}
"""Anna has more clicks than Ben in the test, and he more for the money."""

START = 4


@pytest.fixture
def staged(request):
    """The plan of three creators with a budget and a second stage from day 4, in one replicate."""

    def plan(budget, by="clicks", posts=3, replicate=0, days=8, keys=()):
        second = f'plan.three-small.second={{start={START}, by="{by}", posts={posts}, every=1}}'
        fixed = "plan.three-small.deals.ben.fee=10", "parameters.click_rate=0.3"
        scenario = sim.load(request.config.rootpath / "tests/samples/small.toml", second, *fixed, *keys,
                            f"plan.three-small.budget={budget}", days=days)  # fmt: skip
        return scenario, scenario.plan("three-small"), sim.build_world(scenario, replicate=replicate)

    return plan


def the_test(scenario, plan, world, replicate, engine):
    """The campaign of the test alone and its run, for as long as the plan is."""
    campaign = make_campaign(scenario, dataclasses.replace(plan, second=None), world, replicate)
    return campaign, simulate(world, campaign, scenario.rates, scenario.run.seed, replicate, engine=engine)


@pytest.mark.parametrize("by", ["clicks", "engagements"])
@pytest.mark.parametrize("budget", [120.0, 165.0, 230.0, 1000.0])
def test_the_second_stage_goes_to_those_who_did_best(engine, staged, budget, by):
    """Whole posts, up to three each, first to the creator with most clicks (engagements) for the money of 4 days."""
    scenario, plan, world = staged(budget, by)
    test, _ = the_test(scenario, plan, world, 0, engine)
    run = simulate(world, dataclasses.replace(test, days=START), scenario.rates, 7, engine=engine)
    brought = {h: run.by_creator[f"{by}_drawn"][world.index_of(h)] / (2 * fee) for h, fee in FEES.items()}
    money, bought = budget - 2 * sum(FEES.values()), Counter()
    for handle in sorted(FEES, key=brought.get, reverse=True):
        bought[handle] = min(3, int(money // FEES[handle]))
        money -= bought[handle] * FEES[handle]
    final = final_campaign(scenario, plan, world, 0, engine)
    later = [post for post in final.posts if post not in test.posts]
    assert sum(bought.values()) < 9 or budget == 1000.0
    assert Counter(world.handles[post.creator] for post in later) == +bought
    assert {post.day for post in later} <= {4, 5, 6}
    assert {post.earlier for post in later} == {1}
    assert sum(post.fee for post in final.posts) == pytest.approx(budget - money)


@pytest.mark.parametrize("replicate", [0, 1])
def test_the_days_of_the_test_come_out_the_same_whatever_follows(engine, staged, replicate):
    scenario, plan, world = staged(400.0, replicate=replicate)
    _, without = the_test(scenario, plan, world, replicate, engine)
    final = final_campaign(scenario, plan, world, replicate, engine)
    run = simulate(world, final, scenario.rates, scenario.run.seed, replicate, engine=engine)
    assert all(without.daily[name][:START].tolist() == run.daily[name][:START].tolist() for name in run.daily)
    assert run.daily["impressions_followed"][START] > without.daily["impressions_followed"][START]


@pytest.mark.parametrize("budget", [108.0, 118.5, 150.0, 177.0])
def test_what_buys_no_post_is_left_over(engine, staged, budget):
    """Fees never exceed the budget, and less than the cheapest post is left while anybody may have more."""
    scenario, plan, world = staged(budget, posts=9, days=14)
    final = final_campaign(scenario, plan, world, 0, engine)
    left = budget - sum(post.fee for post in final.posts)
    assert 0 <= left < min(FEES.values())


def test_money_for_a_second_stage_that_is_declined_goes_to_others(engine, staged):
    """Anna takes 20 a post for a gift of 20 besides; without one she may decline, but what she was to get is spent.

    60 are left after the test and the gift: two posts by Ben for 20 and two by her, else by Cleo, for 40 or 37.
    """
    keys = "creator.anna.reservation=25", "plan.three-small.deals.anna.gift=20"
    scenario, plan, world = staged(177.0, posts=2, keys=keys)
    test, _ = the_test(scenario, plan, world, 0, engine)
    assert world.index_of("anna") in test.creators
    final = final_campaign(scenario, plan, world, 0, engine)
    left = 177.0 - 20 - sum(post.fee for post in final.posts)
    assert 0 <= left < min(FEES.values())
