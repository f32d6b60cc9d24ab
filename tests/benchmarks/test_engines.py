"""How long one plan takes on each engine: run with ``pytest tests/benchmarks --benchmark-enable -p no:xdist``."""

from __future__ import annotations

import pytest

import sim
from sim.engine.simulate import simulate


@pytest.fixture(scope="module")
def case():
    scenario = sim.load("ten-micros-vs-one-celebrity", people=20_000, days=30)
    world = sim.build_world(scenario)
    return world, sim.make_campaign(scenario, scenario.plan("ten-micros"), world), scenario.rates


@pytest.mark.benchmark(group="one plan, 20,000 people, 30 days")
def test_one_plan(benchmark, case, engine):
    world, campaign, rates = case
    simulate(world, campaign, rates, 1, engine=engine)  # compile first
    run = benchmark.pedantic(simulate, args=(world, campaign, rates, 1), kwargs={"engine": engine}, rounds=3)
    assert run.total("impressions_followed") > 1000
