"""Two engines, one set of rules: every figure and event equal to the byte."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sim
from sim.engine.campaign import SeedPost
from sim.engine.kernel import simulate_compiled
from sim.engine.simulate import simulate
from sim.platforms import PRESETS
from sim.record import Event
from sim.scenario import DEFAULT_SCENARIO

BRISK = {
    "reach": 0.7, "half_life_hours": 12.0, "peer_reach": 0.3, "share_rate": 0.05, "engagement_rate": 0.3,
    "click_rate": 0.3, "conversion_rate": 0.4, "base_visit": 0.05, "visit_rate": 0.3, "persuasion": 0.4,
    "talk_rate": 0.6, "unfollow_rate": 0.3, "follow_rate": 0.5, "recommended_share": 0.5, "wear_peak": 3.0,
}  # fmt: skip
"""Rates at which every mechanism acts within a few days."""


def both(world, campaign, rates, seed=1, replicate=0, record=()):
    """The agents' run, once the kernel's is the same on one thread and on several."""
    agents = simulate(world, campaign, rates, seed, replicate, record, engine="agents")
    for threads in (1, 2, 3):
        kernel = simulate(world, campaign, rates, seed, replicate, record, engine="kernel", threads=threads)
        assert agents.differing(kernel) == [], threads
    return agents


@pytest.mark.parametrize("platform", PRESETS)
@pytest.mark.parametrize("plan", ["none", "three-small", "one-big"])
def test_every_platform(platform, plan, request):
    path = request.config.rootpath / "tests/samples/small.toml"
    scenario = sim.load(path, f"platform.preset={platform}", "run.days=12", "parameters.talk_rate=0.9")
    world = sim.build_world(scenario)
    both(world, sim.make_campaign(scenario, scenario.plan(plan), world), scenario.rates, record=range(0, 2000, 3))


def test_the_default_scenario():
    """The other built-in ones: tests/unit/test_scenarios_library.py."""
    scenario = sim.load(DEFAULT_SCENARIO, "society.people=4_000", "run.days=10")
    world = sim.build_world(scenario)
    for plan in scenario.plans:
        run = both(world, sim.make_campaign(scenario, plan, world), scenario.rates, record=range(500))
    assert run.total("impressions_followed") > 100


GRAPH = """
[society]
graph = "edges.csv"
[product]
[run]
days = 8
replicates = 2
[parameters]
share_rate = 1.0
appeal_spread = 0.0
need_share = 0.9
base_visit = 0.1
conversion_rate = 0.5
talk_rate = 0.8
[[creator]]
handle = "1"
followers = 200
[[creator]]
handle = "2"
followers = 100
[[plan]]
name = "both"
deals = [{creator = "1", posts = 2}, {creator = "2", posts = 3, every = 2, disclosed = false, fit = 0.4}]
"""


@pytest.fixture
def given_graph(tmp_path):
    arcs = np.random.default_rng(3).integers(0, 300, (6000, 2))
    (tmp_path / "edges.csv").write_text("src,dst\n" + "\n".join(f"{a},{b}" for a, b in arcs if a != b))
    (tmp_path / "graph.toml").write_text(GRAPH)
    return tmp_path / "graph.toml"


def on_given_graph(path, *overrides):
    scenario = sim.load(path, *overrides)
    world = sim.build_world(scenario)
    return both(world, sim.make_campaign(scenario, scenario.plan("both"), world), scenario.rates, record=range(200))


def test_a_given_graph(given_graph):
    run = on_given_graph(given_graph)
    assert run.total("impressions_reshared") > 50
    assert run.total("conversions_drawn") > 5
    assert {Event(kind) for kind in run.events["kind"]} >= {Event.SEE, Event.ENGAGE, Event.SHARE, Event.BUY, Event.TALK}


@pytest.mark.parametrize("platform", PRESETS)
@pytest.mark.full
def test_a_given_graph_on_every_platform(platform, given_graph):
    niches = 'market.niches=["beauty", "food"]', 'market.regions=["north", "south"]', 'product.niche="beauty"'
    run = on_given_graph(given_graph, f"platform.preset={platform}", *niches)
    assert run.total("impressions_recommended") > 0


@pytest.mark.parametrize("reading", ["society.directed=false", "society.reverse=true"])
@pytest.mark.full
def test_a_given_graph_read_another_way(reading, given_graph):
    assert on_given_graph(given_graph, reading).total("impressions_reshared") > 50


small_worlds = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 2**32 - 1),
        "n": st.integers(2, 60),
        "arcs": st.integers(0, 300),
        "creators": st.integers(1, 4),
        "niches": st.integers(1, 3),
        "days": st.integers(1, 8),
        "w": st.sampled_from([1.0, 7.5, 400.0]),
        "k": st.sampled_from([0.0, 1.0, 2.0]),
        "off": st.sets(st.sampled_from(sorted(BRISK)), max_size=3),
    }
)


def check_small_world(made, make_society, make_world, make_posts):
    rng = np.random.default_rng(made["seed"])
    n, k = made["n"], made["niches"]
    arcs = [(int(a), int(b)) for a, b in rng.integers(0, n, (made["arcs"], 2)) if a != b]
    society = make_society(
        n, arcs, k, niche=rng.integers(0, k, n).astype(np.int16), activity=rng.random(n) * 2 + 0.01,
        expressiveness=rng.lognormal(0, 1, n), skepticism=rng.random(n), need=rng.random(n) * (rng.random(n) < 0.6),
        owner=rng.random(n) < 0.1,
    )  # fmt: skip
    audiences = [np.flatnonzero(rng.random(n) < 0.5).tolist() for _ in range(made["creators"])]
    c = made["creators"]
    world = make_world(
        society, audiences, made["w"], trust=rng.random(c), quality=rng.lognormal(0, 0.6, c), fit=rng.random(c),
        niche=rng.integers(-1, k, c).astype(np.int16), interest=rng.random((k + 1, k)), product_relevance=rng.random(k),
    )  # fmt: skip
    off = {name: p.neutral for name, p in sim.PARAMETERS.items() if name in made["off"] and p.neutral is not None}
    rates = dataclasses.replace(sim.Rates(), **{**BRISK, "trust_on_purchase": made["k"], **off})
    posts = [(int(rng.integers(c)), int(day)) for day in range(made["days"])]
    seeds = (SeedPost(int(rng.integers(n)), 0), SeedPost(int(rng.integers(n)), made["days"] - 1, True))
    campaign = make_posts(
        world, rates, posts, made["days"], seeds=seeds, product_quality=0.6, disclosed=bool(rng.integers(2))
    )
    both(world, campaign, rates, made["seed"], 3, range(n))


FIXTURES = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)


@given(made=small_worlds)
@settings(FIXTURES, max_examples=50)
def test_small_worlds(made, make_society, make_world, make_posts):
    check_small_world(made, make_society, make_world, make_posts)


@pytest.mark.slow
@given(made=small_worlds)
@settings(FIXTURES, max_examples=500)
def test_many_small_worlds(made, make_society, make_world, make_posts):
    check_small_world(made, make_society, make_world, make_posts)


def test_thread_counts_give_the_same_bytes():
    scenario = sim.load("ten-micros-vs-one-celebrity", "society.people=20_000", "run.days=30")
    world = sim.build_world(scenario)
    campaign, people = sim.make_campaign(scenario, scenario.plan("ten-micros"), world), range(0, 20_000, 20)
    one, two, three = (
        simulate_compiled(world, campaign, scenario.rates, 1, 0, people, threads=threads) for threads in (1, 2, 3)
    )
    assert len(one.events) > 100
    assert one.differing(two) == []
    assert one.differing(three) == []
