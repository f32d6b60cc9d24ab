"""How long things take: run with ``pytest tests/benchmarks --benchmark-enable -p no:xdist``. No time is asserted.

Comparisons with other tools, and memory: experiments/performance.
"""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

import sim
from sim.engine.classic import Network, cascades
from sim.engine.simulate import simulate


def _case(people: int):
    scenario = sim.load("ten-micros-vs-one-celebrity", people=people, days=30)
    world = sim.build_world(scenario)
    return world, sim.make_campaign(scenario, scenario.plan("ten-micros"), world), scenario.rates


@pytest.fixture(scope="module")
def case():
    return _case(20_000)


@pytest.mark.benchmark(group="one plan, 20,000 people, 30 days")
@pytest.mark.full
def test_one_plan(benchmark, case, engine):
    world, campaign, rates = case
    simulate(world, campaign, rates, 1, engine=engine)  # compile first
    run = benchmark.pedantic(simulate, args=(world, campaign, rates, 1), kwargs={"engine": engine}, rounds=3)
    assert run.total("impressions_followed") > 1000


@pytest.mark.benchmark(group="one plan on the kernel, 100,000 people, 30 days")
def test_one_plan_on_the_kernel(benchmark):
    world, campaign, rates = _case(100_000)
    simulate(world, campaign, rates, 1)
    run = benchmark.pedantic(simulate, args=(world, campaign, rates, 1), rounds=10)
    assert run.total("impressions_followed") > 5000


@pytest.mark.benchmark(group="one independent cascade, 10,000 nodes, 200,000 arcs, p = 0.05")
@pytest.mark.full
def test_one_cascade(benchmark):
    graph = nx.to_scipy_sparse_array(nx.barabasi_albert_graph(10_000, 10, seed=1), format="csr")
    target = graph.indices.astype(np.int32)
    net = Network(graph.indptr.astype(np.int64), target, np.full(len(target), 0.05), False)
    made = benchmark.pedantic(cascades, args=(net, list(range(10)), 20, 1), rounds=5, warmup_rounds=1)
    assert 2_000 < np.median(made.sizes) < 5_000
