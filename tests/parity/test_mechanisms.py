"""Every mechanism in both engines: all at work at once, each alone at work, each alone switched off."""

from __future__ import annotations

import dataclasses

import pytest

import sim
from sim.engine.simulate import simulate
from sim.engine.staging import final_campaign
from sim.mechanisms import MECHANISMS, only, without
from sim.parameters import PARAMETERS

ON = {"price_premium": 2.0, "fake_slope": 0.05, "burnout": 0.3, "reservation_share": 0.4}
"""Values at which mechanisms act in the sample that are off there, or hardly act."""
SMALLER = ("society.people=1_000", "run.days=7")
"""For what runs once for each mechanism."""
WITHOUT_RATES = {
    "regions of sale": ("product.sold_in=['north', 'south', 'east']",),
    "segments": ("segment.young.activity=1.0", "segment.young.skepticism=1.0", "segment.young.trust=1.0"),
    "languages by region": ("market.languages=['en', 'en', 'en']",),
}
"""Mechanisms that tables of the scenario switch, and what switches them off."""


def everything(request, *overrides):
    path = request.config.rootpath / "tests/samples/everything.toml"
    return sim.load(path, *(f"parameters.{name}={value}" for name, value in ON.items()), *overrides)


def with_rates(scenario, rates):
    return dataclasses.replace(scenario, rates=rates)


def runs(scenario, plan, replicate=0):
    """Agents and kernel on one world, with the events of everybody, and the campaign."""
    world = sim.build_world(scenario, replicate=replicate)
    campaign = final_campaign(scenario, scenario.plan(plan), world, replicate)
    return campaign, *(
        simulate(world, campaign, scenario.rates, 7, replicate, range(world.n_people), engine=engine)
        for engine in ("agents", "kernel")
    )


@pytest.mark.parametrize("plan", ["none", "all-terms", "two-stages"])
@pytest.mark.parametrize("replicate", [0, pytest.param(1, marks=pytest.mark.full)])
def test_everything_at_work_at_once(plan, replicate, request):
    _, agents, kernel = runs(everything(request), plan, replicate)
    assert agents.differing(kernel) == []
    assert agents.total("repeats_drawn") > 0
    assert plan == "none" or agents.total("followers_gained") > 0


def test_two_stages_book_the_same_with_either_engine(request):
    scenario = everything(request)
    world = sim.build_world(scenario)
    agents, kernel = (
        final_campaign(scenario, scenario.plan("two-stages"), world, 0, engine) for engine in ("agents", "kernel")
    )
    assert agents.posts == kernel.posts
    assert agents.n_posts > 3


@pytest.mark.full
@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_each_mechanism_alone_at_work(mechanism, request):
    scenario = everything(request, *SMALLER)
    _, agents, kernel = runs(with_rates(scenario, only(scenario.rates, mechanism)), "all-terms")
    assert agents.differing(kernel) == []


@pytest.mark.full
@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_each_mechanism_alone_switched_off(mechanism, request):
    scenario = everything(request, *SMALLER)
    _, agents, kernel = runs(with_rates(scenario, without(scenario.rates, mechanism)), "all-terms")
    assert agents.differing(kernel) == []


@pytest.mark.parametrize("name", WITHOUT_RATES)
def test_what_tables_of_the_scenario_switch(name, request):
    _, agents, kernel = runs(everything(request, *SMALLER, *WITHOUT_RATES[name]), "all-terms")
    _, _, as_it_was = runs(everything(request, *SMALLER), "all-terms")
    assert agents.differing(kernel) == []
    assert kernel.differing(as_it_was)


def test_with_everything_switched_off_the_engines_agree(request):
    scenario = everything(request)
    _, agents, kernel = runs(with_rates(scenario, only(scenario.rates)), "all-terms")
    assert agents.differing(kernel) == []
    assert agents.total("impressions_reshared") == agents.total("impressions_word") == 0


def test_every_parameter_with_a_neutral_value_belongs_to_one_mechanism():
    listed = [name for names in MECHANISMS.values() for name in names]
    assert len(listed) == len(set(listed))
    assert set(listed) == {name for name, p in PARAMETERS.items() if p.neutral is not None}
