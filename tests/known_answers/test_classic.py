"""The classic models against exact results, against the main engine and against what is known of real graphs."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from scipy.stats import chi2_contingency

from sim.engine.campaign import SeedPost, assemble_campaign
from sim.engine.classic import cascades
from sim.engine.network import network
from sim.engine.seeding import degree_seeds, greedy_seeds, random_seeds
from sim.engine.simulate import simulate
from sim.randomness import Stream, person_post_address, uniforms
from sim.society.graph import from_networkx, read_graph

KARATE_NODE_0 = 3.412650507452
"""Expected cascade from node 0 at p = 0.1, seed counted (exact, by dynamic programming)."""
NETHEPT = Path(__file__).parents[2].parent / "shared" / "data" / "nethept_weighted_cascade.txt.gz"

BOTH_FORMS = pytest.mark.parametrize("per_arc", [False, True], ids=["gaps", "coins"])

WEIGHTED_ARCS = [
    [(0, 1, 0.5), (1, 2, 0.4), (0, 2, 0.3), (2, 3, 0.7), (3, 1, 0.2)],
    [(0, 1, 0.6), (1, 0, 0.9), (1, 2, 0.5), (2, 3, 0.5), (3, 4, 0.5), (4, 1, 0.25), (0, 4, 0.35)],
    [(0, 2, 1.0), (2, 1, 0.0), (2, 3, 0.45), (1, 3, 0.55), (3, 4, 0.8)],
]


def graph_of(arcs, kind=nx.DiGraph):
    graph = kind()
    graph.add_nodes_from(range(1 + max(max(arc[:2]) for arc in arcs)))
    graph.add_weighted_edges_from(arcs)
    return from_networkx(graph)


def karate(model="ic", p=0.1):
    return network(from_networkx(nx.Graph(list(nx.karate_club_graph().edges()))), model, p)


def exactly(n, arcs, seeds, model):
    """Expected size by going through every live-edge graph (Kempe, Kleinberg & Tardos 2003)."""
    if model == "ic":
        choices = [[((a, b), p), (None, 1 - p)] for a, b, p in arcs]
    else:
        into = [[(a, b, p) for a, b, p in arcs if b == node] for node in range(n)]
        choices = [[((a, b), p) for a, b, p in of] + [(None, 1 - sum(p for *_, p in of))] for of in into]
    expected = 0.0
    for picks in itertools.product(*choices):
        chance = math.prod(p for _, p in picks)
        live = nx.DiGraph([arc for arc, _ in picks if arc is not None])
        live.add_nodes_from(range(n))
        active = set(seeds).union(*(nx.descendants(live, node) for node in seeds))
        expected += chance * len(active)
    return expected


def check_mean(values, expected, errors):
    error = np.std(values, ddof=1) / math.sqrt(len(values))
    assert abs(np.mean(values) - expected) <= errors * error + 1e-12


# --- exact sizes -------------------------------------------------------------------------------------------


@BOTH_FORMS
def test_karate_club(per_arc):
    check_mean(cascades(karate(), [0], 100_000, seed=1, per_arc=per_arc).sizes, KARATE_NODE_0, 3)


@pytest.mark.full
@BOTH_FORMS
def test_karate_club_closely(per_arc):
    check_mean(cascades(karate(), [0], 1_000_000, seed=2, per_arc=per_arc).sizes, KARATE_NODE_0, 3)


@BOTH_FORMS
def test_another_chance_is_told_apart(per_arc):
    sizes = cascades(karate(p=0.102), [0], 100_000, seed=1, per_arc=per_arc).sizes
    assert np.mean(sizes) - KARATE_NODE_0 > 4 * np.std(sizes) / math.sqrt(len(sizes))


@pytest.mark.parametrize("model", ["ic", "lt"])
@pytest.mark.parametrize("seeds", [[0], [0, 3]], ids=str)
@pytest.mark.parametrize("arcs", WEIGHTED_ARCS, ids=range(len(WEIGHTED_ARCS)))
def test_small_graphs_by_enumeration(arcs, seeds, model):
    graph = graph_of(arcs)
    expected = exactly(len(graph.names), arcs, seeds, model)
    check_mean(cascades(network(graph, model, "column"), seeds, 40_000, seed=3).sizes, expected, 3.5)


@BOTH_FORMS
@pytest.mark.parametrize("p", [0.05, 0.5, 0.95])
@pytest.mark.parametrize("arcs", WEIGHTED_ARCS, ids=range(len(WEIGHTED_ARCS)))
def test_one_chance_for_all_by_enumeration(arcs, p, per_arc):
    graph = graph_of(arcs)
    expected = exactly(len(graph.names), [(a, b, p) for a, b, _ in arcs], [0], "ic")
    check_mean(cascades(network(graph, "ic", p), [0], 40_000, seed=3, per_arc=per_arc).sizes, expected, 3.5)


def test_the_models_differ_where_several_persuade():
    """Two arcs of 1/2: one coin or both, 0.75, against a threshold that both together always reach."""
    arcs = [(0, 2, 0.5), (1, 2, 0.5)]
    assert exactly(3, arcs, [0, 1], "ic") == 2.75
    assert exactly(3, arcs, [0, 1], "lt") == 3.0
    assert set(cascades(network(graph_of(arcs), "lt", "weighted"), [0, 1], 500, 1).sizes) == {3}
    assert set(cascades(network(graph_of(arcs), "ic", "weighted"), [0, 1], 500, 1).sizes) == {2, 3}


@pytest.mark.parametrize(("p", "size"), [(0.0, 1), (1.0, 34)])
def test_certain_and_impossible(p, size):
    assert set(cascades(karate(p=p), [0], 20, seed=1).sizes) == {size}


# --- by gaps and by coins ----------------------------------------------------------------------------------


def frequencies(sizes):
    return np.bincount(np.minimum(sizes, 12), minlength=13)[1:]


def test_gaps_and_coins_give_the_same_distribution_of_sizes():
    """Chi-square of two samples, at the level 0.001; a chance of 0.11 for 0.1 must be told apart."""
    coins = frequencies(cascades(karate(), [0], 50_000, seed=11, per_arc=True).sizes)
    assert chi2_contingency([frequencies(cascades(karate(), [0], 50_000, seed=12).sizes), coins]).pvalue > 1e-3
    other = frequencies(cascades(karate(p=0.11), [0], 50_000, seed=12).sizes)
    assert chi2_contingency([other, coins]).pvalue < 1e-6


@pytest.mark.parametrize("p", [0.2, 0.6])
def test_gaps_and_coins_give_the_same_shapes(p):
    """Depth and virality: equal means within 4 standard errors of the difference. Parents decide the virality."""
    gaps, coins = (cascades(karate(p=p), [0], 50_000, seed=13, per_arc=per_arc) for per_arc in (False, True))
    for name in ("depths", "viralities"):
        a, b = (values[~np.isnan(values)] for values in (getattr(gaps, name) * 1.0, getattr(coins, name) * 1.0))
        assert abs(a.mean() - b.mean()) < 4 * math.hypot(a.std() / len(a) ** 0.5, b.std() / len(b) ** 0.5)
    assert gaps.sizes.tolist() != coins.sizes.tolist()


@BOTH_FORMS
def test_a_parent_is_one_of_those_who_succeed_each_with_equal_chance(per_arc):
    """0 and 1 begin and both may reach 5. With all reached, 5 is the child of 0 in half of the runs (4 errors)."""
    arcs = [(0, 2, 1.0), (0, 3, 1.0), (0, 4, 1.0), (0, 5, 1.0), (1, 5, 1.0)]
    made = cascades(network(graph_of(arcs), "ic", 0.97), [0, 1], 40_000, seed=9, per_arc=per_arc)
    viralities = made.viralities[made.sizes == 6]
    of_0, of_1 = 8 / 5, 10 / 7
    assert set(np.round(viralities, 9)) == {of_0, round(of_1, 9)}
    assert abs(np.mean(viralities > 1.5) - 0.5) < 4 * math.sqrt(0.25 / len(viralities))


def test_by_gaps_more_seeds_reach_at_least_as_many_in_every_run():
    few, more = (cascades(karate(), seeds, 2_000, seed=3).sizes for seeds in ([0], [5, 0, 33]))
    assert np.all(more >= few)
    assert np.any(more > few)


def test_a_hub_has_gaps_without_end():
    """A star with 5,000 arms at p = 0.9 needs about 1,125 blocks of draws: the binomial mean and sd."""
    star = network(graph_of([(0, k, 1.0) for k in range(1, 5_001)]), "ic", 0.9)
    sizes = cascades(star, [0], 400, seed=1).sizes - 1.0
    check_mean(sizes, 4_500, 4)
    assert np.std(sizes, ddof=1) == pytest.approx(math.sqrt(5_000 * 0.9 * 0.1), rel=0.15)


@pytest.mark.parametrize("p", [1e-300, 5e-324, 1 - 1e-16])
def test_chances_next_to_0_and_1(p):
    assert set(cascades(karate(p=p), [0], 50, seed=1).sizes) == {1 if p < 0.5 else 34}


# --- the main engine ---------------------------------------------------------------------------------------


def test_the_main_engine_gives_the_same_cascades(engine, make_society, make_world, neutral):
    """Activity 1, certain shares, peer_reach p, one seed: equal sizes, run by run."""
    edges = [arc for a, b in nx.karate_club_graph().edges for arc in ((a, b), (b, a))]
    world = make_world(make_society(34, edges))
    rates = neutral(peer_reach=0.15, share_rate=1e9, share_appeal_cap=1.0)
    campaign = assemble_campaign("seed", [], 30, rates, seeds=(SeedPost(2, 0),))
    sources = ("followed", "recommended", "reshared", "word")
    sizes = []
    for replicate in range(50):
        run = simulate(world, campaign, rates, 7, replicate, engine=engine)
        sizes.append(1 + sum(run.total(f"reached_{source}") for source in sources))
    made = cascades(karate(p=0.15), [2], 50, seed=7, per_arc=True)
    assert sizes == made.sizes.tolist()
    assert max(sizes) > 5
    assert sizes != cascades(karate(p=0.15), [2], 50, seed=8, per_arc=True).sizes.tolist()


# --- shape -------------------------------------------------------------------------------------------------


def plainly(net, seeds, p, seed, run):
    """One independent cascade in plain words: (size, depth, mean distance in the tree or nan)."""
    address, tree, level = person_post_address(seeds[0], 1), nx.Graph(), dict.fromkeys(seeds, 0)
    tree.add_nodes_from(seeds)
    depth, latest = 0, list(seeds)
    while latest:
        best = {}
        for j in latest:
            for i in net.target[net.start[j] : net.start[j + 1]].tolist():
                u = uniforms(seed, run, Stream.RESPOND, person=i, shower=j, post=address)[0][0]
                if i not in level and u < p:
                    best[i] = min(best.get(i, (2.0, -1)), (u, j))
        latest = list(best)
        depth += 1 if latest else 0
        level |= dict.fromkeys(latest, depth)
        tree.add_edges_from((i, j) for i, (_, j) in best.items())
    distances = [d for a, to in nx.all_pairs_shortest_path_length(tree) for b, d in to.items() if a != b]
    return len(level), depth, np.mean(distances) if distances else math.nan


@pytest.mark.parametrize("seeds", [[0], [5, 20]], ids=str)
def test_size_depth_and_virality_of_each_run(seeds):
    net = karate(p=0.2)
    made = cascades(net, seeds, 40, seed=5, per_arc=True)
    plain = [plainly(net, seeds, 0.2, 5, run) for run in range(40)]
    assert made.sizes.tolist() == [size for size, _, _ in plain]
    assert made.depths.tolist() == [depth for _, depth, _ in plain]
    np.testing.assert_allclose(made.viralities, [mean for _, _, mean in plain], rtol=1e-12)


@pytest.mark.parametrize("model", ["ic", "lt"])
def test_virality_of_a_chain_and_of_a_star(model):
    """Chain of n: (n + 1)/3; star of n from its centre: 2(n − 1)/n (Goel et al. 2016)."""
    chain = cascades(network(graph_of([(k, k + 1, 1.0) for k in range(9)]), model, "column"), [0], 1, 1)
    star = cascades(network(graph_of([(0, k, 1.0) for k in range(1, 10)]), model, "column"), [0], 1, 1)
    assert (chain.sizes[0], chain.depths[0]) == (10, 9)
    assert (star.sizes[0], star.depths[0]) == (10, 1)
    assert chain.viralities[0] == pytest.approx(11 / 3)
    assert star.viralities[0] == pytest.approx(2 * 9 / 10)
    alone = cascades(network(graph_of([(0, 1, 0.0)]), model, "column"), [0], 1, 1)
    assert (alone.sizes[0], alone.depths[0]) == (1, 0)
    assert math.isnan(alone.viralities[0])


FIGURES = ("sizes", "depths", "viralities")


@pytest.mark.parametrize(("model", "p"), [("ic", 0.1), ("ic", "weighted"), ("lt", "weighted")])
def test_runs_do_not_depend_on_how_they_are_cut_up(model, p):
    net = karate(model, p)
    whole = cascades(net, [0, 8], 300, seed=4)
    parts = [cascades(net, [0, 8], runs, 4, first) for first, runs in ((0, 1), (1, 99), (100, 200))]
    for name in FIGURES:
        np.testing.assert_array_equal(getattr(whole, name), np.concatenate([getattr(part, name) for part in parts]))
    assert whole.sizes.tolist() != cascades(net, [0, 8], 300, seed=5).sizes.tolist()


@pytest.mark.parametrize("workers", [2, 3, 500])
@pytest.mark.parametrize(("model", "p"), [("ic", 0.1), ("ic", "weighted"), ("lt", "weighted")])
def test_runs_do_not_depend_on_the_number_of_threads(model, p, workers):
    net, told = karate(model, p), []
    one = cascades(net, [0, 8], 400, seed=4)
    many = cascades(net, [0, 8], 400, seed=4, workers=workers, said=told.append)
    for name in FIGURES:
        np.testing.assert_array_equal(getattr(one, name), getattr(many, name))
    assert told[-1] == 400


# --- choice of seeds ---------------------------------------------------------------------------------------


def test_random_seeds_are_nested_and_depend_on_the_seed():
    net = karate()
    assert random_seeds(net, 9, 1)[:4] == random_seeds(net, 4, 1)
    assert random_seeds(net, 4, 1) != random_seeds(net, 4, 2)
    assert sorted(random_seeds(net, 34, 1)) == list(range(34))


def test_degree_seeds_of_the_karate_club():
    assert degree_seeds(karate(), 5) == [33, 0, 32, 2, 1]


@pytest.mark.parametrize("model", ["ic", "lt"])
@pytest.mark.full
def test_greedy_comes_close_to_the_best_pair(model):
    arcs = WEIGHTED_ARCS[1]
    net = network(graph_of(arcs), model, "column")
    spread = {pair: exactly(5, arcs, pair, model) for pair in itertools.combinations(range(5), 2)}
    chosen = greedy_seeds(net, 2, 1)
    single = max(range(5), key=lambda node: exactly(5, arcs, [node], model))
    assert chosen.seeds[0] == single
    second = max((pair for pair in spread if single in pair), key=spread.__getitem__)
    assert set(chosen.seeds) == set(second)
    assert 1 - 1 / math.e - 0.05 <= chosen.guarantee <= spread[second] / max(spread.values())


def test_greedy_takes_everyone_when_asked():
    assert sorted(greedy_seeds(karate(), 34, 1).seeds) == list(range(34))


@pytest.mark.full
@pytest.mark.parametrize("p", ["column", "weighted"])
@pytest.mark.parametrize(("k", "spread"), [(5, 323), (50, 1297)])
def test_greedy_on_arxiv_coauthors(k, spread, p):
    """Weighted cascade on NetHEPT: what greedy seeds are known to reach."""
    if not NETHEPT.exists():
        pytest.skip(f"real data not at hand: {NETHEPT.name}")
    net = network(read_graph(NETHEPT), "ic", p)
    sizes = cascades(net, greedy_seeds(net, k, 1).seeds, 20_000, seed=1).sizes
    assert np.mean(sizes) == pytest.approx(spread, rel=0.015)
